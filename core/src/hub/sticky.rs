//! The last event of each type that a tab wants where it begins, a presence for instance.

use super::{MAX_TYPE_LENGTH, MAX_TYPES};
use crate::event::Event;
use crate::log::RelayLog;
use litemap::LiteMap;
use std::rc::Rc;

/// An event larger than this, in bytes or UTF-16 units, is not kept.
const MAX_SIZE: usize = 64 * 1_024;

/// Of each type that was ever asked for, the last event and its sequence number.
#[derive(Debug)]
pub(super) struct Sticky<P>(LiteMap<Rc<str>, Option<(u64, Event<P>)>>);

impl<P: Clone> Sticky<P> {
    pub(super) fn new() -> Self {
        Self(LiteMap::new())
    }

    /// From now on these are kept; what the log has of them is theirs already.
    pub(super) fn keep(&mut self, types: &[String], log: &RelayLog<P>) {
        for name in types.iter().filter(|name| name.len() <= MAX_TYPE_LENGTH) {
            if self.0.len() == MAX_TYPES || self.0.contains_key(&**name) {
                continue;
            }
            self.0.insert(name.as_str().into(), None);
            if let Some((number, event)) = log.last_of_type(name) {
                self.note(number, event);
            }
        }
    }

    /// An event was relayed under this number.
    pub(super) fn note(&mut self, number: u64, event: &Event<P>) {
        if let Some(last) = self.0.get_mut(&event.event_type) {
            *last = (event.size <= MAX_SIZE).then(|| (number, event.clone()));
        }
    }

    /// The stream goes back to where all of them are still to come.
    pub(super) fn forget_values(&mut self) {
        for (_, last) in self.0.iter_mut() {
            *last = None;
        }
    }

    /// The last events of these types, in the server's order, but for those from `next` on, which
    /// are still to come.
    pub(super) fn before(&self, next: u64, types: &[String]) -> Vec<Event<P>> {
        let wanted = self
            .0
            .iter()
            .filter(|(name, _)| types.iter().any(|own| **own == ***name))
            .filter_map(|(_, last)| last.as_ref())
            .filter(|(number, _)| *number < next);
        let mut in_order = LiteMap::<u64, &Event<P>>::new();
        for (number, event) in wanted {
            in_order.insert(*number, event);
        }
        in_order.values().map(|event| (*event).clone()).collect()
    }
}
