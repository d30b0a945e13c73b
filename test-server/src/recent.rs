//! The newest events of the log, in memory: who was away for a moment catches up
//! from here. When a server or a proxy restarts, all come back at once, and
//! looking in the database for each would take most of the time.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use crate::{
    audience::{Audience, wants},
    clock::Millis,
    conn::Conn,
    cursor::{Position, Sent},
    event::Event,
    store::log::Membership,
};

/// Events kept, and their bytes.
const MOST: usize = 4096;
const MOST_BYTES: usize = 8 << 20;
/// Who lacks more than this reads it from the database, page by page.
const MOST_LACKING: usize = 512;

/// An unbroken run of events up to the end of the log.
#[derive(Debug, Default)]
pub(crate) struct Recent {
    events: VecDeque<(Audience, Arc<Event>)>,
    bytes: usize,
    /// Everything above this is here.
    since: Position,
}

impl Recent {
    pub(crate) fn start_at(&mut self, last: Position) {
        self.since = last;
    }

    pub(crate) fn add(&mut self, audience: Audience, event: Arc<Event>) {
        self.bytes += event.size();
        self.events.push_back((audience, event));
        while self.events.len() > MOST || self.bytes > MOST_BYTES {
            let Some((_, event)) = self.events.pop_front() else {
                break;
            };
            self.bytes -= event.size();
            self.since = event.position;
        }
    }

    /// What a stream lacks that has sent `sent`, in order. None if not all of it
    /// is here.
    pub(crate) fn lacking(
        &self,
        conn: &Conn,
        sent: &Sent,
        memberships: &[Membership],
    ) -> Option<Vec<&(Audience, Arc<Event>)>> {
        if sent.low() < self.since {
            return None;
        }
        let groups: HashMap<&str, &Membership> =
            memberships.iter().map(|of| (&*of.group, of)).collect();
        let is_theirs = |audience: &Audience, event: &Event| match audience {
            Audience::User(user) => *user == conn.user,
            Audience::Group(group) => groups
                .get(&**group)
                .is_some_and(|of| of.since < event.position && wants(&of.types, &event.event_type)),
        };
        let now = Millis::now();
        let behind = self
            .events
            .partition_point(|(_, event)| event.position <= sent.low());
        let lacking: Vec<_> = self
            .events
            .range(behind..)
            .filter(|(audience, event)| {
                !sent.contains(event.position)
                    && event.expire_at.is_none_or(|at| at > now)
                    && is_theirs(audience, event)
            })
            .take(MOST_LACKING + 1)
            .collect();
        (lacking.len() <= MOST_LACKING).then_some(lacking)
    }
}
