//! What a stream counts, for the inspector and for metrics.

use crate::event::Via;
use crate::status::{ReadyState, Reason};
use crate::time::Instant;

/// What a stream has counted since its first tab joined.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Connections that were tried.
    pub attempts: u64,
    /// Events that were relayed, however they came.
    pub events: u64,
    /// The size of their data, in bytes or UTF-16 units, whichever the shell counts.
    pub units: u64,
    /// Those of the events that came by polling.
    pub polled: u64,
    /// Polls that were begun.
    pub polls: u64,
    /// Gaps that tabs were told of; each tab's counts.
    pub gaps: u64,
    /// How often a tab was asked for a fresh token.
    pub token_requests: u64,
    /// How often the stream was open again after it had not been.
    pub recoveries: u64,
    /// How long those took in all, in milliseconds.
    pub recovery_time: u64,
    /// The longest of them, in milliseconds.
    pub longest_recovery: u64,
    /// The connections that were tried after another, by what had ended that one.
    pub reconnects: Vec<(Reason, u64)>,
    troubled_since: Option<Instant>,
}

impl Counters {
    pub(super) fn connecting(&mut self, reason: Option<Reason>) {
        self.attempts += 1;
        let Some(reason) = reason else { return };
        match self.reconnects.iter_mut().find(|(of, _)| *of == reason) {
            Some((_, count)) => *count += 1,
            None => self.reconnects.push((reason, 1)),
        }
    }

    pub(super) fn event(&mut self, size: usize, via: Via) {
        self.events += 1;
        self.units += size as u64;
        if via == Via::Poll {
            self.polled += 1;
        }
    }

    /// The status changed. A stream that is open only in name, mute until now, has not recovered.
    pub(super) fn status(&mut self, now: Instant, state: ReadyState, reason: Option<Reason>) {
        match (state, reason) {
            (ReadyState::Open, None) => {
                let Some(since) = self.troubled_since.take() else {
                    return;
                };
                let took = now.since(since).as_millis() as u64;
                self.recoveries += 1;
                self.recovery_time += took;
                self.longest_recovery = self.longest_recovery.max(took);
            }
            // Nobody waits for a stream that is paused, or opens for the first time.
            (ReadyState::Idle, _) => self.troubled_since = None,
            (_, None) => {}
            _ => {
                self.troubled_since.get_or_insert(now);
            }
        }
    }
}
