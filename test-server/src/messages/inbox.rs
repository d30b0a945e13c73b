//! What was read, and how much was not.

use axum::{Json as Answer, extract::State};
use serde::{Deserialize, Serialize};

use crate::{
    auth::Identity,
    cursor,
    error::{ApiError, ErrorBody},
    extract::Json,
    ids::UserId,
    state::AppState,
    store::inbox::{self, MarkRead, unknown_event},
    unread::Counted,
};

const AT_ONCE: usize = 1000;

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Read {
    #[serde(default)]
    #[schema(max_items = 1000)]
    event_ids: Vec<String>,
    /// All up to this one.
    up_to: Option<String>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct Marked {
    /// How many of `event_ids` were unread until now.
    marked: usize,
    unread: u64,
}

/// `POST /api/v1/sse/messages/read`
#[utoipa::path(post, path = "/messages/read", tag = "messages", request_body = Read, security(("bearer" = [])), responses((status = 200, body = Marked), (status = "4XX", body = ErrorBody), (status = "5XX", body = ErrorBody)))]
pub(crate) async fn read(
    State(state): State<AppState>,
    Identity(me): Identity,
    Json(read): Json<Read>,
) -> Result<Answer<Marked>, ApiError> {
    if read.event_ids.len() > AT_ONCE {
        let message = format!("At most {AT_ONCE} events can be marked at once.");
        return Err(ApiError::invalid("invalid_body", message));
    }
    let named =
        |id: &String| cursor::parse_position(id, state.store.epoch()).ok_or_else(unknown_event);
    let marked = state
        .store
        .change(MarkRead {
            user: me.user,
            events: read.event_ids.iter().map(named).collect::<Result<_, _>>()?,
            up_to: read.up_to.as_ref().map(named).transpose()?,
        })
        .await?;
    let unread = count(&state, me.user).await?;
    Ok(Answer(Marked { marked, unread }))
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct Unread {
    unread: u64,
}

/// `GET /api/v1/sse/messages/unread`
#[utoipa::path(get, path = "/messages/unread", tag = "messages", security(("bearer" = [])), responses((status = 200, body = Unread), (status = "4XX", body = ErrorBody), (status = "5XX", body = ErrorBody)))]
pub(crate) async fn unread(
    State(state): State<AppState>,
    Identity(me): Identity,
) -> Result<Answer<Unread>, ApiError> {
    let unread = count(&state, me.user).await?;
    Ok(Answer(Unread { unread }))
}

async fn count(state: &AppState, user: UserId) -> Result<u64, ApiError> {
    let (known, generation) = state.unread.get(user);
    let (known, after) = known.map_or((0, 0), |known| (known.count, known.as_of));
    // Only now, as what is known may be of a moment ago.
    let end = state.hub.committed();
    if after == end && after > 0 {
        return Ok(known);
    }
    let more = state
        .store
        .read(move |conn| inbox::unread(conn, user, after, end))
        .await?;
    let counted = Counted::now(known + more, end);
    state.unread.put(user, counted, generation);
    Ok(counted.count)
}
