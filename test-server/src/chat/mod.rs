//! Chats: what produces real events.

use axum::{Json as Answer, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};

use crate::{
    auth::Identity,
    error::{ApiError, ErrorBody},
    extract::{Json, Path, Query},
    ids::{ChatId, MessageId, UserId},
    state::AppState,
    store::chats::{self, Chat, Message, NewMessage},
};

const MAX_NAME: usize = 200;
const MAX_CONTENT: usize = 10_000;
const MAX_CLIENT_REF: usize = 128;
const MAX_MEMBERS: usize = 1000;
const MAX_PAGE: usize = 200;

/// A list, as every route answers it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct List<T> {
    pub(crate) data: Vec<T>,
}

/// `GET /api/chats`: the chats of whoever asks.
#[utoipa::path(get, path = "/api/chats", tag = "chat", security(("bearer" = [])), responses((status = 200, body = List<Chat>), (status = "4XX", body = ErrorBody), (status = "5XX", body = ErrorBody)))]
pub(crate) async fn list(
    State(state): State<AppState>,
    Identity(me): Identity,
) -> Result<Answer<List<Chat>>, ApiError> {
    let data = state
        .store
        .read(move |conn| chats::of_user(conn, me.user))
        .await?;
    Ok(Answer(List { data }))
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewChat {
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    #[serde(default)]
    #[schema(max_items = 1000)]
    members: Vec<UserId>,
}

/// `POST /api/chats`: whoever asks is a member too.
#[utoipa::path(post, path = "/api/chats", tag = "chat", request_body = NewChat, security(("bearer" = [])), responses((status = 201, body = Chat), (status = "4XX", body = ErrorBody), (status = "5XX", body = ErrorBody)))]
pub(crate) async fn create(
    State(state): State<AppState>,
    Identity(me): Identity,
    Json(new): Json<NewChat>,
) -> Result<(StatusCode, Answer<Chat>), ApiError> {
    check_text("name", &new.name, MAX_NAME)?;
    check_members(&new.members)?;
    let chat = state
        .store
        .change(chats::Create {
            creator: me.user,
            name: new.name,
            others: new.members,
        })
        .await?;
    Ok((StatusCode::CREATED, Answer(chat)))
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewMembers {
    #[schema(max_items = 1000)]
    members: Vec<UserId>,
}

/// `POST /api/chats/{id}/members`: any member may add others.
#[utoipa::path(post, path = "/api/chats/{id}/members", tag = "chat", params(("id" = ChatId, Path)), request_body = NewMembers, security(("bearer" = [])), responses((status = 200, body = Chat), (status = "4XX", body = ErrorBody), (status = "5XX", body = ErrorBody)))]
pub(crate) async fn add_members(
    State(state): State<AppState>,
    Identity(me): Identity,
    Path(chat): Path<ChatId>,
    Json(new): Json<NewMembers>,
) -> Result<Answer<Chat>, ApiError> {
    check_members(&new.members)?;
    let chat = state
        .store
        .change(chats::AddMembers {
            chat,
            by: me.user,
            members: new.members,
        })
        .await?;
    Ok(Answer(chat))
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageQuery {
    before: Option<MessageId>,
    /// 1 to 200; more counts as 200.
    limit: Option<usize>,
}

/// `GET /api/chats/{id}/messages`: the newest before `before`, oldest first.
#[utoipa::path(get, path = "/api/chats/{id}/messages", tag = "chat", params(("id" = ChatId, Path), PageQuery), security(("bearer" = [])), responses((status = 200, body = List<Message>), (status = "4XX", body = ErrorBody), (status = "5XX", body = ErrorBody)))]
pub(crate) async fn messages(
    State(state): State<AppState>,
    Identity(me): Identity,
    Path(chat): Path<ChatId>,
    Query(page): Query<PageQuery>,
) -> Result<Answer<List<Message>>, ApiError> {
    let limit = page.limit.unwrap_or(50).clamp(1, MAX_PAGE);
    let data = state
        .store
        .read(move |conn| {
            chats::visible(conn, chat, me.user)?;
            chats::messages(conn, chat, page.before, limit)
        })
        .await?;
    Ok(Answer(List { data }))
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PostMessage {
    #[schema(min_length = 1, max_length = 10_000)]
    content: String,
    #[schema(min_length = 1, max_length = 128)]
    client_ref: Option<String>,
}

/// `POST /api/chats/{id}/messages`: becomes `new_message` for every member.
#[utoipa::path(post, path = "/api/chats/{id}/messages", tag = "chat", params(("id" = ChatId, Path)), request_body = PostMessage, security(("bearer" = [])), responses((status = 201, body = Message), (status = "4XX", body = ErrorBody), (status = "5XX", body = ErrorBody)))]
pub(crate) async fn post(
    State(state): State<AppState>,
    Identity(me): Identity,
    Path(chat): Path<ChatId>,
    Json(new): Json<PostMessage>,
) -> Result<(StatusCode, Answer<Message>), ApiError> {
    check_text("content", &new.content, MAX_CONTENT)?;
    if let Some(client_ref) = &new.client_ref {
        check_text("client_ref", client_ref, MAX_CLIENT_REF)?;
    }
    let new = NewMessage {
        chat,
        sender: me.user,
        content: new.content,
        client_ref: new.client_ref,
    };
    let message = state.store.change(new).await?;
    Ok((StatusCode::CREATED, Answer(message)))
}

fn check_text(field: &str, text: &str, max: usize) -> Result<(), ApiError> {
    if (1..=max).contains(&text.chars().count()) && !text.contains('\0') {
        return Ok(());
    }
    let message = format!("{field} is 1 to {max} characters, none of them NUL.");
    Err(ApiError::invalid("invalid_body", message))
}

fn check_members(members: &[UserId]) -> Result<(), ApiError> {
    if members.len() <= MAX_MEMBERS {
        return Ok(());
    }
    let message = format!("At most {MAX_MEMBERS} members can be added at once.");
    Err(ApiError::invalid("invalid_body", message))
}
