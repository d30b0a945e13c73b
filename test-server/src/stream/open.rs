//! Registering a stream, and answering with it.

use std::sync::Arc;

use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, header},
    response::{IntoResponse as _, Response},
};
use futures::StreamExt as _;

use super::{Greeting, Opening, frame, session::Session, stuck};
use crate::{
    auth::Valid,
    conn::{Asked, Conn},
    cursor::{self, Sent, Unusable},
    error::ApiError,
    faults::{self, Faults},
    guard::Guard,
    ids::ChatId,
    state::AppState,
    store::{
        chats,
        connections::{self, Open},
        log::{self, Bounds},
    },
    takeover::{Opened, Pieces, Way},
};

/// What the writer knows at the moment a stream is registered.
pub(super) struct Registered {
    pub(super) guard: Guard,
    pub(super) chats: Vec<ChatId>,
    pub(super) from: Sent,
    pub(super) bounds: Bounds,
    pub(super) missing: Option<Unusable>,
}

pub(super) async fn open(
    state: AppState,
    opening: Opening,
    greeting: Greeting,
) -> Result<Response, ApiError> {
    let Opening {
        identity,
        asked,
        way,
    } = opening;
    let (faults, changes) = state.faults.next_for(identity.user);
    if let Some(response) = faults::instead(&faults) {
        return Ok(response);
    }
    let resuming = asked.last_event_id.is_some();
    let shaped = state.config.faults.then(|| faults.clone());
    let registered = register(&state, identity, asked, shaped).await?;
    if resuming {
        state.metrics.resumes.inc();
    }
    if registered.missing.is_some() {
        state.metrics.gaps.inc();
    }
    let conn = registered.guard.conn.clone();
    if state.config.faults
        && let Some(newer) = state.faults.set_since(identity.user, changes)
    {
        conn.set_faults(newer);
    }
    let limit = state.config.send_timeout;
    let session = Session::new(state, registered, identity.expires, greeting);
    let (pieces, conn): (Pieces, _) = match conn.faults() {
        Some(changes) => (Box::pin(faults::shape(conn, changes, session)), None),
        None => {
            let pieces = session.map(|frames| Ok(frame::join(frames)));
            (Box::pin(pieces), Some(conn))
        }
    };
    let body = match way {
        Way::Body => Body::from_stream(pieces),
        Way::Shared(cut) => Body::from_stream(stuck::watched(pieces, limit, cut)),
        Way::Takeover(takeover) => {
            takeover.leave(Opened { pieces, conn });
            Body::empty()
        }
    };
    Ok((headers(&faults), body).into_response())
}

fn headers(faults: &Faults) -> [(HeaderName, HeaderValue); 3] {
    [
        (header::CONTENT_TYPE, faults.content_type()),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        // nginx holds a stream back until its buffer is full, unless told so.
        (
            HeaderName::from_static("x-accel-buffering"),
            HeaderValue::from_static("no"),
        ),
    ]
}

/// Registers a stream in the order of the log's writes, so that its replay ends
/// exactly where its queue begins.
pub(super) async fn register(
    state: &AppState,
    identity: Valid,
    asked: Asked,
    faults: Option<Arc<Faults>>,
) -> Result<Registered, ApiError> {
    let slot = state
        .hub
        .take_slot(identity.user, asked.client_id.as_deref())
        .ok_or_else(full)?;
    let conn = Arc::new(Conn::new(identity.user, asked.clone(), faults));
    let open = Open {
        id: conn.id.clone(),
        server: state
            .store
            .link()
            .map_or_else(Arc::default, |link| link.server().clone()),
        user: identity.user,
        asked,
        since: conn.since,
        max_per_user: state.config.max_connections_per_user,
    };
    let epoch = state.store.epoch().clone();
    let registered = state.store.change_with(open, move |open, write| {
        let chats = chats::ids_of_user(write.conn(), conn.user)?;
        let bounds = log::bounds(write.conn(), conn.user, write.last())?;
        let asked = conn.came_with.as_deref();
        let (from, missing) = bounds.resume(asked.map(|id| cursor::parse(id, &epoch)));
        let lacks = from.low() < bounds.end && missing.is_none();
        let resumes_from = lacks.then(|| from.clone());
        connections::admit(write, conn.clone(), &open, resumes_from)?;
        Ok(Registered {
            guard: Guard::new(conn, slot),
            chats,
            from,
            bounds,
            missing,
        })
    });
    registered.await.map_err(|error| {
        if error.status.is_server_error() {
            registration_failed(&error)
        } else {
            error
        }
    })
}

fn full() -> ApiError {
    let message = "All connections are taken; try again later.";
    let mut error = ApiError::unavailable("too_many_connections", message);
    // Not all at the same moment.
    error.retry_after = Some(rand::random_range(1..=5));
    error
}

// A stream that is open but gets nothing would look healthy, so there is none.
fn registration_failed(cause: &ApiError) -> ApiError {
    let message = format!("The stream could not be registered: {}", cause.message);
    ApiError::unavailable("registration_failed", message)
}
