//! A user's groups.

use axum::{Json as Answer, extract::State};
use serde::{Deserialize, Serialize};

use super::check_group;
use crate::{
    auth::Identity,
    chat::List,
    error::{ApiError, ErrorBody},
    event,
    extract::Json,
    state::AppState,
    store::subscriptions::{self, Subscription},
};

const MAX_TYPES: usize = 50;

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Subscribe {
    #[schema(pattern = "^[A-Za-z0-9_.-]{1,64}$")]
    group: String,
    /// Only these types; all, if absent.
    #[schema(min_items = 1, max_items = 50)]
    event_types: Option<Vec<String>>,
}

/// `POST /api/v1/sse/subscribe`: also changes the types of a subscription.
#[utoipa::path(post, path = "/subscribe", tag = "groups", request_body = Subscribe, security(("bearer" = [])), responses((status = 200, body = List<Subscription>), (status = "4XX", body = ErrorBody), (status = "5XX", body = ErrorBody)))]
pub(crate) async fn subscribe(
    State(state): State<AppState>,
    Identity(me): Identity,
    Json(new): Json<Subscribe>,
) -> Result<Answer<List<Subscription>>, ApiError> {
    check_group(&new.group)?;
    if let Some(types) = &new.event_types {
        if types.is_empty() || types.len() > MAX_TYPES {
            let message = format!("event_types has 1 to {MAX_TYPES} types, or is left out");
            return Err(ApiError::invalid("invalid_body", message));
        }
        for event_type in types {
            event::check_type(event_type)
                .map_err(|message| ApiError::invalid("invalid_event_type", message))?;
        }
    }
    let data = state
        .store
        .change(subscriptions::Subscribe {
            user: me.user,
            group: new.group,
            event_types: new.event_types,
        })
        .await?;
    Ok(Answer(List { data }))
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Unsubscribe {
    #[schema(pattern = "^[A-Za-z0-9_.-]{1,64}$")]
    group: String,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct Unsubscribed {
    unsubscribed: bool,
}

/// `POST /api/v1/sse/unsubscribe`
#[utoipa::path(post, path = "/unsubscribe", tag = "groups", request_body = Unsubscribe, security(("bearer" = [])), responses((status = 200, body = Unsubscribed), (status = "4XX", body = ErrorBody), (status = "5XX", body = ErrorBody)))]
pub(crate) async fn unsubscribe(
    State(state): State<AppState>,
    Identity(me): Identity,
    Json(old): Json<Unsubscribe>,
) -> Result<Answer<Unsubscribed>, ApiError> {
    check_group(&old.group)?;
    let unsubscribed = state
        .store
        .change(subscriptions::Unsubscribe {
            user: me.user,
            group: old.group,
        })
        .await?;
    Ok(Answer(Unsubscribed { unsubscribed }))
}

/// `GET /api/v1/sse/subscriptions`
#[utoipa::path(get, path = "/subscriptions", tag = "groups", security(("bearer" = [])), responses((status = 200, body = List<Subscription>), (status = "4XX", body = ErrorBody), (status = "5XX", body = ErrorBody)))]
pub(crate) async fn list(
    State(state): State<AppState>,
    Identity(me): Identity,
) -> Result<Answer<List<Subscription>>, ApiError> {
    let data = state
        .store
        .read(move |conn| subscriptions::list(conn, me.user))
        .await?;
    Ok(Answer(List { data }))
}
