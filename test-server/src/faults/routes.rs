//! `/__test/…`: for tests, and only with `--faults`.

use std::sync::Arc;

use axum::{Json as Answer, extract::State, http::StatusCode};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::Faults;
use crate::{
    audience::Audience,
    error::ApiError,
    event::{self, Priority},
    extract::Json,
    ids::UserId,
    messages::admin::Connection,
    state::AppState,
    store::sends,
};

/// `POST /__test/faults`
pub(crate) async fn set(
    State(state): State<AppState>,
    Json(mut body): Json<Map<String, Value>>,
) -> Result<Answer<Value>, ApiError> {
    allowed(&state)?;
    let whose = |key| ApiError::invalid("invalid_fault", format!("{key} has the wrong type"));
    let user: Option<UserId> = field(&mut body, "user_id").map_err(|_| whose("user_id"))?;
    let connection: Option<String> =
        field(&mut body, "connection_id").map_err(|_| whose("connection_id"))?;
    let count: Option<u32> = field(&mut body, "count").map_err(|_| whose("count"))?;
    let faults = parse(body)?;

    let mut touched = 0;
    if let Some(id) = connection {
        if user.is_some() || count.is_some() {
            let message = "connection_id stands alone, without user_id or count";
            return Err(ApiError::invalid("invalid_fault", message));
        }
        let conns = state.hub.conns();
        let conn = conns
            .iter()
            .find(|conn| *conn.id.0 == *id)
            .ok_or_else(|| ApiError::not_found("There is no such connection."))?;
        conn.set_faults(faults);
        touched = 1;
    } else {
        match user {
            Some(user) => state.faults.set_user(user, faults.clone(), count),
            None => state.faults.set_all(faults.clone(), count),
        }
        // With a count it is about streams to come.
        if count.is_none() {
            for conn in state.hub.conns() {
                if user.is_none_or(|user| conn.user == user) {
                    conn.set_faults(faults.clone());
                    touched += 1;
                }
            }
        }
    }
    Ok(Answer(json!({"connections": touched})))
}

fn field<T: for<'de> Deserialize<'de>>(
    body: &mut Map<String, Value>,
    key: &str,
) -> Result<Option<T>, serde_json::Error> {
    body.remove(key).map_or(Ok(None), serde_json::from_value)
}

fn parse(body: Map<String, Value>) -> Result<Arc<Faults>, ApiError> {
    let faults: Faults = serde_json::from_value(Value::Object(body))
        .map_err(|error| ApiError::invalid("invalid_fault", error.to_string()))?;
    faults.check()?;
    Ok(Arc::new(faults))
}

/// `GET /__test/connections`
pub(crate) async fn connections(State(state): State<AppState>) -> Result<Answer<Value>, ApiError> {
    allowed(&state)?;
    let mut conns = state.hub.conns();
    conns.sort_by_key(|conn| conn.opened);
    let data: Vec<_> = conns.iter().map(|conn| Connection::from(&**conn)).collect();
    Ok(Answer(json!({"data": data})))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AnyEvent {
    user_id: UserId,
    event_type: String,
    data: String,
}

/// `POST /__test/event`: any data, not only JSON.
pub(crate) async fn send(
    State(state): State<AppState>,
    Json(new): Json<AnyEvent>,
) -> Result<(StatusCode, Answer<Value>), ApiError> {
    allowed(&state)?;
    event::check_type(&new.event_type)
        .map_err(|message| ApiError::invalid("invalid_event_type", message))?;
    let done = state
        .store
        .change(sends::Send {
            sender: new.user_id,
            audience: Audience::User(new.user_id),
            event_type: new.event_type,
            priority: Priority::Normal,
            data: new.data,
            ttl: None,
            kept: sends::Kept::InLog,
            once: None,
        })
        .await?;
    let answer = json!({"event_id": done.event_id});
    Ok((StatusCode::CREATED, Answer(answer)))
}

fn allowed(state: &AppState) -> Result<(), ApiError> {
    if state.config.faults {
        return Ok(());
    }
    Err(ApiError::new(
        StatusCode::FORBIDDEN,
        "faults_disabled",
        "Start the server with --faults to use this route.",
    ))
}
