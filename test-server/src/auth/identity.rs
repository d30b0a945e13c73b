//! The identity of a request, out of its token.

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};
use serde::Deserialize;

use super::token::Valid;
use crate::{error::ApiError, extract::Query, state::AppState};

/// Whoever the `Authorization: Bearer` token names.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Identity(pub(crate) Valid);

/// The same, if they are an administrator.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Admin(pub(crate) Valid);

/// The same, for routes that a browser's `EventSource` calls: it can set no
/// header, so the token may also be `access_token` in the query, or a `ticket`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct UrlIdentity(pub(crate) Valid);

#[derive(Deserialize)]
struct TokenQuery {
    access_token: Option<String>,
    ticket: Option<String>,
}

impl FromRequestParts<AppState> for Identity {
    type Rejection = ApiError;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &AppState,
    ) -> Result<Self, Self::Rejection> {
        let token = bearer(&parts.headers)?.ok_or_else(missing)?;
        state.tokens.check(token).map(Self)
    }
}

impl FromRequestParts<AppState> for Admin {
    type Rejection = ApiError;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &AppState,
    ) -> Result<Self, Self::Rejection> {
        let Identity(identity) = Identity::from_request_parts(parts, state).await?;
        identity.must_be_admin()?;
        Ok(Self(identity))
    }
}

impl FromRequestParts<AppState> for UrlIdentity {
    type Rejection = ApiError;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &AppState,
    ) -> Result<Self, Self::Rejection> {
        if let Some(token) = bearer(&parts.headers)? {
            return state.tokens.check(token).map(Self);
        }
        let Query(query) = Query::<TokenQuery>::from_request_parts(parts, state).await?;
        if let Some(ticket) = query.ticket {
            return state.tickets.redeem(&ticket).await.map(Self);
        }
        let token = query.access_token.ok_or_else(missing)?;
        state.tokens.check(&token).map(Self)
    }
}

fn bearer(headers: &HeaderMap) -> Result<Option<&str>, ApiError> {
    let Some(value) = headers.get(header::AUTHORIZATION) else {
        return Ok(None);
    };
    let malformed = || {
        ApiError::unauthorized(
            "invalid_token",
            "Send it as `Authorization: Bearer <token>`.",
        )
    };
    let (scheme, token) = value
        .to_str()
        .ok()
        .and_then(|value| value.split_once(' '))
        .ok_or_else(malformed)?;
    if scheme.eq_ignore_ascii_case("bearer") {
        Ok(Some(token.trim()))
    } else {
        Err(malformed())
    }
}

fn missing() -> ApiError {
    ApiError::unauthorized("missing_token", "A token is needed here; log in first.")
}
