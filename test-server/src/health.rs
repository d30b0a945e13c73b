//! `/metrics`, `/healthz`, `/readyz`.

use axum::{
    Json as Answer,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use crate::{
    error::{ApiError, ErrorBody},
    state::AppState,
};

/// The process answers.
#[utoipa::path(get, path = "/healthz", tag = "health", responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn healthz() -> Answer<Value> {
    Answer(json!({"status": "ok"}))
}

/// The process can do its work: it can write to its database, and hears of what
/// other servers do.
#[utoipa::path(get, path = "/readyz", tag = "health", responses((status = 200, body = serde_json::Value), (status = "4XX", body = ErrorBody), (status = "5XX", body = ErrorBody)))]
pub(crate) async fn readyz(State(state): State<AppState>) -> Result<Answer<Value>, ApiError> {
    state.store.write(|_| Ok(())).await?;
    if state.store.is_cut_off() {
        return Err(ApiError::unavailable(
            "log_unavailable",
            "The server cannot reach NATS.",
        ));
    }
    Ok(Answer(json!({"status": "ready"})))
}

/// Prometheus' text format.
#[utoipa::path(get, path = "/metrics", tag = "health", responses((status = 200, content_type = "application/openmetrics-text", body = String)))]
pub(crate) async fn metrics(State(state): State<AppState>) -> Result<Response, ApiError> {
    state.metrics.queued.set(state.hub.queued());
    let text = state.metrics.encode().map_err(ApiError::internal)?;
    let content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    Ok(([(header::CONTENT_TYPE, content_type)], text).into_response())
}
