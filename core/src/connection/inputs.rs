//! What happens to a connection, and what it does then. The table is in the design, "The
//! connection".

use super::failure::Verdict;
use super::{Auth, Connection, Effect, Failure, Link, Polling, State, TOKEN_TIMEOUT};
use crate::status::Reason;
use crate::time::Instant;
use std::time::Duration;

impl Connection {
    /// Opens a new connection at once; the one before is closed. Polling, if any, goes on.
    pub(crate) fn connect(&mut self, now: Instant) {
        self.close_link();
        self.last_serial += 1;
        let serial = self.last_serial;
        let link = Link::Connecting {
            serial,
            deadline: self.patience(now, self.options.connect_timeout),
        };
        match &mut self.state {
            State::Live { link: present, .. } => *present = link,
            state => {
                *state = State::Live {
                    link,
                    polling: None,
                };
            }
        }
        self.effects.push(Effect::Open(serial));
    }

    /// A tab joined: it wants a connection, also where none was wanted before.
    pub(crate) fn joined(&mut self, now: Instant) {
        if matches!(self.state, State::Idle | State::Closed) {
            self.attempt = 0;
            self.reason = None;
            self.connect(now);
        }
    }

    /// A page asked for a new connection, whatever the state.
    pub(crate) fn reconnect(&mut self, now: Instant) {
        self.attempt = 0;
        self.reason = Some(Reason::Requested);
        self.http_status = None;
        self.connect(now);
    }

    /// The last tab left.
    pub(crate) fn stop(&mut self) {
        self.disconnect();
        self.state = State::Idle;
    }

    pub(crate) fn opened(&mut self, now: Instant) {
        let deadline = self.patience(now, self.options.watchdog.first_data);
        let State::Live { link, .. } = &mut self.state else {
            return;
        };
        let Link::Connecting { serial, .. } = *link else {
            return;
        };
        *link = Link::Open {
            serial,
            since: now,
            deadline,
            alive: false,
        };
        self.token_is_fresh = false;
        if self.options.standard {
            self.attempt = 0;
        }
        // A stream that was mute is taken for healed by data, not by its head.
        if !matches!(self.reason, Some(Reason::Muted | Reason::Silent)) {
            self.healed();
        }
    }

    /// An event, or on `fetch` any byte, came through the stream. True where it is this
    /// connection's first.
    pub(crate) fn data(&mut self, now: Instant) -> bool {
        let silent_at = self.patience(now, self.options.watchdog.silence);
        let State::Live {
            link: Link::Open {
                deadline, alive, ..
            },
            polling,
        } = &mut self.state
        else {
            return false;
        };
        *deadline = silent_at;
        if *alive {
            return false;
        }
        *alive = true;
        // The probe proved itself: what a poll under way would bring, the stream brings too.
        if let Some(Polling::Asking { serial, .. }) = polling.take() {
            self.effects.push(Effect::AbortPoll(serial));
        }
        self.healed();
        true
    }

    /// The server's `retry` field.
    pub(crate) fn reconnection_time(&mut self, time: Duration) {
        self.reconnection_time = time;
    }

    /// The connection, or its diagnosis, failed.
    pub(crate) fn failed(&mut self, now: Instant, failure: Failure) {
        let State::Live { link, .. } = &mut self.state else {
            return;
        };
        let was_open = matches!(link, Link::Open { .. });
        self.http_status = failure.http_status();
        let verdict = if self.options.standard {
            failure.verdict_by_standard(was_open)
        } else {
            failure.verdict(was_open)
        };
        match verdict {
            Verdict::Retry(reason, floor) => self.lost(now, reason, floor),
            Verdict::Authenticate => self.unauthorized(now),
            Verdict::Close(reason) => self.close(reason),
            Verdict::Await(reason) => {
                let Some(serial) = link.serial() else { return };
                let deadline = None;
                *link = Link::Connecting { serial, deadline };
                self.attempt = self.attempt.saturating_add(1);
                self.reason = Some(reason);
            }
            Verdict::Diagnose => {
                let Some(serial) = link.serial() else { return };
                *link = Link::Diagnosing {
                    serial,
                    deadline: now + self.options.connect_timeout,
                };
                self.effects.push(Effect::Diagnose(serial));
            }
        }
    }

    /// A newer connection of the same user took this one's place: coming back by itself would
    /// drive the other out, and so on for ever.
    pub(crate) fn superseded(&mut self) {
        self.close(Reason::Superseded);
    }

    /// A poll ended; `more` says that the server has more to give at once.
    pub(crate) fn polled(&mut self, now: Instant, result: Result<bool, Failure>) {
        match result {
            Ok(true) => {
                if let State::Live { polling, .. } = &mut self.state {
                    *polling = Some(Polling::Due { at: now });
                }
            }
            Err(
                failure @ Failure::Status {
                    code: 401 | 403, ..
                },
            ) => {
                self.http_status = failure.http_status();
                self.unauthorized(now);
            }
            Ok(false) | Err(_) => self.schedule_poll(now),
        }
    }

    /// A page gave a fresh token.
    pub(crate) fn token_received(&mut self, now: Instant) {
        if matches!(self.state, State::NeedsAuth(_)) {
            self.token_is_fresh = true;
            self.connect(now);
        }
    }

    /// No page has a token to give: the old one, or a cookie, is tried again later.
    pub(crate) fn token_unavailable(&mut self, now: Instant) {
        if matches!(self.state, State::NeedsAuth(Auth::Asking { .. })) {
            self.wait_for_auth(now);
        }
    }

