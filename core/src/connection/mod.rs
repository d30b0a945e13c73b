//! The state machine of one stream's connection: when to open, how long to wait, when to poll.
//!
//! It knows no tabs, payloads or URLs; the [`Hub`](crate::Hub) feeds it and obeys its
//! [`Effect`]s.

mod failure;
mod inputs;
mod mark;
mod timers;

pub use failure::Failure;
pub(crate) use mark::Mark;
pub use timers::Timer;

use crate::options::Options;
use crate::random::Random;
use crate::status::{ReadyState, Reason, Status};
use crate::time::Instant;
use std::time::Duration;

/// Numbers the connections and polls of a stream. Never reused, so that what a closed one still
/// says is recognised.
pub(crate) type Serial = u64;

/// How much too late a timer must fire for the machine to have slept meanwhile.
const SLEPT: Duration = Duration::from_secs(5);
/// How long a tab has to give a token.
const TOKEN_TIMEOUT: Duration = Duration::from_secs(30);
/// How long the standard's reconnection takes where the server set no time: "probably in the
/// region of a few seconds", as Chromium and WebKit have it.
const RECONNECTION_TIME: Duration = Duration::from_secs(3);

/// What the connection wants done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    Open(Serial),
    Close(Serial),
    /// Find out by a short request why the browser gave a connection up.
    Diagnose(Serial),
    Poll(Serial),
    AbortPoll(Serial),
    AskForToken,
}

/// Each variant holds its own deadlines: a stale timer cannot exist.
#[derive(Debug)]
enum State {
    Idle,
    /// A connection is wanted. While `polling` is there, the link is a probe.
    Live {
        link: Link,
        polling: Option<Polling>,
    },
    Offline,
    NeedsAuth(Auth),
    Closed,
}

#[derive(Debug)]
enum Link {
    Waiting {
        until: Instant,
    },
    Connecting {
        serial: Serial,
        /// By when it must have opened; none where the standard rules.
        deadline: Option<Instant>,
    },
    Open {
        serial: Serial,
        since: Instant,
        /// When the watchdog bites; none where the standard rules.
        deadline: Option<Instant>,
        alive: bool,
    },
    Diagnosing {
        serial: Serial,
        deadline: Instant,
    },
}

#[derive(Debug)]
enum Polling {
    Due { at: Instant },
    Asking { serial: Serial, deadline: Instant },
}

#[derive(Debug)]
enum Auth {
    Asking { deadline: Instant },
    Waiting { until: Instant },
}

/// A status without what changes by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Summary {
    pub(crate) state: ReadyState,
    attempt: u32,
    retry_at: Option<Instant>,
    pub(crate) reason: Option<Reason>,
    pub(crate) http_status: Option<u16>,
}

#[derive(Debug)]
pub(crate) struct Connection {
    options: Options,
    random: Random,
    state: State,
    /// Attempts in a row that failed.
    attempt: u32,
    reason: Option<Reason>,
    http_status: Option<u16>,
    /// The server's `retry:`.
    reconnection_time: Duration,
    online: bool,
    /// When the stream pauses, while all tabs are hidden.
    pause_at: Option<Instant>,
    /// The token came after a rejection and has not been accepted yet.
    token_is_fresh: bool,
    last_serial: Serial,
    effects: Vec<Effect>,
}

impl Connection {
    pub(crate) fn new(options: Options, random: Random, online: bool) -> Self {
        let reconnection_time = if options.standard {
            RECONNECTION_TIME
        } else {
            Duration::ZERO
        };
        Self {
            options,
            random,
            state: State::Idle,
            attempt: 0,
            reason: None,
            http_status: None,
            reconnection_time,
            online,
            pause_at: None,
            token_is_fresh: false,
            last_serial: 0,
            effects: Vec::new(),
        }
    }

    pub(crate) fn options(&self) -> &Options {
        &self.options
    }

    pub(crate) fn drain_effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

    /// The connection that is open or being opened.
    pub(crate) fn current(&self) -> Option<Serial> {
        match &self.state {
            State::Live { link, .. } => link.serial(),
            _ => None,
        }
    }

    /// The poll under way.
    pub(crate) fn current_poll(&self) -> Option<Serial> {
        match &self.state {
            State::Live {
                polling: Some(Polling::Asking { serial, .. }),
                ..
            } => Some(*serial),
            _ => None,
        }
    }

    /// What a status consists of, as far as a change of it is worth telling.
    pub(crate) fn summary(&self) -> Summary {
        Summary {
            state: self.ready_state(),
            attempt: self.attempt,
            retry_at: self.retry_at(),
            reason: self.reason,
            http_status: self.http_status,
        }
    }

    fn ready_state(&self) -> ReadyState {
        match &self.state {
            State::Idle => ReadyState::Idle,
            State::Live {
                polling: Some(_), ..
            } => ReadyState::Polling,
            State::Live { link, .. } => match link {
                Link::Waiting { .. } => ReadyState::Waiting,
                Link::Connecting { .. } | Link::Diagnosing { .. } => ReadyState::Connecting,
                Link::Open { .. } => ReadyState::Open,
            },
            State::Offline => ReadyState::Offline,
            State::NeedsAuth(_) => ReadyState::NeedsAuth,
            State::Closed => ReadyState::Closed,
        }
    }

