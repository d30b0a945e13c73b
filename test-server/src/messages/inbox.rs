//! What was read, and how much was not.

use std::{
    collections::HashMap,
    sync::Mutex,
    time::{Duration, Instant},
};

use axum::{Json as Answer, extract::State};
use serde::{Deserialize, Serialize};

use crate::{
    auth::Identity,
    cursor::{self, Position},
    error::{ApiError, ErrorBody},
    extract::Json,
    ids::UserId,
    state::AppState,
    store::{inbox, lock},
};

const AT_ONCE: usize = 1000;
const COUNT_KEPT: Duration = Duration::from_secs(86_400);

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Read {
    #[serde(default)]
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
    let epoch = state.store.epoch();
    let end = state.hub.delivered();
    let positions = read
        .event_ids
        .iter()
        .map(|id| known(cursor::parse_position(id, epoch), end))
        .collect::<Result<Vec<_>, _>>()?;
    let up_to = match &read.up_to {
        Some(id) => Some(known(cursor::parse_position(id, epoch), end)?),
        None => None,
    };
    let marked = state
        .store
        .write(move |write| {
            let mut marked = 0;
            for position in positions {
                marked += usize::from(inbox::mark(write, me.user, position)?);
            }
            if let Some(up_to) = up_to {
                inbox::mark_up_to(write, me.user, up_to)?;
            }
            Ok(marked)
        })
        .await?;
    state.unread.forget(me.user);
    let unread = count(&state, me.user).await?;
    Ok(Answer(Marked { marked, unread }))
}

// An id of another log, or from the future, marks nothing; saying so is kinder
// than an answer of zero.
fn known(position: Option<Position>, end: Position) -> Result<Position, ApiError> {
    position
        .filter(|position| *position <= end)
        .ok_or_else(|| ApiError::invalid("invalid_event_id", "There is no event with this id."))
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
    let end = state.hub.delivered();
    let known = state.unread.get(user);
    let (known, after) = known.map_or((0, 0), |known| (known.count, known.as_of));
    if after == end && after > 0 {
        return Ok(known);
    }
    let generation = state.unread.generation();
    let more = state
        .store
        .read(move |conn| inbox::unread(conn, user, after, end))
        .await?;
    let counted = Counted {
        count: known + more,
        as_of: end,
        since: Instant::now(),
    };
    state.unread.put(user, counted, generation);
    Ok(counted.count)
}

/// Unread counts that were asked for. A count is brought up to date from where
/// the log was, and forgotten when something is read, cleared or subscribed to.
#[derive(Debug, Default)]
pub(crate) struct UnreadCounts {
    inner: Mutex<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    by_user: HashMap<UserId, Counted>,
    forgotten: u64,
}

#[derive(Clone, Copy, Debug)]
struct Counted {
    count: u64,
    as_of: Position,
    since: Instant,
}

impl UnreadCounts {
    fn get(&self, user: UserId) -> Option<Counted> {
        let counts = lock(&self.inner);
        let counted = counts.by_user.get(&user).copied();
        counted.filter(|counted| counted.since.elapsed() < COUNT_KEPT)
    }

    fn generation(&self) -> u64 {
        lock(&self.inner).forgotten
    }

    // A count that was read while something was forgotten may be too old to keep.
    fn put(&self, user: UserId, counted: Counted, generation: u64) {
        let mut counts = lock(&self.inner);
        if counts.forgotten == generation {
            counts.by_user.insert(user, counted);
        }
    }

    pub(crate) fn forget(&self, user: UserId) {
        let mut counts = lock(&self.inner);
        counts.forgotten += 1;
        counts.by_user.remove(&user);
    }

    pub(crate) fn forget_all(&self) {
        let mut counts = lock(&self.inner);
        counts.forgotten += 1;
        counts.by_user.clear();
    }
}
