//! What can go wrong, once for the start of the process and once for a request.

use std::{io, path::PathBuf};

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;

/// Why the server could not start or go on. Its text is one sentence for a person.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}; is another server using it?")]
    Listen {
        /// What was asked for.
        address: String,
        /// What the system said.
        source: io::Error,
    },
    /// The data folder cannot be made, read or written.
    #[error("cannot use the data folder {}: {source}", path.display())]
    DataFolder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The database cannot be opened or brought up to date.
    #[error("cannot open the database {}: {source}", path.display())]
    Database {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// Another server uses the data folder.
    #[error("the data folder {} is used by another server; name another one with --data", path.display())]
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// What is in the data folder cannot go on with the log in NATS.
    #[error("{0}")]
    OtherLog(String),
    /// The log in NATS cannot be used.
    #[error("{0}")]
    Log(String),
    /// A folder to serve was named but is not there.
    #[error("--{flag} {} is not a folder that can be read", path.display())]
    Folder {
        /// The flag that named it.
        flag: &'static str,
        /// What it said.
        path: PathBuf,
    },
    /// The certificate or its key cannot be used.
    #[error("cannot use {} for TLS: {cause}", path.display())]
    Tls {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        cause: String,
    },
    /// The system refused something the process cannot do without.
    #[error("cannot start: {0}")]
    Runtime(#[from] io::Error),
}

impl StartError {
    pub(crate) fn other_log(what: &str) -> Self {
        Self::OtherLog(format!(
            "the data folder {what}; name another one with --data"
        ))
    }
}

/// The body of every refusal.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct ErrorBody {
    error: ErrorText,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
struct ErrorText {
    /// For programs; it does not change.
    code: &'static str,
    /// For people.
    message: String,
}

/// What a refusal is counted by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ErrorCode(pub(crate) &'static str);

/// A refusal, as every route answers it: `{error: {code, message}}`.
#[derive(Clone, Debug)]
pub(crate) struct ApiError {
    pub(crate) status: StatusCode,
    pub(crate) code: &'static str,
    pub(crate) message: String,
    /// Seconds, sent as `Retry-After`.
    pub(crate) retry_after: Option<u64>,
}

impl ApiError {
    pub(crate) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            retry_after: None,
        }
    }

    pub(crate) fn unauthorized(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, code, message)
    }

    pub(crate) fn invalid(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, message)
    }

    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", message)
    }

    /// The cause goes to the log, not to the client.
    pub(crate) fn internal(cause: impl std::fmt::Display) -> Self {
        tracing::error!(%cause, "request failed");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "The server failed to handle the request.",
        )
    }

    /// The cause goes to the log, not to the client.
    pub(crate) fn storage(cause: impl std::fmt::Display) -> Self {
        tracing::error!(%cause, "the database cannot be used");
        Self::unavailable(STORAGE, "The server cannot use its database now.")
    }

    pub(crate) fn is_storage(&self) -> bool {
        self.code == STORAGE
    }

    pub(crate) fn unavailable(code: &'static str, message: impl Into<String>) -> Self {
        let mut error = Self::new(StatusCode::SERVICE_UNAVAILABLE, code, message);
        error.retry_after = Some(1);
        error
    }

    pub(crate) fn shutting_down() -> Self {
        Self::unavailable("shutting_down", "The server is shutting down.")
    }
}

/// The disk is full or broken, say: another time, or another disk, it would work.
const STORAGE: &str = "storage_unavailable";

impl From<rusqlite::Error> for ApiError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode::{
            CannotOpen, DatabaseBusy, DatabaseCorrupt, DatabaseLocked, DiskFull, NotADatabase,
            OutOfMemory, PermissionDenied, ReadOnly, SystemIoFailure,
        };
        match error.sqlite_error_code() {
            Some(
                CannotOpen | DatabaseBusy | DatabaseCorrupt | DatabaseLocked | DiskFull
                | NotADatabase | OutOfMemory | PermissionDenied | ReadOnly | SystemIoFailure,
            ) => Self::storage(error),
            _ => Self::internal(error),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let body = ErrorBody {
            error: ErrorText {
                code: self.code,
                message: self.message,
            },
        };
        let mut response = (self.status, Json(body)).into_response();
        response.extensions_mut().insert(ErrorCode(self.code));
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
