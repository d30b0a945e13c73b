//! What a connection waits for, for the inspector.

use super::{Auth, Connection, Link, Polling, State};
use crate::time::Instant;

/// What happens when a timer fires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timer {
    /// The next attempt is made.
    Retry,
    /// The attempt, or the diagnosis of one, is given up.
    ConnectTimeout,
    /// The open stream is taken for dead.
    Watchdog,
    /// The next poll is made.
    Poll,
    /// The poll under way is given up.
    PollTimeout,
    /// The page that was asked for a token is given up.
    TokenTimeout,
    /// The stream is paused: all tabs are hidden.
    Pause,
}

impl Timer {
    /// The name that pages see.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Retry => "retry",
            Self::ConnectTimeout => "connect-timeout",
            Self::Watchdog => "watchdog",
            Self::Poll => "poll",
            Self::PollTimeout => "poll-timeout",
            Self::TokenTimeout => "token-timeout",
            Self::Pause => "pause",
        }
    }
}

impl Connection {
    /// What it waits for, and until when.
    pub(crate) fn timers(&self) -> Vec<(Timer, Instant)> {
        let mut timers = Vec::new();
        match &self.state {
            State::Live { link, polling } => {
                timers.extend(link.deadline().map(|at| (link.timer(), at)));
                match polling {
                    Some(Polling::Due { at }) => timers.push((Timer::Poll, *at)),
                    Some(Polling::Asking { deadline, .. }) => {
                        timers.push((Timer::PollTimeout, *deadline));
                    }
                    None => {}
                }
            }
            State::NeedsAuth(Auth::Asking { deadline }) => {
                timers.push((Timer::TokenTimeout, *deadline));
            }
            State::NeedsAuth(Auth::Waiting { until }) => timers.push((Timer::Retry, *until)),
            State::Idle | State::Offline | State::Closed => {}
        }
        if let Some(at) = self.pause_at {
            timers.push((Timer::Pause, at));
        }
        timers
    }
}

impl Link {
    fn timer(&self) -> Timer {
        match self {
            Self::Waiting { .. } => Timer::Retry,
            Self::Connecting { .. } | Self::Diagnosing { .. } => Timer::ConnectTimeout,
            Self::Open { .. } => Timer::Watchdog,
        }
    }
}
