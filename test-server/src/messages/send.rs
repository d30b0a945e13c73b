//! Sending an event: to a user, to a group, to everybody.

use std::{sync::atomic::Ordering, time::Duration};

use axum::{Json as Answer, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};

use super::check_group;
use crate::{
    audience::{Audience, EVERYONE},
    auth::{Admin, Identity},
    error::{ApiError, ErrorBody},
    event::{self, Priority},
    extract::Json,
    ids::UserId,
    state::AppState,
    store::sends::{self, Kept, Once},
};

const MAX_KEY: usize = 128;
/// A year, in seconds.
const MAX_TTL: u64 = 365 * 24 * 60 * 60;

/// What all kinds of sends say.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SendRequest {
    user_id: Option<UserId>,
    #[schema(pattern = "^[A-Za-z0-9_.-]{1,64}$")]
    group: Option<String>,
    #[schema(pattern = "^[A-Za-z0-9_.:-]{1,64}$")]
    event_type: String,
    #[schema(value_type = serde_json::Value)]
    data: Box<RawValue>,
    #[serde(default)]
    #[schema(value_type = u8, maximum = 2)]
    priority: Priority,
    /// Kept in the log for those who are not there.
    #[serde(default = "yes")]
    persist: bool,
    /// Seconds, from 1.
    #[schema(minimum = 1, maximum = 31_536_000)]
    ttl: Option<u64>,
    #[schema(min_length = 1, max_length = 128)]
    idempotency_key: Option<String>,
}

fn yes() -> bool {
    true
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct Sent {
    event_id: String,
    /// How many open streams it was queued for.
    delivered: u64,
    persisted: bool,
}

type Answered = Result<(StatusCode, Answer<Sent>), ApiError>;

/// `POST /api/v1/sse/send`: to oneself, or as an administrator to anyone.
#[utoipa::path(post, path = "/send", tag = "messages", request_body = SendRequest, security(("bearer" = [])), responses((status = 201, body = Sent), (status = 200, body = Sent, description = "Done before, with this idempotency_key"), (status = "4XX", body = ErrorBody), (status = "5XX", body = ErrorBody)))]
pub(crate) async fn to_user(
    State(state): State<AppState>,
    Identity(me): Identity,
    Json(body): Json<SendRequest>,
) -> Answered {
    let (Some(user), None) = (body.user_id, &body.group) else {
        let message = "user_id says whom to send to";
        return Err(ApiError::invalid("invalid_body", message));
    };
    if user != me.user {
        me.must_be_admin()?;
    }
    send(&state, me.user, Audience::User(user), body).await
}

/// `POST /api/v1/sse/send/group`
#[utoipa::path(post, path = "/send/group", tag = "messages", request_body = SendRequest, security(("bearer" = [])), responses((status = 201, body = Sent), (status = 200, body = Sent, description = "Done before, with this idempotency_key"), (status = "4XX", body = ErrorBody), (status = "5XX", body = ErrorBody)))]
pub(crate) async fn to_group(
    State(state): State<AppState>,
    Admin(me): Admin,
    Json(body): Json<SendRequest>,
) -> Answered {
    let (None, Some(group)) = (body.user_id, body.group.as_deref()) else {
        let message = "group says whom to send to";
        return Err(ApiError::invalid("invalid_body", message));
    };
    check_group(group)?;
    let audience = Audience::Group(group.into());
    send(&state, me.user, audience, body).await
}

/// `POST /api/v1/sse/broadcast`
#[utoipa::path(post, path = "/broadcast", tag = "messages", request_body = SendRequest, security(("bearer" = [])), responses((status = 201, body = Sent), (status = 200, body = Sent, description = "Done before, with this idempotency_key"), (status = "4XX", body = ErrorBody), (status = "5XX", body = ErrorBody)))]
pub(crate) async fn to_everyone(
    State(state): State<AppState>,
    Admin(me): Admin,
    Json(body): Json<SendRequest>,
) -> Answered {
    if body.user_id.is_some() || body.group.is_some() {
        let message = "a broadcast goes to everybody, without user_id or group";
        return Err(ApiError::invalid("invalid_body", message));
    }
    send(&state, me.user, Audience::Group(EVERYONE.into()), body).await
}

async fn send(state: &AppState, sender: UserId, audience: Audience, body: SendRequest) -> Answered {
    check(&body)?;
    let fingerprint = fingerprint(&audience, &body);
    let done = state
        .store
        .change(sends::Send {
            sender,
            audience,
            event_type: body.event_type,
            priority: body.priority,
            data: body.data.get().to_owned(),
            ttl: body.ttl.map(Duration::from_secs),
            kept: if body.persist {
                Kept::InLog
            } else {
                Kept::Not(format!("t{:016x}", rand::random::<u64>()))
            },
            once: body.idempotency_key.map(|key| Once { key, fingerprint }),
        })
        .await?;
    // A repeated send is answered like the first, but reaches nobody again.
    let status = match done.reached {
        Some(_) => StatusCode::CREATED,
        None => StatusCode::OK,
    };
    let sent = Sent {
        event_id: done.event_id,
        delivered: done
            .reached
            .map_or(0, |reached| reached.load(Ordering::Acquire)),
        persisted: done.persisted,
    };
    Ok((status, Answer(sent)))
}

fn check(body: &SendRequest) -> Result<(), ApiError> {
    event::check_type(&body.event_type)
        .map_err(|message| ApiError::invalid("invalid_event_type", message))?;
    if body.ttl.is_some_and(|ttl| !(1..=MAX_TTL).contains(&ttl)) {
        let message = format!("ttl is 1 to {MAX_TTL} seconds");
        return Err(ApiError::invalid("invalid_body", message));
    }
    if body.ttl.is_some() && !body.persist {
        let message = "ttl is about what is kept, so it goes with persist";
        return Err(ApiError::invalid("invalid_body", message));
    }
    let key = body.idempotency_key.as_deref();
    if key.is_some_and(|key| !(1..=MAX_KEY).contains(&key.len())) {
        let message = format!("idempotency_key is 1 to {MAX_KEY} bytes");
        return Err(ApiError::invalid("invalid_body", message));
    }
    Ok(())
}

fn fingerprint(audience: &Audience, body: &SendRequest) -> String {
    let of = format!(
        "{audience:?} {} {:?} {} {:?} {}",
        body.event_type, body.priority, body.persist, body.ttl, body.data
    );
    let digest = Sha256::digest(of.as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
