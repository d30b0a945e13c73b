//! `GET /events`: opening a stream.

mod session;

use std::sync::Arc;

use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures::StreamExt as _;
use serde::Deserialize;

use crate::{
    auth::UrlIdentity,
    conn::Conn,
    cursor::{self, Sent, Unusable},
    error::ApiError,
    extract::Query,
    faults::{self, Faults},
    hub::{Effect, Guard, TypeFilter},
    ids::ChatId,
    state::AppState,
    store::{chats, log},
};
use session::Session;
pub(crate) use session::{Frame, Kind};

/// What a client may say in the query, besides its token.
#[derive(Debug, Deserialize)]
pub(crate) struct StreamQuery {
    last_event_id: Option<String>,
    /// Random, kept by each browser.
    client_id: Option<String>,
    /// Event types, separated by commas.
    events: Option<String>,
}

/// What the writer knows at the moment a stream is registered.
struct Registered {
    guard: Guard,
    chats: Vec<ChatId>,
    from: Sent,
    start: u64,
    end: u64,
    missing: Option<Unusable>,
}

/// `GET /events`
pub(crate) async fn events(
    State(state): State<AppState>,
    UrlIdentity(identity): UrlIdentity,
    Query(query): Query<StreamQuery>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    check_client_id(query.client_id.as_deref())?;
    let asked = asked(&headers, query.last_event_id);
    let faults = state.faults.next_for(identity.user);
    if let Some(response) = faults::instead(&faults) {
        return Ok(response);
    }
    let slot = state.hub.take_slot().ok_or_else(full)?;
    let conn = Arc::new(Conn::new(
        identity.user,
        query.client_id,
        asked.clone(),
        filter(query.events.as_deref()),
        faults.clone(),
    ));
    let resuming = asked.is_some();
    let epoch = state.store.epoch().clone();
    let registered = state
        .store
        .write(move |write| {
            let memberships = log::memberships(write.conn(), identity.user)?;
            let chats = chats::ids_of_user(write.conn(), identity.user)?;
            let start = log::start(write.conn())?;
            let end = write.last();
            let asked = asked.map(|id| cursor::parse(&id, &epoch));
            let (from, missing) = log::resume(asked, start, end);
            let groups = memberships
                .into_iter()
                .map(|membership| (membership.group, membership.types))
                .collect();
            write.effect(Effect::Register(conn.clone(), groups));
            Ok(Registered {
                guard: Guard::new(conn, slot),
                chats,
                from,
                start,
                end,
                missing,
            })
        })
        .await
        .map_err(|error| registration_failed(&error))?;
    state.metrics.connections.inc();
    if resuming {
        state.metrics.resumes.inc();
    }
    if registered.missing.is_some() {
        state.metrics.gaps.inc();
    }
    Ok(respond(state, registered, identity.expires, &faults))
}

fn respond(
    state: AppState,
    registered: Registered,
    expires: crate::clock::Millis,
    faults: &Faults,
) -> Response {
    let content_type = faults.content_type();
    let offers_faults = state.config.faults;
    let conn = registered.guard.conn.clone();
    let frames = session::frames(Session::new(state, registered, expires));
    let body = if offers_faults {
        Body::from_stream(faults::shape(conn, frames))
    } else {
        Body::from_stream(frames.map(|frames| Ok::<_, std::io::Error>(session::join(frames))))
    };
    let headers = [
        (header::CONTENT_TYPE, content_type),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        // nginx holds a stream back until its buffer is full, unless told so.
        (
            HeaderName::from_static("x-accel-buffering"),
            HeaderValue::from_static("no"),
        ),
    ];
    (headers, body).into_response()
}

/// The id to resume from. A browser that reconnects by itself sends the header,
/// which is then newer than what is still in its URL.
fn asked(headers: &HeaderMap, in_query: Option<String>) -> Option<String> {
    let header = headers.get("last-event-id").map(|value| {
        // Whatever is not text is malformed, and answered as such.
        value.to_str().unwrap_or("?").to_owned()
    });
    header.or(in_query).filter(|id| !id.is_empty())
}

fn filter(events: Option<&str>) -> TypeFilter {
    let types = events?
        .split(',')
        .map(str::trim)
        .filter(|event_type| !event_type.is_empty())
        .map(str::to_owned);
    Some(types.collect())
}

fn check_client_id(client_id: Option<&str>) -> Result<(), ApiError> {
    let fits = |id: &str| (1..=128).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_graphic());
    if client_id.is_none_or(fits) {
        return Ok(());
    }
    Err(ApiError::new(
        StatusCode::BAD_REQUEST,
        "invalid_client_id",
        "client_id is 1 to 128 printable ASCII characters without spaces.",
    ))
}

fn full() -> ApiError {
    let mut error = ApiError::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "too_many_connections",
        "All connections are taken; try again later.",
    );
    error.retry_after = Some(rand::random_range(1..=5));
    error
}

// A stream that is open but gets nothing would look healthy, so there is none.
fn registration_failed(cause: &ApiError) -> ApiError {
    let mut error = ApiError::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "registration_failed",
        format!("The stream could not be registered: {}", cause.message),
    );
    error.retry_after = Some(1);
    error
}
