//! What the parser takes and gives: events, limits, errors.

use std::fmt;
use std::time::Duration;

use super::Data;

/// The longest reconnection time that a `retry` field can set: 2^31 - 1 ms, some 24 days.
///
/// A browser's timer wraps around beyond it and fires at once, which would turn "stay
/// away for a year" into a storm of requests.
pub const MAX_RETRY: Duration = Duration::from_millis(i32::MAX as u64);

/// One event, borrowed for the length of the call that hands it over
/// (9.2.6, "dispatch the event").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event<'a> {
    /// The `event` field, or `message` where there was none or an empty one.
    pub event_type: &'a str,
    /// The `data` fields, joined with LF.
    pub data: Data<'a>,
    /// The last event id as of this event, perhaps from an earlier one; may be empty.
    pub last_event_id: &'a str,
    /// Whether this event's own block had a valid `id` field. Only then does the id name
    /// this event and no other.
    pub has_own_id: bool,
}

/// How much of a stream may have to be held in memory. The standard sets no limit; a
/// server that never ends a line would fill the browser's memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The longest line of any kind, in bytes without its line end. Default: 16 MiB.
    pub line: usize,
    /// The longest data of one event, in bytes as sent, with its lines joined by LF.
    /// Default: 16 MiB.
    pub event: usize,
}

impl Default for Limits {
    fn default() -> Self {
        const MEBIBYTE: usize = 1 << 20;
        Self {
            line: 16 * MEBIBYTE,
            event: 16 * MEBIBYTE,
        }
    }
}

/// Why a stream cannot be read on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParseError {
    /// A line is longer than [`Limits::line`].
    LineTooLong {
        /// The limit, in bytes.
        limit: usize,
    },
    /// The data of one event is longer than [`Limits::event`].
    EventTooLong {
        /// The limit, in bytes.
        limit: usize,
    },
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LineTooLong { limit } => write!(
                f,
                "a line of the event stream is longer than {limit} bytes: let the server \
                 end its lines, or split the data over several `data:` lines, or raise the \
                 line limit"
            ),
            Self::EventTooLong { limit } => write!(
                f,
                "an event's data is longer than {limit} bytes: let the server end each \
                 event with a blank line, or send a reference to the data in its place, \
                 or raise the event limit"
            ),
        }
    }
}

impl std::error::Error for ParseError {}
