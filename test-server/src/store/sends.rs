//! Sends that a client may repeat without sending twice.

use std::{
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};

use rusqlite::{OptionalExtension, params};
use serde::{Deserialize, Serialize};

use crate::{
    audience::Audience,
    error::ApiError,
    event::Priority,
    ids::UserId,
    store::{Change, Write, log::NewEvent, users},
};

/// Sends an event, once for each key of a sender.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Send {
    pub(crate) sender: UserId,
    pub(crate) audience: Audience,
    pub(crate) event_type: String,
    pub(crate) priority: Priority,
    pub(crate) data: String,
    pub(crate) ttl: Option<Duration>,
    pub(crate) kept: Kept,
    pub(crate) once: Option<Once>,
}

/// Whether an event is for those, too, who are not there.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kept {
    InLog,
    /// Only for streams that are open; this makes its id unique.
    Not(String),
}

/// What makes a repeated send known again.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Once {
    pub(crate) key: String,
    /// Of all of the request.
    pub(crate) fingerprint: String,
}

/// What came of a send.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) event_id: String,
    pub(crate) persisted: bool,
    /// How many streams it was queued for; none if it was sent before.
    pub(crate) reached: Option<Arc<AtomicU64>>,
}

impl Change for Send {
    type Answer = Done;

    fn apply(self, write: &mut Write<'_>) -> Result<Done, ApiError> {
        if let Some(once) = &self.once
            && let Some(earlier) = find(write, self.sender, once)?
        {
            return Ok(earlier);
        }
        must_exist(write, &self.audience)?;
        let expire_at = self.ttl.map(|ttl| write.now().after(ttl));
        let new = NewEvent {
            audience: self.audience,
            event_type: self.event_type,
            priority: self.priority,
            data: self.data,
            expire_at,
        };
        let (appended, persisted) = match self.kept {
            Kept::InLog => (write.append(new)?, true),
            Kept::Not(mark) => (write.send_once(new, mark), false),
        };
        let done = Done {
            event_id: appended.event_id,
            persisted,
            reached: Some(appended.reached),
        };
        if let Some(once) = &self.once {
            keep(write, self.sender, once, &done)?;
        }
        Ok(done)
    }
}

fn must_exist(write: &Write<'_>, audience: &Audience) -> Result<(), ApiError> {
    match audience {
        Audience::User(user) if users::by_id(write.conn(), *user)?.is_none() => Err(
            ApiError::invalid("unknown_user", format!("There is no user {user}.")),
        ),
        _ => Ok(()),
    }
}

fn find(write: &Write<'_>, sender: UserId, once: &Once) -> Result<Option<Done>, ApiError> {
    let found = write
        .conn()
        .prepare_cached(
            "SELECT event_id, persisted, fingerprint FROM app_sse_send
             WHERE sender_id = ?1 AND idempotency_key = ?2",
        )?
        .query_row(params![sender, once.key], |row| {
            let earlier = Done {
                event_id: row.get(0)?,
                persisted: row.get(1)?,
                reached: None,
            };
            Ok((earlier, row.get::<_, String>(2)?))
        })
        .optional()?;
    match found {
        Some((_, of)) if of != once.fingerprint => Err(ApiError::new(
            axum::http::StatusCode::CONFLICT,
            "idempotency_mismatch",
            "This idempotency_key was used for another request.",
        )),
        found => Ok(found.map(|(earlier, _)| earlier)),
    }
}

fn keep(write: &Write<'_>, sender: UserId, once: &Once, done: &Done) -> Result<(), ApiError> {
    write
        .conn()
        .prepare_cached(
            "INSERT INTO app_sse_send
                (sender_id, idempotency_key, fingerprint, event_id, persisted, created_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            sender,
            once.key,
            once.fingerprint,
            done.event_id,
            done.persisted,
            write.now().0
        ])?;
    Ok(())
}
