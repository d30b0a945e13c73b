//! Events from other programs, routed by the subject that they came on.

use std::collections::BTreeSet;

use async_nats::jetstream::Message;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{follow::refuse, link::Link};
use crate::{
    audience::Audience,
    error::ApiError,
    event::{self, Priority},
    ids::{ChatId, UserId},
    messages::check_group,
    store::{Job, Write, chats, job as work, log::NewEvent, users},
};

/// As for the body of a request.
const MAX_BYTES: usize = 256 << 10;
const MAX_RECIPIENTS: usize = 1000;

#[derive(Debug, PartialEq)]
struct Inbound {
    event_type: String,
    to: To,
    data: String,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum To {
    Recipients(BTreeSet<UserId>),
    ChatId(ChatId),
    Group(String),
}

/// What a message comes to, at every server alike.
pub(super) fn job(link: &Link, message: &Message) -> Job {
    let inbound = match Inbound::read(&message.subject, &message.payload) {
        Ok(inbound) => inbound,
        Err(reason) => {
            refuse(link, reason, message);
            return work(|_| Ok(()), drop);
        }
    };
    let (metrics, subject) = (link.metrics.clone(), message.subject.clone());
    work(
        move |write| inbound.apply(write),
        move |result| {
            if let Err(error) = result {
                metrics.log_refused(error.code);
                tracing::warn!(reason = error.code, %subject, "a message from NATS is refused");
            }
        },
    )
}

impl Inbound {
    /// An error is the reason of the refusal.
    fn read(subject: &str, payload: &[u8]) -> Result<Self, &'static str> {
        if payload.len() > MAX_BYTES {
            return Err("too_large");
        }
        let event_type = subject.rsplit('.').next().unwrap_or_default();
        event::check_type(event_type).map_err(|_| "invalid_event_type")?;
        let mut data: Map<String, Value> =
            serde_json::from_slice(payload).map_err(|_| "malformed")?;
        // Who else gets it is no business of those who do.
        let to = if let Some(recipients) = data.remove("recipients") {
            let users: Vec<UserId> = serde_json::from_value(recipients).map_err(|_| "malformed")?;
            if users.is_empty() || users.len() > MAX_RECIPIENTS {
                return Err("invalid_recipients");
            }
            To::Recipients(users.into_iter().collect())
        } else if let Some(chat) = data.get("chat_id") {
            let chat = chat.as_i64().ok_or("malformed")?;
            To::ChatId(ChatId(chat))
        } else if let Some(group) = data.get("group") {
            let group = group.as_str().ok_or("malformed")?;
            check_group(group).map_err(|_| "invalid_group")?;
            To::Group(group.into())
        } else {
            return Err("no_audience");
        };
        Ok(Self {
            event_type: event_type.into(),
            to,
            data: Value::Object(data).to_string(),
        })
    }

    fn apply(self, write: &mut Write<'_>) -> Result<(), ApiError> {
        let audiences = match self.to {
            To::Recipients(users) => {
                let mut known = Vec::with_capacity(users.len());
                for user in users {
                    if users::by_id(write.conn(), user)?.is_some() {
                        known.push(Audience::User(user));
                    }
                }
                if known.is_empty() {
                    let message = "None of the recipients is a user.";
                    return Err(ApiError::invalid("unknown_user", message));
                }
                known
            }
            To::ChatId(chat) if !chats::exists(write.conn(), chat)? => {
                return Err(ApiError::invalid("unknown_chat", "There is no such chat."));
            }
            To::ChatId(chat) => vec![Audience::Group(chats::audience(chat))],
            To::Group(group) => vec![Audience::Group(group.into())],
        };
        for audience in audiences {
            write.append(NewEvent {
                audience,
                event_type: self.event_type.clone(),
                priority: Priority::Normal,
                data: self.data.clone(),
                expire_at: None,
            })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(subject: &str, payload: &str) -> Result<Inbound, &'static str> {
        Inbound::read(subject, payload.as_bytes())
    }

    #[test]
    fn the_last_token_names_the_type_and_the_payload_says_for_whom() {
        let inbound = read(
            "fechatter.realtime.message_received",
            r#"{"type": "message_received", "message": {"id": 1}, "recipients": [4, 3, 4]}"#,
        )
        .expect("it is read");
        assert_eq!(inbound.event_type, "message_received");
        assert_eq!(inbound.to, To::Recipients([UserId(3), UserId(4)].into()));
        assert_eq!(
            inbound.data,
            r#"{"message":{"id":1},"type":"message_received"}"#
        );
        let typing = read("fechatter.realtime.chat.typing", r#"{"chat_id": 1}"#);
        assert_eq!(typing.expect("it is read").event_type, "typing");
        let group = read("fechatter.realtime.x", r#"{"group": "news"}"#);
        assert_eq!(group.expect("it is read").to, To::Group("news".into()));
    }

    #[test]
    fn what_is_refused_says_why() {
        let large = format!(r#"{{"group": "{}"}}"#, "x".repeat(MAX_BYTES));
        for (subject, payload, reason) in [
            ("f.x", "", "malformed"),
            ("f.x", "[]", "malformed"),
            ("f.x", "{", "malformed"),
            ("f.x", "{}", "no_audience"),
            ("f.x", r#"{"recipients": []}"#, "invalid_recipients"),
            ("f.x", r#"{"recipients": 3}"#, "malformed"),
            ("f.x", r#"{"recipients": ["3"]}"#, "malformed"),
            ("f.x", r#"{"chat_id": "1"}"#, "malformed"),
            ("f.x", r#"{"group": "chat:1"}"#, "invalid_group"),
            ("f.x", r#"{"group": "*"}"#, "invalid_group"),
            ("f.ping", r#"{"group": "news"}"#, "invalid_event_type"),
            ("f.é", r#"{"group": "news"}"#, "invalid_event_type"),
            ("f.x", &large, "too_large"),
        ] {
            assert_eq!(
                read(subject, payload),
                Err(reason),
                "{subject} {payload:.40}"
            );
        }
    }
}
