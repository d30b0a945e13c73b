//! What must hold after every step, and what must come true once all is well.

use crate::promises::Broken;
use crate::server::{USERS, User};
use crate::tab::Life;
use crate::world::World;
use tabcast_core::messages::ToWorker;
use tabcast_core::{ReadyState, Reason};

/// A status is on its way for a moment.
const MOMENT: u64 = 200;
/// After this long a stream without a sign of life may no longer be called open: the watchdog's
/// time, and a moment.
const SILENCE: u64 = 75_000 + MOMENT;
const FIRST_DATA: u64 = 15_000 + MOMENT;
/// Within this time a healthy server is reached: a silent stream's watchdog, a `Retry-After` or
/// the backoff's cap, a connect time-out, and a token that is asked for and waited for.
const BOUND: u64 = 75_000 + 60_000 + 10_000 + 30_000 + 30_000 + 30_000;

/// What closes a stream; all else is tried again.
const ENDS: [Reason; 4] = [
    Reason::ServerClosed,
    Reason::Rejected,
    Reason::Superseded,
    Reason::Exhausted,
];

impl World {
    pub(crate) fn check_always(&mut self) {
        for user in 0..USERS {
            let outcome = self.one_connection(user);
            self.check(outcome);
        }
        for index in 0..self.tabs.len() {
            let outcome = self.status_is_true(index);
            self.check(outcome);
        }
    }

    fn one_connection(&self, user: User) -> Result<(), Broken> {
        let Some(worker) = &self.worker else {
            return Ok(());
        };
        let of_user = |token: &Option<String>| {
            let prefix = token.as_deref().and_then(|token| token.split(':').next());
            prefix.and_then(|user| user.parse().ok()) == Some(user)
        };
        let held = self
            .network
            .connections
            .iter()
            .filter(|own| own.held && own.user == user);
        let diagnoses = worker.diagnoses.iter().filter(|(_, token)| of_user(token));
        let polls = worker.polls.iter().filter(|(_, of, _)| *of == user).count();
        let streams = held.count() + diagnoses.count();
        if streams > 1 || polls > 1 {
            return Err(Broken::TwoConnections(format!(
                "{streams} streams, {polls} polls of user {user}"
            )));
        }
        Ok(())
    }

    fn status_is_true(&self, index: usize) -> Result<(), Broken> {
        let tab = &self.tabs[index];
        let now = self.clock.now;
        let welcomed = tab
            .channel
            .as_ref()
            .is_some_and(|own| own.serial >> 32 == tab.port);
        let linked = tab.worker.is_some_and(|worker| self.is_present(worker)) && welcomed;
        let settled = now > tab.told_at + MOMENT && now > self.changed_at[tab.user] + MOMENT;
        let Some(told) = tab.state() else {
            return Ok(());
        };
        if tab.life != Life::Running || !linked || !settled || now < tab.from_worker_at {
            return Ok(());
        }
        let connection = self
            .network
            .connections
            .iter()
            .find(|own| own.held && own.user == tab.user && own.open_since.is_some());
        let reason = tab.status.as_ref().and_then(|status| status.reason);
        let lie = |why: &str| {
            Err(Broken::StatusLies(format!(
                "tab {index} is told {told:?}: {why}"
            )))
        };
        if told == ReadyState::Closed && !ENDS.iter().any(|end| reason == Some(*end)) {
            return lie(&format!("closed for no reason that closes: {reason:?}"));
        }
        match (told, connection) {
            (ReadyState::Open, None) => lie("no connection is open"),
            (ReadyState::Open, Some(own)) => {
                let patience = if own.had_data { SILENCE } else { FIRST_DATA };
                if now > own.last_sign + patience {
                    return lie("no sign of life for longer than the watchdog allows");
                }
                Ok(())
            }
            (ReadyState::Polling, Some(own)) if own.had_data => lie("the stream gives data"),
            (ReadyState::Polling, _) | (_, None) => Ok(()),
            (_, Some(_)) => lie("the stream is open"),
        }
    }

    /// All is well from now on: everyone must be reached within the bound.
    pub(crate) fn calm(&mut self) {
        self.heal();
        self.advance(1_000);
        self.check_relay();
        for user in 0..USERS {
            self.log_news(user, 10);
        }
        let begin = self.clock.now;
        let mut slice = 250;
        while self.broken.is_none() && self.clock.now < begin + BOUND {
            self.advance(slice);
            self.ask_where_closed();
            slice = (slice * 2).min(5_000);
            if self.everyone_is_reached() {
                self.report.reached(self.clock.now - begin);
                return;
            }
        }
        for index in 0..self.tabs.len() {
            let outcome = self.is_reached(index);
            self.check(outcome);
        }
    }

    /// What the worker has relayed reaches every tab, also where nothing more comes after it.
    fn check_relay(&mut self) {
        let Some(worker) = &self.worker else { return };
        let ends = worker.ends.clone();
        self.advance(600);
        for index in 0..self.tabs.len() {
            let tab = &self.tabs[index];
            let Some(sequence) = tab.sequence.as_ref().filter(|_| tab.life == Life::Running) else {
                continue;
            };
            let end = ends.iter().find(|(epoch, _)| *epoch == sequence.epoch);
            if let Some((_, end)) = end.filter(|(_, end)| sequence.next < *end) {
                let stands = format!("tab {index} waits for {}; the end is {end}", sequence.next);
                self.check(Err(Broken::Stuck(stands)));
            }
        }
    }

    /// A stream that is closed says so, and waits for somebody to ask.
    fn ask_where_closed(&mut self) {
        for index in 0..self.tabs.len() {
            if self.tabs[index].failed {
                self.tabs[index].failed = false;
                self.tabs[index].restarts = 0;
                self.link(index);
            } else if self.tabs[index].state() == Some(ReadyState::Closed) {
                self.say(index, ToWorker::Reconnect);
            }
        }
    }

    fn everyone_is_reached(&self) -> bool {
        (0..self.tabs.len()).all(|index| self.is_reached(index).is_ok())
    }

    fn is_reached(&self, index: usize) -> Result<(), Broken> {
        let tab = &self.tabs[index];
        if tab.life != Life::Running {
            return Ok(());
        }
        let log = &self.server.logs[tab.user];
        let told = tab.state();
        if told != Some(ReadyState::Open) {
            return Err(Broken::Stuck(format!("tab {index} is told {told:?}")));
        }
        // One that joined a moment ago counts from its first event, which may be still to come.
        tab.ledger.whole_up_to(log.head(), log)
    }
}
