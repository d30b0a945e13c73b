//! The server: a log for each user with an epoch and a retention, streams that resume from it,
//! and the list of pending events that is polled.

use crate::clock::Millis;
use std::rc::Rc;

/// A place in a user's log, counted from 1. It goes on over epochs, so that the promises can be
/// checked on it; the ids of an earlier epoch are foreign to the log all the same.
pub(crate) type Position = u32;

/// Index of a user.
pub(crate) type User = usize;
pub(crate) const USERS: usize = 2;

/// What an event carries.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Data {
    /// Logged, and promised.
    News(User, Position),
    /// Logged, of a type that pages do not listen for.
    Other(Position),
    /// Not logged and without an id: who is not there does not get it.
    Bare(u32),
    /// The first event of a stream. `lost` says up to where the log no longer reaches back.
    Confirmed {
        mark: u32,
        lost: Option<Position>,
    },
    Ping(u32),
    #[default]
    Superseded,
}

impl Data {
    pub(crate) fn event_type(&self) -> &'static str {
        match self {
            Self::News(..) | Self::Bare(_) => "news",
            Self::Other(_) => "other",
            Self::Confirmed { .. } => "connection_confirmed",
            Self::Ping(_) => "ping",
            Self::Superseded => "superseded",
        }
    }
}

/// What a stream consists of.
#[derive(Clone, Debug)]
pub(crate) enum Frame {
    Event {
        id: Option<Rc<str>>,
        data: Data,
        size: usize,
    },
    Comment,
    /// A block without data that sets the last event ID.
    IdOnly(Rc<str>),
    Retry(Millis),
}

/// How a server writes its streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// As `tabcast-server`: everything has an id, what is not in the log a marked one.
    Marked,
    /// Greetings and pings have no id; `overlap`: a resumed stream begins with the event that
    /// the id names.
    Plain { overlap: bool },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Heartbeat {
    Ping,
    Comment,
    IdOnly,
}

#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) style: Style,
    pub(crate) heartbeat: Heartbeat,
    pub(crate) logs: [Log; USERS],
    /// Tokens before this are rejected.
    pub(crate) oldest_token: u32,
    pub(crate) newest_token: u32,
    pub(crate) page_limit: usize,
    last_mark: u32,
}

#[derive(Debug, Default)]
pub(crate) struct Log {
    epoch: u32,
    /// All behind this is still there.
    pub(crate) start: Position,
    entries: Vec<Entry>,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    is_news: bool,
    size: usize,
}

impl Log {
    pub(crate) fn head(&self) -> Position {
        self.entries.len() as Position
    }

    pub(crate) fn is_news(&self, position: Position) -> bool {
        self.entries[position as usize - 1].is_news
    }

    pub(crate) fn append(&mut self, is_news: bool, size: usize) -> Position {
        self.entries.push(Entry { is_news, size });
        self.head()
    }

    /// Only the newest `keep` stay.
    pub(crate) fn trim(&mut self, keep: u32) {
        self.start = self.start.max(self.head().saturating_sub(keep));
    }

    /// The log is lost, and its ids mean nothing any more.
    pub(crate) fn lose(&mut self) {
        self.epoch += 1;
        self.start = self.head();
    }

    /// Where to go on from, and whether all behind the id asked for is still there.
    fn resume(&self, id: &str) -> (Position, bool) {
        let (epoch, position) = parse(id);
        if epoch != self.epoch || position < self.start {
            (self.start, false)
        } else {
            (position, true)
        }
    }
}

impl Server {
    pub(crate) fn new(style: Style, heartbeat: Heartbeat) -> Self {
        Self {
            style,
            heartbeat,
            logs: Default::default(),
            oldest_token: 1,
            newest_token: 1,
            page_limit: 3,
            last_mark: 0,
        }
    }

    fn mark(&mut self) -> u32 {
        self.last_mark += 1;
        self.last_mark
    }

    fn marked_id(&self, user: User, position: Position, mark: u32) -> Option<Rc<str>> {
        let epoch = self.logs[user].epoch;
        (self.style == Style::Marked).then(|| format!("{epoch}-{position}@{mark}").into())
    }

    /// Registers a stream: what it begins with.
    pub(crate) fn register(&mut self, user: User, last_event_id: &str) -> Vec<Frame> {
        let log = &self.logs[user];
        let (mut from, recovered) = match last_event_id {
            "" => (log.head(), true),
            id => log.resume(id),
        };
        let lost = (!recovered).then_some(log.start);
        let overlap = self.style == Style::Plain { overlap: true };
        if overlap && recovered && !last_event_id.is_empty() && from > log.start {
            from -= 1;
        }
        let mark = self.mark();
        let greeting = Frame::Event {
            id: self.marked_id(user, from, mark),
            data: Data::Confirmed { mark, lost },
            size: 10,
        };
        let replay = (from + 1..=self.logs[user].head()).map(|at| self.logged(user, at));
        [greeting].into_iter().chain(replay).collect()
    }

    /// The frame of a logged event.
    pub(crate) fn logged(&self, user: User, position: Position) -> Frame {
        let log = &self.logs[user];
        let entry = log.entries[position as usize - 1];
        Frame::Event {
            id: Some(format!("{}-{position}", log.epoch).into()),
            data: if entry.is_news {
                Data::News(user, position)
            } else {
                Data::Other(position)
            },
            size: entry.size,
        }
    }

    /// The sign of life of a stream that was sent all of the log.
    pub(crate) fn heartbeat(&mut self, user: User) -> Frame {
        let mark = self.mark();
        let id = self.marked_id(user, self.logs[user].head(), mark);
        match (self.heartbeat, id) {
            (Heartbeat::Comment, _) | (Heartbeat::IdOnly, None) => Frame::Comment,
            (Heartbeat::IdOnly, Some(id)) => Frame::IdOnly(id),
            (Heartbeat::Ping, id) => Frame::Event {
                id,
                data: Data::Ping(mark),
                size: 5,
            },
        }
    }

    pub(crate) fn bare(&mut self) -> Frame {
        let data = Data::Bare(self.mark());
        let id = None;
        Frame::Event { id, data, size: 5 }
    }

    /// A page of the pending events.
    pub(crate) fn pending(&self, user: User, id: &str) -> Pending {
        let log = &self.logs[user];
        let (from, recovered) = match id {
            // Who has no place asks only where the log stands.
            "" => (log.head(), true),
            id => log.resume(id),
        };
        let end = (from + self.page_limit as Position).min(log.head());
        let tells = self.style == Style::Marked;
        Pending {
            frames: (from + 1..=end).map(|at| self.logged(user, at)).collect(),
            more: end < log.head(),
            lost: (!recovered).then_some(log.start),
            stands: tells.then(|| format!("{}-{end}", log.epoch).into()),
        }
    }
}

/// An answer to a poll.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    pub(crate) frames: Vec<Frame>,
    pub(crate) more: bool,
    /// Where the ID asked for is unusable: up to where events are lost.
    pub(crate) lost: Option<Position>,
    /// The ID to ask with next, from a server that tells it.
    pub(crate) stands: Option<Rc<str>>,
}

/// The log's epoch and the position that an id names.
fn parse(id: &str) -> (u32, Position) {
    let (epoch, rest) = id.split_once('-').unwrap_or(("0", "0"));
    let position = rest.split('@').next().unwrap_or_default();
    (
        epoch.parse().unwrap_or_default(),
        position.parse().unwrap_or_default(),
    )
}

/// The position that an id names; 0 for the empty one.
pub(crate) fn position_of(id: &str) -> Position {
    parse(id).1
}
