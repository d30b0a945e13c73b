//! `/metrics`, `/healthz`, `/readyz`.

use axum::{
    Json as Answer,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use crate::{error::ApiError, state::AppState};

/// The process answers.
pub(crate) async fn healthz() -> Answer<Value> {
    Answer(json!({"status": "ok"}))
}

/// The process can do its work: it can write to its database.
pub(crate) async fn readyz(State(state): State<AppState>) -> Result<Answer<Value>, ApiError> {
    state.store.write(|_| Ok(())).await?;
    Ok(Answer(json!({"status": "ready"})))
}

/// Prometheus' text format.
pub(crate) async fn metrics(State(state): State<AppState>) -> Result<Response, ApiError> {
    let text = state.metrics.encode().map_err(ApiError::internal)?;
    let content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    Ok(([(header::CONTENT_TYPE, content_type)], text).into_response())
}
