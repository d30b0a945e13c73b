//! How a connection or a poll can fail, and what follows from it.

use crate::status::Reason;
use std::time::Duration;

/// Why the shell lost a connection, a poll or a diagnosis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The network: refused, reset, cut, not allowed by CORS.
    Network,
    /// The response ended as it should, at the server's wish.
    Ended,
    /// Another HTTP status than 200.
    Status {
        /// The status code.
        code: u16,
        /// `Retry-After`, where it could be read.
        retry_after: Option<Duration>,
    },
    /// The response is no event stream (for a poll: not the documented JSON).
    ContentType,
    /// A line or an event exceeds the parser's limit.
    TooLarge,
    /// The browser gave up for good and does not say why: worth a diagnosis.
    Unknown,
}

/// What a failure calls for.
pub(super) enum Verdict {
    Retry(Reason, Duration),
    Authenticate,
    Close(Reason),
    Diagnose,
}

impl Failure {
    /// `was_open`: whether the stream had opened before.
    pub(super) fn verdict(self, was_open: bool) -> Verdict {
        let lost = if was_open {
            Reason::Cut
        } else {
            Reason::Refused
        };
        match self {
            Self::Network => Verdict::Retry(lost, Duration::ZERO),
            Self::Ended => Verdict::Retry(Reason::Cut, Duration::ZERO),
            Self::Status { code, retry_after } => match code {
                204 => Verdict::Close(Reason::ServerClosed),
                401 | 403 => Verdict::Authenticate,
                408 | 425 | 429 => {
                    Verdict::Retry(Reason::Unavailable, retry_after.unwrap_or_default())
                }
                400..=499 => Verdict::Close(Reason::Rejected),
                _ => Verdict::Retry(Reason::Unavailable, retry_after.unwrap_or_default()),
            },
            Self::ContentType => Verdict::Retry(Reason::WrongContentType, Duration::ZERO),
            Self::TooLarge => Verdict::Retry(Reason::TooLarge, Duration::ZERO),
            Self::Unknown => Verdict::Diagnose,
        }
    }

    pub(super) fn http_status(self) -> Option<u16> {
        match self {
            Self::Status { code, .. } => Some(code),
            _ => None,
        }
    }
}
