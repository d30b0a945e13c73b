//! Logging in.

use axum::{Json as Answer, extract::State};
use serde::{Deserialize, Serialize};

use super::{Identity, password, ticket::TICKET_LIFETIME};
use crate::{
    error::{ApiError, ErrorBody},
    extract::Json,
    state::AppState,
    store::users::{self, User},
};

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Credentials {
    email: String,
    password: String,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct Session {
    access_token: String,
    token_type: &'static str,
    expires_in: u64,
    user: User,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct SigninAnswer {
    data: Session,
}

/// `POST /auth/login`
#[utoipa::path(post, path = "/auth/login", tag = "auth", request_body = Credentials, responses((status = 200, body = Session), (status = "4XX", body = ErrorBody), (status = "5XX", body = ErrorBody)))]
pub(crate) async fn login(
    State(state): State<AppState>,
    Json(credentials): Json<Credentials>,
) -> Result<Answer<Session>, ApiError> {
    check(&state, credentials).await.map(Answer)
}

/// `POST /api/signin`: the same, with the answer inside `data`.
#[utoipa::path(post, path = "/api/signin", tag = "auth", request_body = Credentials, responses((status = 200, body = SigninAnswer), (status = "4XX", body = ErrorBody), (status = "5XX", body = ErrorBody)))]
pub(crate) async fn signin(
    State(state): State<AppState>,
    Json(credentials): Json<Credentials>,
) -> Result<Answer<SigninAnswer>, ApiError> {
    let data = check(&state, credentials).await?;
    Ok(Answer(SigninAnswer { data }))
}

/// `POST /auth/refresh`: a new token for one that is still valid.
#[utoipa::path(post, path = "/auth/refresh", tag = "auth", security(("bearer" = [])), responses((status = 200, body = Session), (status = "4XX", body = ErrorBody), (status = "5XX", body = ErrorBody)))]
pub(crate) async fn refresh(
    State(state): State<AppState>,
    Identity(identity): Identity,
) -> Result<Answer<Session>, ApiError> {
    let found = state
        .store
        .read(move |conn| users::by_id(conn, identity.user))
        .await?;
    let user = found.ok_or_else(|| {
        ApiError::unauthorized("invalid_token", "The token's user is no longer there.")
    })?;
    session(&state, user).map(Answer)
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct TicketAnswer {
    ticket: String,
    /// Seconds.
    expires_in: u64,
}

/// `POST /events/ticket`: opens one stream, so that no token stands in a URL.
#[utoipa::path(post, path = "/events/ticket", tag = "stream", security(("bearer" = [])), responses((status = 200, body = TicketAnswer), (status = "4XX", body = ErrorBody), (status = "5XX", body = ErrorBody)))]
pub(crate) async fn ticket(
    State(state): State<AppState>,
    Identity(identity): Identity,
) -> Result<Answer<TicketAnswer>, ApiError> {
    Ok(Answer(TicketAnswer {
        ticket: state.tickets.issue(identity).await?,
        expires_in: TICKET_LIFETIME.as_secs(),
    }))
}

async fn check(state: &AppState, credentials: Credentials) -> Result<Session, ApiError> {
    let Credentials { email, password } = credentials;
    let who = email.to_lowercase();
    state.logins.check(&who)?;
    let found = state
        .store
        .read(move |conn| users::by_email(conn, &email))
        .await?;
    // An unknown address costs as much time as a wrong password, and looks the same.
    let (user, hash) = match found {
        Some((user, hash)) => (Some(user), hash),
        None => (None, users::SEED_HASH.to_owned()),
    };
    let matches = password::matches(password, hash).await?;
    match user.filter(|_| matches) {
        Some(user) => session(state, user),
        None => {
            state.logins.failed(who);
            Err(ApiError::unauthorized(
                "invalid_credentials",
                "The e-mail address or the password is wrong.",
            ))
        }
    }
}

fn session(state: &AppState, user: User) -> Result<Session, ApiError> {
    Ok(Session {
        access_token: state.tokens.issue(&user)?,
        token_type: "Bearer",
        expires_in: state.tokens.lifetime(),
        user,
    })
}
