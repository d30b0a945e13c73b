//! The relay log: the events that the worker keeps so that a tab which missed some can have them.

use crate::event::Event;
use std::collections::VecDeque;

/// How many events the log keeps.
const MAX_EVENTS: usize = 1_024;
/// How many bytes of payload the log keeps.
const MAX_BYTES: usize = 4 * 1_024 * 1_024;

/// A bounded log of consecutive events, numbered from 1.
#[derive(Debug)]
pub(crate) struct RelayLog<P> {
    events: VecDeque<Event<P>>,
    bytes: usize,
    next: u64,
}

impl<P: Clone> RelayLog<P> {
    pub(crate) fn new() -> Self {
        Self {
            events: VecDeque::new(),
            bytes: 0,
            next: 1,
        }
    }

    /// The sequence number that the next event gets.
    pub(crate) fn next(&self) -> u64 {
        self.next
    }

    /// The sequence number of the oldest event kept; `next` where there is none.
    pub(crate) fn first(&self) -> u64 {
        self.next - self.events.len() as u64
    }

    pub(crate) fn oldest(&self) -> Option<&Event<P>> {
        self.events.front()
    }

    pub(crate) fn push(&mut self, event: Event<P>) {
        self.bytes += event.size;
        self.events.push_back(event);
        self.next += 1;
        // The newest stays whatever its size: it is in the batch that is on its way anyhow.
        while self.events.len() > MAX_EVENTS || (self.bytes > MAX_BYTES && self.events.len() > 1) {
            let Some(oldest) = self.events.pop_front() else {
                break;
            };
            self.bytes -= oldest.size;
        }
    }

    /// The events from sequence number `from` up to, not including, `to`, as far as they are
    /// kept.
    pub(crate) fn range(&self, from: u64, to: u64) -> Vec<Event<P>> {
        let first = self.first();
        let from = from.clamp(first, self.next);
        let to = to.clamp(from, self.next);
        self.events
            .iter()
            .skip((from - first) as usize)
            .take((to - from) as usize)
            .cloned()
            .collect()
    }

    /// The sequence number from which on `count` events are of the wanted types, or fewer where
    /// fewer are kept.
    pub(crate) fn last_of(&self, count: usize, wants: impl Fn(&str) -> bool) -> u64 {
        let wanted = self
            .newest_first()
            .filter(|(_, event)| wants(&event.event_type));
        let oldest = wanted.take(count).last();
        oldest.map_or(self.next, |(number, _)| number)
    }

    /// The last event of a type, with its sequence number.
    pub(crate) fn last_of_type(&self, name: &str) -> Option<(u64, &Event<P>)> {
        self.newest_first()
            .find(|(_, event)| *event.event_type == *name)
    }

    /// The events with their sequence numbers.
    fn newest_first(&self) -> impl Iterator<Item = (u64, &Event<P>)> {
        (0..self.next).rev().zip(self.events.iter().rev())
    }

    /// The sequence number that follows the newest event with this ID.
    pub(crate) fn position_after(&self, id: &str) -> Option<u64> {
        let from_the_end = self
            .events
            .iter()
            .rev()
            .position(|event| &*event.id == id)?;
        Some(self.next - from_the_end as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(id: u64, size: usize) -> Event<u64> {
        Event {
            event_type: "message".into(),
            id: id.to_string().into(),
            data: id,
            size,
            received_at: 0.0,
        }
    }

    fn data(events: &[Event<u64>]) -> Vec<u64> {
        events.iter().map(|event| event.data).collect()
    }

    #[test]
    fn it_gives_back_a_range_by_sequence_number() {
        let mut log = RelayLog::new();
        (1..=5).for_each(|id| log.push(event(id, 1)));
        assert_eq!(data(&log.range(2, 4)), [2, 3]);
        assert_eq!(data(&log.range(0, u64::MAX)), [1, 2, 3, 4, 5]);
        assert!(log.range(6, 9).is_empty());
        assert_eq!(log.position_after("3"), Some(4));
        assert_eq!(log.position_after("none"), None);
    }

    #[test]
    fn it_keeps_1024_events() {
        let mut log = RelayLog::new();
        (1..=2_000).for_each(|id| log.push(event(id, 1)));
        assert_eq!((log.first(), log.next()), (977, 2_001));
        assert_eq!(data(&log.range(1, 978)), [977]);
    }

    #[test]
    fn it_keeps_4_mib_and_always_the_newest() {
        let mut log = RelayLog::new();
        (1..=10).for_each(|id| log.push(event(id, 1 << 20)));
        assert_eq!(log.first(), 7);
        log.push(event(11, 100 << 20));
        assert_eq!((log.first(), log.next()), (11, 12));
    }
}
