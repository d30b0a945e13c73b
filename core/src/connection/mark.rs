//! What an `EventSource` says of its connection, as marks among the events.
//!
//! A status overtakes events, because it goes over the tab's port and they go over the channel. An
//! `EventSource` fires `open`, `error` and its messages in one order: the marks have a place in it.

use super::Summary;
use crate::status::{ReadyState, Reason};

/// A change of an `EventSource`'s `readyState`, or one more failed attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// The connection is announced.
    Open,
    /// The connection is lost, or could not be made, and will be tried again.
    Connecting,
    /// The connection failed for good.
    Closed,
}

impl Mark {
    /// The event type that a mark travels as. A server cannot send one with a line end in it.
    pub(crate) fn event_type(self) -> &'static str {
        match self {
            Self::Open => "\nopen",
            Self::Connecting => "\nconnecting",
            Self::Closed => "\nclosed",
        }
    }

    /// Whether an event type is that of a mark.
    pub(crate) fn is_type(event_type: &str) -> bool {
        event_type.starts_with('\n')
    }

    /// What a change from one summary to the next is, seen as a change of an `EventSource`.
    pub(crate) fn of_change(before: Option<Summary>, after: Summary) -> Option<Self> {
        let was = before.map_or(ReadyState::Idle, |before| before.state);
        let failures = before.map_or(0, |before| before.attempt);
        match after.state {
            ReadyState::Open => (was != ReadyState::Open).then_some(Self::Open),
            ReadyState::Closed if after.reason == Some(Reason::Superseded) => {
                // Showing a tab brings it back.
                (was != ReadyState::Closed).then_some(Self::Connecting)
            }
            ReadyState::Closed => (was != ReadyState::Closed).then_some(Self::Closed),
            // Between attempts nothing happens that an `EventSource` would tell.
            _ => (was == ReadyState::Open || after.attempt > failures).then_some(Self::Connecting),
        }
    }
}