    pub(crate) fn set_online(&mut self, now: Instant, online: bool) {
        if self.online == online || self.options.standard {
            return;
        }
        self.online = online;
        if online {
            if matches!(self.state, State::Offline) {
                self.connect(now);
            } else {
                self.woke(now);
            }
        } else if let State::Live { link, polling } = &self.state
            && (polling.is_some() || !matches!(link, Link::Open { .. }))
        {
            self.disconnect();
            self.state = State::Offline;
            self.reason = Some(Reason::Offline);
        }
    }

    /// The machine slept, or changed networks: an open stream may be dead without a sign.
    pub(crate) fn woke(&mut self, now: Instant) {
        if self.options.standard {
            return;
        }
        match &mut self.state {
            State::Live { link, .. } => {
                if matches!(link, Link::Open { .. }) {
                    self.reason = Some(Reason::Woke);
                }
                // A poll that was under way may be dead too. Left as it is, its deadline, long
                // past, would have each call find that the machine slept.
                self.poll_anew(now);
                self.connect(now);
            }
            State::NeedsAuth(_) => self.connect(now),
            State::Idle | State::Offline | State::Closed => {}
        }
    }

    /// The stream is to go on from another place: what is under way has asked for the old one.
    pub(crate) fn moved(&mut self, now: Instant) {
        self.poll_anew(now);
        if self.current().is_some() {
            self.connect(now);
        }
    }

    fn poll_anew(&mut self, now: Instant) {
        if let State::Live {
            polling: Some(polling),
            ..
        } = &mut self.state
        {
            if let Polling::Asking { serial, .. } = polling {
                self.effects.push(Effect::AbortPoll(*serial));
            }
            *polling = Polling::Due { at: now };
        }
    }

    pub(crate) fn set_visible(&mut self, now: Instant, visible: bool) {
        if !visible {
            if let Some(patience) = self.options.pause_when_hidden
                && !matches!(self.state, State::Closed | State::Idle)
            {
                self.pause_at.get_or_insert(now + patience);
            }
            return;
        }
        self.pause_at = None;
        let superseded =
            matches!(self.state, State::Closed) && self.reason == Some(Reason::Superseded);
        let paused = matches!(self.state, State::Idle) && self.reason == Some(Reason::Hidden);
        if superseded || paused {
            self.reconnect(now);
        }
    }

    /// Puts the link into its wait for the next attempt.
    pub(super) fn lost(&mut self, now: Instant, reason: Reason, floor: Duration) {
        self.reason = Some(reason);
        if !self.online && !self.options.standard {
            self.disconnect();
            self.state = State::Offline;
            return;
        }
        self.close_link();
        if let State::Live {
            link: Link::Open { since, alive, .. },
            ..
        } = &self.state
            && *alive
            && now.since(*since) >= self.options.backoff.reset_after
        {
            self.attempt = 0;
        }
        let Some(until) = self.next_attempt(now, floor) else {
            return;
        };
        if let State::Live { link, .. } = &mut self.state {
            *link = Link::Waiting { until };
        }
    }

    /// Starts to poll at once, where polling is configured and not under way.
    pub(super) fn start_polling(&mut self, now: Instant) {
        if self.options.poll.is_some()
            && let State::Live { polling, .. } = &mut self.state
        {
            polling.get_or_insert(Polling::Due { at: now });
        }
    }

    pub(super) fn schedule_poll(&mut self, now: Instant) {
        if let State::Live { polling, .. } = &mut self.state
            && let Some(poll) = &self.options.poll
        {
            *polling = Some(Polling::Due {
                at: now + poll.interval,
            });
        }
    }

    /// Counts a failure and says when to try again; closes where the limit is reached.
    fn next_attempt(&mut self, now: Instant, floor: Duration) -> Option<Instant> {
        self.attempt = self.attempt.saturating_add(1);
        if let Some(limit) = self.options.backoff.max_attempts
            && self.attempt > limit
        {
            self.close(Reason::Exhausted);
            return None;
        }
        if self.options.standard {
            return Some(now + self.reconnection_time);
        }
        let chance = self.random.fraction();
        let floor = floor.max(self.reconnection_time);
        Some(now + self.options.backoff.delay(self.attempt, chance, floor))
    }

    fn unauthorized(&mut self, now: Instant) {
        self.disconnect();
        self.reason = Some(Reason::Unauthorized);
        if self.token_is_fresh {
            // Even the fresh token was turned down: asking again at once would only loop.
            self.wait_for_auth(now);
        } else {
            self.state = State::NeedsAuth(Auth::Asking {
                deadline: now + TOKEN_TIMEOUT,
            });
            self.effects.push(Effect::AskForToken);
        }
    }

    fn wait_for_auth(&mut self, now: Instant) {
        self.token_is_fresh = false;
        self.state = State::Closed;
        if let Some(until) = self.next_attempt(now, Duration::ZERO) {
            self.state = State::NeedsAuth(Auth::Waiting { until });
        }
    }

    /// When patience of this length, begun now, is at its end. The standard's has none.
    fn patience(&self, now: Instant, patience: Duration) -> Option<Instant> {
        (!self.options.standard).then(|| now + patience)
    }

    fn healed(&mut self) {
        self.reason = None;
        self.http_status = None;
    }

    fn close_link(&mut self) {
        if let Some(serial) = self.current() {
            self.effects.push(Effect::Close(serial));
        }
    }
}
