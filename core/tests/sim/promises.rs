//! What a subscriber is promised, checked from outside, with the server's log in hand.

use crate::server::{Data, Log, Position, USERS, User, position_of};
use std::collections::BTreeSet;

/// A promise that was broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Broken {
    LostInSilence(String),
    Repeated(String),
    OutOfOrder(String),
    AnotherUsers(String),
    TwoConnections(String),
    StatusLies(String),
    Stuck(String),
    Panicked(String),
}

/// One tab life's account: what it was given and what it was told is lost.
#[derive(Clone, Debug)]
pub(crate) struct Ledger {
    user: User,
    /// What is logged behind this is promised.
    start: Option<Position>,
    /// Where the log ended when the worker took the tab in.
    pub(crate) joined_at: Position,
    last: Position,
    given: BTreeSet<Position>,
    /// The newest given since the tab was last told to read its state again.
    newest: Position,
    gaps: Vec<(Position, Position)>,
}

impl Ledger {
    pub(crate) fn new(user: User) -> Self {
        Self {
            user,
            start: None,
            joined_at: 0,
            last: 0,
            given: BTreeSet::new(),
            newest: 0,
            gaps: Vec::new(),
        }
    }

    /// The worker has welcomed the tab. A stream that has a cursor goes on from it, and so all
    /// that is logged from now on is promised; without one the first id says where it starts.
    pub(crate) fn welcomed(&mut self, has_cursor: bool) {
        if has_cursor && self.start.is_none() {
            self.starts(self.joined_at);
        }
    }

    /// In another life of the stream a tab that had no place has this one. What was logged before
    /// it joined is not promised.
    pub(crate) fn welcomed_again(&mut self, place: &str) {
        if self.start.is_none() {
            self.starts(self.joined_at.max(position_of(place)));
        }
    }

    fn starts(&mut self, at: Position) {
        self.start = Some(at);
        self.last = self.last.max(at);
    }

    /// The worker could not place the tab, which was told so: an app reads its state again, and
    /// what comes then may lie before that, but never comes twice.
    pub(crate) fn begins_again(&mut self) {
        self.newest = 0;
    }

    pub(crate) fn told_of_gap(&mut self, from: &str, to: &str) {
        // Where the end is unknown, it is the next event that comes.
        let to = if to.is_empty() {
            Position::MAX
        } else {
            position_of(to)
        };
        let from = position_of(from);
        if to > from {
            self.gaps.push((from, to));
        }
    }

    pub(crate) fn given(
        &mut self,
        id: &str,
        data: &Data,
        logs: &[Log; USERS],
    ) -> Result<(), Broken> {
        match data {
            Data::News(user, _) if *user != self.user => Err(Broken::AnotherUsers(format!(
                "{data:?} to user {}",
                self.user
            ))),
            Data::News(_, position) => self.given_news(*position, &logs[self.user]),
            // What a poll hands in has the stream's ID, not one of its own.
            Data::Confirmed { mark: 1.., .. } | Data::Ping(_)
                if self.start.is_none() && id.contains('@') =>
            {
                self.starts(position_of(id));
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn close_gaps(&mut self, next: Position) {
        for (_, to) in &mut self.gaps {
            if *to == Position::MAX {
                *to = next;
            }
        }
    }

    fn given_news(&mut self, position: Position, log: &Log) -> Result<(), Broken> {
        if !self.given.insert(position) {
            return Err(Broken::Repeated(format!("event {position}")));
        }
        if self.newest > position {
            let newest = self.newest;
            return Err(Broken::OutOfOrder(format!("{position} after {newest}")));
        }
        self.newest = position;
        // What is logged before the tab's start may come, and is not promised.
        if self.start.is_none() {
            self.starts(position);
        }
        self.whole_up_to(position - 1, log)?;
        self.close_gaps(position);
        self.last = self.last.max(position);
        Ok(())
    }

    /// Everything promised up to `end` was given, or the tab was told.
    pub(crate) fn whole_up_to(&self, end: Position, log: &Log) -> Result<(), Broken> {
        if self.start.is_none() {
            return Ok(());
        }
        for position in self.last + 1..=end {
            let told = || {
                self.gaps
                    .iter()
                    .any(|&(from, to)| from < position && position <= to)
            };
            if log.is_news(position) && !told() {
                let wants = format!(
                    "event {position}, behind {}; gaps {:?}",
                    self.last, self.gaps
                );
                return Err(Broken::LostInSilence(wants));
            }
        }
        Ok(())
    }
}
