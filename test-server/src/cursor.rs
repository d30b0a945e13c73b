//! Event ids: what a client was sent so far, in one opaque string.
//!
//! `<epoch>-<position>` names an event and says that everything up to it was
//! sent. Where something was sent ahead of its turn, a tail says so:
//! `<epoch>-<position>~sent=<low>.<ahead>.<ahead>`: all up to `low` was sent, and
//! those positions (with `position` itself) ahead of it. `@…` before that only
//! makes an id unique; it is for frames that are not in the log, like `ping`, so
//! that a client that drops ids it has seen keeps them apart.
//!
//! So every id is safe to resume from, and up to `~sent=` the id of a logged
//! event is the same in every stream and in the list of pending events.

use std::{collections::BTreeSet, fmt::Write as _};

/// A place in the log; the first event has 1, and 0 is before all of them.
pub(crate) type Position = u64;

/// More than this many events are never ahead at once, which bounds an id.
pub(crate) const MAX_AHEAD: usize = 32;

/// Ends the name of an event in its id; Tabcast's client knows it.
const TAIL: &str = "~sent=";

/// What was sent: all up to `low`, and the positions in `ahead`, all above it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sent {
    low: Position,
    ahead: BTreeSet<Position>,
}

impl Sent {
    pub(crate) fn up_to(low: Position) -> Self {
        Self {
            low,
            ahead: BTreeSet::new(),
        }
    }

    pub(crate) fn low(&self) -> Position {
        self.low
    }

    pub(crate) fn contains(&self, position: Position) -> bool {
        position <= self.low || self.ahead.contains(&position)
    }

    /// The highest position that was sent.
    pub(crate) fn highest(&self) -> Position {
        self.ahead.last().copied().unwrap_or(self.low)
    }

    /// Says that all up to `low` was sent.
    pub(crate) fn raise(&mut self, low: Position) {
        if low > self.low {
            self.low = low;
            self.ahead = self.ahead.split_off(&(low + 1));
        }
    }

    /// Whether all was sent in its turn.
    pub(crate) fn is_in_order(&self) -> bool {
        self.ahead.is_empty()
    }

    /// How many more events may be sent ahead of their turn.
    pub(crate) fn room(&self) -> usize {
        MAX_AHEAD - self.ahead.len().min(MAX_AHEAD)
    }

    /// Says that the event at `position` was sent, ahead of others.
    pub(crate) fn skip_ahead(&mut self, position: Position) {
        if position > self.low {
            self.ahead.insert(position);
        }
    }

    /// The id of a logged event that was just sent.
    pub(crate) fn id(&self, epoch: &str, position: Position) -> String {
        let mut id = format!("{epoch}-{position}");
        self.write_tail(&mut id, position);
        id
    }

    /// An id for a frame outside the log, unique by `mark`.
    pub(crate) fn marked_id(&self, epoch: &str, mark: &str) -> String {
        let mut id = format!("{epoch}-{}@{mark}", self.low);
        self.write_tail(&mut id, self.low);
        id
    }

    fn write_tail(&self, id: &mut String, position: Position) {
        if self.ahead.is_empty() && self.low == position {
            return;
        }
        // Writing to a String cannot fail.
        let _ = write!(id, "{TAIL}{}", self.low);
        for ahead in self.ahead.iter().filter(|ahead| **ahead != position) {
            let _ = write!(id, ".{ahead}");
        }
    }
}

/// Why an id could not be used; what a client is told as the `reason` of a gap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unusable {
    /// It is not an id of this server at all.
    Malformed,
    /// It belongs to another log, which is gone.
    Foreign,
    /// The log does not reach that far yet.
    Future,
    /// The log no longer reaches back that far.
    Expired,
}

impl Unusable {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Foreign => "foreign",
            Self::Future => "future",
            Self::Expired => "expired",
        }
    }
}

/// Reads an id of the log `epoch`.
pub(crate) fn parse(id: &str, epoch: &str) -> Result<Sent, Unusable> {
    let (name, tail) = id
        .split_once(TAIL)
        .map_or((id, None), |(name, tail)| (name, Some(tail)));
    let name = name.split_once('@').map_or(name, |(name, _)| name);
    let (its_epoch, position) = name.split_once('-').ok_or(Unusable::Malformed)?;
    let well_formed = !its_epoch.is_empty()
        && its_epoch.len() <= 32
        && its_epoch.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !well_formed {
        return Err(Unusable::Malformed);
    }
    let sent = parse_sent(position, tail).ok_or(Unusable::Malformed)?;
    if its_epoch == epoch {
        Ok(sent)
    } else {
        Err(Unusable::Foreign)
    }
}

/// The event that an id of the log `epoch` names.
pub(crate) fn parse_position(id: &str, epoch: &str) -> Option<Position> {
    parse(id, epoch).ok()?;
    let (_, rest) = id.split_once('-')?;
    number(rest.split(['~', '@']).next()?)
}

fn parse_sent(position: &str, tail: Option<&str>) -> Option<Sent> {
    let Some(tail) = tail else {
        return Some(Sent::up_to(number(position)?));
    };
    let mut numbers = tail.split('.').map(number);
    let mut sent = Sent::up_to(numbers.next()??);
    for ahead in numbers.chain([number(position)]) {
        let ahead = ahead?;
        if ahead > sent.low {
            sent.ahead.insert(ahead);
        }
        if sent.ahead.len() > MAX_AHEAD {
            return None;
        }
    }
    Some(sent)
}

// SQLite's integers are signed, so a position above that is nobody's.
fn number(text: &str) -> Option<Position> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && text.len() <= 18;
    plain.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_as_what_was_sent() {
        let mut sent = Sent::up_to(9);
        assert_eq!(sent.id("e", 9), "e-9");
        sent.ahead.extend([12, 50]);
        assert_eq!(sent.id("e", 50), "e-50~sent=9.12");
        assert_eq!(parse("e-50~sent=9.12", "e"), Ok(sent.clone()));
        sent.raise(12);
        assert_eq!(sent.id("e", 12), "e-12~sent=12.50");
        assert_eq!(parse(&sent.marked_id("e", "p1"), "e"), Ok(sent));
    }

    #[test]
    fn what_is_not_an_id_of_this_log_says_why() {
        for bad in [
            "",
            "-",
            "e",
            "e-",
            "e-x",
            "e--1",
            "-5",
            "e-1~",
            "e-1~x",
            "e-1~2",
            "e-1~sent=",
            "e-1~sent=x",
            "e-1~sent=2.",
            "é-1",
            "e-99999999999999999999",
            "e-1 ",
            "e-+1",
        ] {
            assert_eq!(parse(bad, "e"), Err(Unusable::Malformed), "{bad:?}");
        }
        assert_eq!(parse("other-7", "e"), Err(Unusable::Foreign));
    }
}
