//! `GET /api/v1/sse/messages/pending`: the log without a stream, for polling.

use axum::{Json as Answer, extract::State};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{
    auth::UrlIdentity,
    cursor::{self, Sent},
    error::{ApiError, ErrorBody},
    event::Priority,
    extract::Query,
    ids::UserId,
    state::AppState,
    store::log::{self, Logged, Reader},
};

const MAX_PAGE: usize = 1000;

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PendingQuery {
    last_event_id: Option<String>,
    /// 0 to 1000. With 0, the answer says where the log is now.
    limit: Option<usize>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct Pending {
    pub(crate) data: Vec<PendingEvent>,
    has_more: bool,
    /// What to ask with next time.
    pub(crate) last_event_id: String,
    /// Whether everything after the id asked for is still there.
    recovered: bool,
    /// The oldest id to resume from with nothing missing behind it.
    earliest: String,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct PendingEvent {
    pub(crate) event_id: String,
    event_type: String,
    #[schema(value_type = serde_json::Value)]
    pub(crate) data: Box<RawValue>,
    #[schema(value_type = u8, maximum = 2)]
    priority: Priority,
    created_at: String,
}

/// Without an id it starts at the earliest event that is still there.
#[utoipa::path(get, path = "/messages/pending", tag = "messages", params(PendingQuery), security(("bearer" = []), ("access_token" = [])), responses((status = 200, body = Pending), (status = "4XX", body = ErrorBody), (status = "5XX", body = ErrorBody)))]
pub(crate) async fn pending(
    State(state): State<AppState>,
    UrlIdentity(me): UrlIdentity,
    Query(query): Query<PendingQuery>,
) -> Result<Answer<Pending>, ApiError> {
    let limit = query.limit.unwrap_or(100).min(MAX_PAGE);
    let asked = query.last_event_id.filter(|id| !id.is_empty());
    page(&state, me.user, asked, limit).await.map(Answer)
}

/// What is in the log for a user after the id asked for.
pub(crate) async fn page(
    state: &AppState,
    user: UserId,
    asked: Option<String>,
    limit: usize,
) -> Result<Pending, ApiError> {
    catch_up(state, asked.as_deref()).await?;
    let epoch = state.store.epoch().clone();
    let end = state.hub.committed();
    let read = state.store.read(move |conn| {
        let bounds = log::bounds(conn, user, end)?;
        let (from, missing) = match asked {
            Some(id) => bounds.resume(Some(cursor::parse(&id, &epoch))),
            None if limit == 0 => (Sent::up_to(end), None),
            None => (Sent::up_to(bounds.start), None),
        };
        let reader = Reader {
            user,
            only_group: None,
            wanted: None,
        };
        let mut sent = from;
        let mut data = Vec::new();
        // A page may be empty although the log goes on: all in it was sent.
        while data.len() < limit && sent.low() < end {
            let page = log::page(conn, &reader, &sent, end, limit - data.len())?;
            for event in page.events {
                sent.raise(event.position);
                data.push(entry(event, &epoch, &sent)?);
            }
            sent.raise(page.up_to);
        }
        Ok(Pending {
            data,
            has_more: sent.low() < end
                && !log::page(conn, &reader, &sent, end, 1)?.events.is_empty(),
            last_event_id: sent.id(&epoch, sent.low()),
            recovered: missing.is_none(),
            earliest: Sent::up_to(bounds.earliest()).id(&epoch, bounds.earliest()),
        })
    });
    read.await
}

/// An id that another server gave out a moment ago is not from the future.
async fn catch_up(state: &AppState, asked: Option<&str>) -> Result<(), ApiError> {
    let Some(link) = state.store.link() else {
        return Ok(());
    };
    let ahead = asked
        .and_then(|id| cursor::parse(id, state.store.epoch()).ok())
        .is_some_and(|sent| sent.highest() > state.hub.committed());
    if ahead || state.store.is_cut_off() {
        link.catch_up().await?;
    }
    Ok(())
}

fn entry(event: Logged, epoch: &str, sent: &Sent) -> Result<PendingEvent, ApiError> {
    Ok(PendingEvent {
        event_id: sent.id(epoch, event.position),
        event_type: event.event_type,
        data: json(event.data)?,
        priority: event.priority,
        created_at: event.created_at.rfc3339(),
    })
}

// Exactly as it stands in the stream; what is not JSON becomes a JSON string.
fn json(data: String) -> Result<Box<RawValue>, ApiError> {
    match RawValue::from_string(data.clone()) {
        Ok(value) => Ok(value),
        Err(_) => serde_json::value::to_raw_value(&data).map_err(ApiError::internal),
    }
}
