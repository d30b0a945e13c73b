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
    /// The browser lost the connection and is about to open it again by itself.
    Interrupted,
}

/// What a failure calls for.
pub(super) enum Verdict {
    Retry(Reason, Duration),
    Authenticate,
    Close(Reason),
    Diagnose,
    /// The browser retries by itself.
    Await(Reason),
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
            Self::Network | Self::Interrupted => Verdict::Retry(lost, Duration::ZERO),
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

    /// As [`Self::verdict`], for a connection that is to behave as the standard says: what is not
    /// a 200 of the right type fails it for good (WHATWG HTML, section 9.2.2).
    pub(super) fn verdict_by_standard(self, was_open: bool) -> Verdict {
        match self {
            Self::Status { code, .. } => Verdict::Close(match code {
                204 => Reason::ServerClosed,
                401 | 403 => Reason::Unauthorized,
                400..=499 => Reason::Rejected,
                _ => Reason::Unavailable,
            }),
            Self::ContentType => Verdict::Close(Reason::WrongContentType),
            Self::Unknown => Verdict::Close(Reason::Rejected),
            Self::Interrupted if was_open => Verdict::Await(Reason::Cut),
            Self::Interrupted => Verdict::Await(Reason::Refused),
            Self::Network | Self::Ended | Self::TooLarge => self.verdict(was_open),
        }
    }

    pub(super) fn http_status(self) -> Option<u16> {
        match self {
            Self::Status { code, .. } => Some(code),
            _ => None,
        }
    }
}
