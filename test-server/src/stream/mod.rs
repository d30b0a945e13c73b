//! `GET /events` and `GET /api/v1/sse/stream…`: what a client asks for.

mod clock;
mod frame;
mod open;
#[cfg(test)]
mod properties;
mod session;
mod stuck;

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, State},
    http::{HeaderMap, StatusCode, request::Parts},
    response::Response,
};
use serde::Deserialize;

use crate::{
    audience::{DEFAULT, TypeFilter},
    auth::{UrlIdentity, Valid},
    conn::Asked,
    error::{ApiError, ErrorBody},
    extract::{Path, Query},
    ids::UserId,
    state::AppState,
    takeover::Way,
};
pub(crate) use frame::{Frame, Kind};

/// Up to here JavaScript tells each whole number from the next.
const MAX_SAFE_INTEGER: i64 = 9_007_199_254_740_991;

/// What a client may say in the query, besides its token.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct StreamQuery {
    last_event_id: Option<String>,
    /// Random, kept by each browser.
    client_id: Option<String>,
    /// When the client asked, in milliseconds of Unix time. Of two streams of one
    /// `client_id` the one asked for later stays, whichever comes first.
    #[param(minimum = 0, maximum = 9007199254740991i64)]
    asked_at: Option<i64>,
    /// Event types, separated by commas.
    events: Option<String>,
    /// Must be who the token says, if it is there.
    user_id: Option<UserId>,
}

/// What the first event of a stream is called.
#[derive(Clone, Copy, Debug)]
enum Greeting {
    ConnectionConfirmed,
    Connected,
}

impl Greeting {
    fn as_str(self) -> &'static str {
        match self {
            Self::ConnectionConfirmed => "connection_confirmed",
            Self::Connected => "connected",
        }
    }
}

/// Who asks for a stream, and for what.
#[derive(Debug)]
pub(crate) struct Opening {
    identity: Valid,
    asked: Asked,
    way: Way,
}

impl FromRequestParts<AppState> for Opening {
    type Rejection = ApiError;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &AppState,
    ) -> Result<Self, Self::Rejection> {
        let UrlIdentity(identity) = UrlIdentity::from_request_parts(parts, state).await?;
        let Query(query) = Query::<StreamQuery>::from_request_parts(parts, state).await?;
        if query.user_id.is_some_and(|user| user != identity.user) {
            return Err(ApiError::new(
                StatusCode::FORBIDDEN,
                "forbidden",
                "A stream is opened for oneself only.",
            ));
        }
        let opening = Self {
            identity,
            asked: Asked {
                client_id: None,
                // What no clock says is as good as nothing, and does not fit a column.
                asked_at: query
                    .asked_at
                    .filter(|at| (0..=MAX_SAFE_INTEGER).contains(at)),
                last_event_id: last_event_id(&parts.headers, query.last_event_id),
                wanted: filter(query.events.as_deref()),
                only_group: None,
            },
            way: parts.extensions.remove().unwrap_or_default(),
        };
        match query.client_id {
            Some(id) => opening.of(id),
            None => Ok(opening),
        }
    }
}

impl Opening {
    fn of(mut self, client_id: String) -> Result<Self, ApiError> {
        check_client_id(&client_id)?;
        self.asked.client_id = Some(client_id);
        Ok(self)
    }
}

/// `GET /events`
#[utoipa::path(get, path = "/events", tag = "stream", params(StreamQuery), security(("bearer" = []), ("access_token" = []), ("ticket" = [])), responses((status = 200, content_type = "text/event-stream", body = String), (status = "4XX", body = ErrorBody), (status = "5XX", body = ErrorBody)))]
pub(crate) async fn events(
    State(state): State<AppState>,
    opening: Opening,
) -> Result<Response, ApiError> {
    open::open(state, opening, Greeting::ConnectionConfirmed).await
}

/// `GET /api/v1/sse/stream`
#[utoipa::path(get, path = "/stream", tag = "stream", params(StreamQuery), security(("bearer" = []), ("access_token" = []), ("ticket" = [])), responses((status = 200, content_type = "text/event-stream", body = String), (status = "4XX", body = ErrorBody), (status = "5XX", body = ErrorBody)))]
pub(crate) async fn any_client(
    State(state): State<AppState>,
    opening: Opening,
) -> Result<Response, ApiError> {
    open::open(state, opening, Greeting::Connected).await
}

/// `GET /api/v1/sse/stream/{id}`: with the client id in the path.
#[utoipa::path(get, path = "/stream/{id}", tag = "stream", params(("id" = String, Path), StreamQuery), security(("bearer" = []), ("access_token" = []), ("ticket" = [])), responses((status = 200, content_type = "text/event-stream", body = String), (status = "4XX", body = ErrorBody), (status = "5XX", body = ErrorBody)))]
pub(crate) async fn of_client(
    State(state): State<AppState>,
    opening: Opening,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    open::open(state, opening.of(id)?, Greeting::Connected).await
}

/// `GET /api/v1/sse/stream/{group}/{id}`: of all groups only this one, which
/// must be the user's; `default` stands for all.
#[utoipa::path(get, path = "/stream/{group}/{id}", tag = "stream", params(("group" = String, Path), ("id" = String, Path), StreamQuery), security(("bearer" = []), ("access_token" = []), ("ticket" = [])), responses((status = 200, content_type = "text/event-stream", body = String), (status = "4XX", body = ErrorBody), (status = "5XX", body = ErrorBody)))]
pub(crate) async fn of_group(
    State(state): State<AppState>,
    opening: Opening,
    Path((group, id)): Path<(String, String)>,
) -> Result<Response, ApiError> {
    let mut opening = opening.of(id)?;
    opening.asked.only_group = (group != DEFAULT).then(|| Arc::from(group));
    open::open(state, opening, Greeting::Connected).await
}

/// The id to resume from. A browser that reconnects by itself sends the header,
/// which is then newer than what is still in its URL.
fn last_event_id(headers: &HeaderMap, in_query: Option<String>) -> Option<String> {
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

fn check_client_id(id: &str) -> Result<(), ApiError> {
    if (1..=128).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_graphic()) {
        return Ok(());
    }
    Err(ApiError::new(
        StatusCode::BAD_REQUEST,
        "invalid_client_id",
        "A client id is 1 to 128 printable ASCII characters without spaces.",
    ))
}