    fn retry_at(&self) -> Option<Instant> {
        match &self.state {
            State::Live {
                link: Link::Waiting { until },
                ..
            }
            | State::NeedsAuth(Auth::Waiting { until }) => Some(*until),
            _ => None,
        }
    }

    pub(crate) fn status(&self, now: Instant, last_event_id: &str) -> Status {
        let summary = self.summary();
        let retry_in = summary.retry_at.map(|at| at.since(now).as_millis() as u64);
        Status {
            state: summary.state,
            attempt: summary.attempt,
            retry_in,
            reason: summary.reason,
            http_status: summary.http_status,
            advice: summary.reason.map(Reason::advice),
            transport: self.options.transport,
            last_event_id: last_event_id.to_owned(),
        }
    }

    /// When [`Self::handle_timeout`] has something to do.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        let own = match &self.state {
            State::Live { link, polling } => {
                let poll = polling.as_ref().map(Polling::deadline);
                poll.into_iter().chain(link.deadline()).min()
            }
            State::NeedsAuth(Auth::Asking { deadline: at } | Auth::Waiting { until: at }) => {
                Some(*at)
            }
            State::Idle | State::Offline | State::Closed => None,
        };
        own.into_iter().chain(self.pause_at).min()
    }

    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        let Some(due) = self.deadline().filter(|&due| due <= now) else {
            return;
        };
        if self.pause_at.is_some_and(|at| at <= now) {
            return self.pause();
        }
        if !self.options.standard && now.since(due) > SLEPT {
            return self.woke(now);
        }
        match &self.state {
            State::Live { link, polling } => {
                let poll_is_due = polling.as_ref().is_some_and(|poll| poll.deadline() <= now);
                if link.deadline().is_some_and(|at| at <= now) {
                    self.link_timed_out(now);
                }
                if poll_is_due {
                    self.poll_timed_out(now);
                }
            }
            State::NeedsAuth(Auth::Asking { .. }) => self.token_unavailable(now),
            State::NeedsAuth(Auth::Waiting { .. }) => self.connect(now),
            State::Idle | State::Offline | State::Closed => {}
        }
    }

    fn link_timed_out(&mut self, now: Instant) {
        let State::Live { link, .. } = &self.state else {
            return;
        };
        match link {
            Link::Waiting { .. } => self.connect(now),
            Link::Connecting { .. } | Link::Diagnosing { .. } => {
                self.lost(now, Reason::Timeout, Duration::ZERO);
                self.start_polling(now);
            }
            Link::Open { alive, .. } => {
                let reason = if *alive {
                    Reason::Silent
                } else {
                    Reason::Muted
                };
                self.lost(now, reason, Duration::ZERO);
                self.start_polling(now);
            }
        }
    }

    fn poll_timed_out(&mut self, now: Instant) {
        let State::Live {
            polling: Some(polling),
            ..
        } = &mut self.state
        else {
            return;
        };
        match polling {
            Polling::Due { .. } => {
                self.last_serial += 1;
                let serial = self.last_serial;
                *polling = Polling::Asking {
                    serial,
                    deadline: now + self.options.connect_timeout,
                };
                self.effects.push(Effect::Poll(serial));
            }
            Polling::Asking { serial, .. } => {
                self.effects.push(Effect::AbortPoll(*serial));
                self.schedule_poll(now);
            }
        }
    }

    fn pause(&mut self) {
        self.pause_at = None;
        self.disconnect();
        self.state = State::Idle;
        self.reason = Some(Reason::Hidden);
    }

    /// Ends what is open or under way. The caller sets the state that follows.
    fn disconnect(&mut self) {
        if let State::Live { link, .. } = &self.state
            && let Some(serial) = link.serial()
        {
            self.effects.push(Effect::Close(serial));
        }
        if let Some(serial) = self.current_poll() {
            self.effects.push(Effect::AbortPoll(serial));
        }
    }

    fn close(&mut self, reason: Reason) {
        self.disconnect();
        self.pause_at = None;
        self.state = State::Closed;
        self.reason = Some(reason);
    }
}

impl Link {
    fn serial(&self) -> Option<Serial> {
        match self {
            Self::Waiting { .. } => None,
            Self::Connecting { serial, .. }
            | Self::Open { serial, .. }
            | Self::Diagnosing { serial, .. } => Some(*serial),
        }
    }

    fn deadline(&self) -> Option<Instant> {
        match self {
            Self::Waiting { until } => Some(*until),
            Self::Connecting { deadline, .. } | Self::Open { deadline, .. } => *deadline,
            Self::Diagnosing { deadline, .. } => Some(*deadline),
        }
    }
}

impl Polling {
    fn deadline(&self) -> Instant {
        match self {
            Self::Due { at } => *at,
            Self::Asking { deadline, .. } => *deadline,
        }
    }
}
