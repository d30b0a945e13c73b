//! Streams broken on purpose, for tests of clients. Only with `--faults`.

pub(crate) mod routes;
mod shape;
mod table;

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;

use crate::error::ApiError;
pub(crate) use shape::shape;
pub(crate) use table::FaultTable;

/// What is to go wrong with a stream. Absent means that it does not.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Faults {
    /// Open, but without a byte of body.
    pub(crate) mute: bool,
    /// Silent, but open, after so many frames (`connection_confirmed` is one).
    pub(crate) stall_after: Option<u64>,
    /// The TCP connection is closed in the middle, after so many bytes of body.
    pub(crate) cut_after_bytes: Option<u64>,
    /// The TCP connection is closed without an answer.
    pub(crate) refuse: bool,
    /// This status instead of a stream, 200 to 599 but not a redirect.
    pub(crate) status: Option<u16>,
    /// Seconds, with `status`.
    pub(crate) retry_after: Option<u64>,
    /// A stream that says it is `text/html`.
    pub(crate) wrong_content_type: bool,
    /// A 307 to this URL.
    pub(crate) redirect: Option<String>,
    /// Each event of the log is sent twice.
    pub(crate) duplicate: bool,
    /// Milliseconds before each frame.
    pub(crate) delay: Option<u64>,
    /// Bytes per second.
    pub(crate) throttle: Option<u64>,
    /// Bytes per write; cuts through lines and characters.
    pub(crate) split: Option<usize>,
    /// Held back until so many bytes are there, as a buffering proxy does.
    pub(crate) buffer: Option<usize>,
    pub(crate) no_heartbeat: bool,
    /// One event `bad_utf8` whose data is not UTF-8.
    pub(crate) bad_utf8: bool,
    /// One event `huge_event` with so many bytes of data.
    pub(crate) huge_event: Option<usize>,
}

impl Faults {
    fn check(&self) -> Result<(), ApiError> {
        let fail = |message: &str| Err(ApiError::invalid("invalid_fault", message));
        if self
            .status
            .is_some_and(|status| !(200..=599).contains(&status) || (300..400).contains(&status))
        {
            return fail("status is 200 to 599, without 3xx (see redirect)");
        }
        if self.retry_after.is_some() && self.status.is_none() {
            return fail("retry_after goes with status");
        }
        if [self.split, self.buffer].contains(&Some(0)) || self.throttle == Some(0) {
            return fail("split, buffer and throttle are at least 1");
        }
        if self.huge_event.is_some_and(|bytes| bytes > 256 << 20) {
            return fail("huge_event is at most 268435456 bytes");
        }
        if let Some(target) = &self.redirect
            && HeaderValue::from_str(target).is_err()
        {
            return fail("redirect is a URL");
        }
        Ok(())
    }

    pub(crate) fn content_type(&self) -> HeaderValue {
        HeaderValue::from_static(if self.wrong_content_type {
            "text/html; charset=utf-8"
        } else {
            "text/event-stream"
        })
    }
}

/// Marks a response that must not be sent: the connection is closed in its place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Refused;

/// What is answered in place of a stream, if anything.
pub(crate) fn instead(faults: &Faults) -> Option<Response> {
    if faults.refuse {
        let mut response = Response::new(Body::empty());
        response.extensions_mut().insert(Refused);
        return Some(response);
    }
    if let Some(target) = &faults.redirect {
        let target = HeaderValue::from_str(target).ok()?;
        let headers = [(header::LOCATION, target)];
        return Some((StatusCode::TEMPORARY_REDIRECT, headers).into_response());
    }
    let status = StatusCode::from_u16(faults.status?).ok()?;
    let mut response = if matches!(status, StatusCode::NO_CONTENT | StatusCode::RESET_CONTENT) {
        status.into_response()
    } else {
        ApiError::new(status, "fault", "This answer was asked for by a test.").into_response()
    };
    if let Some(seconds) = faults.retry_after {
        let headers = response.headers_mut();
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    Some(response)
}
