//! What waits for one stream, and in which order it goes.

use std::{
    collections::{BTreeSet, VecDeque},
    sync::Arc,
};

use crate::{
    cursor::Position,
    event::{Event, Priority},
};

/// Events that may wait for one stream. Above it the queue is dropped and the
/// stream reads on from the log, so that a slow reader costs no memory.
const MOST: usize = 1024;

/// Waiting events: the normal ones as they came, the others ahead of them.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    normal: VecDeque<Arc<Event>>,
    /// By priority, then as they came.
    raised: [VecDeque<Arc<Event>>; 2],
    /// The positions in `raised`.
    raised_at: BTreeSet<Position>,
    overflowed: bool,
}

/// The next event to send.
#[derive(Debug)]
pub(crate) struct Next {
    pub(crate) event: Arc<Event>,
    /// All that waits is above this; up to here all was sent, once this is.
    pub(crate) sent_up_to: Option<Position>,
}

impl Queue {
    pub(crate) fn push(&mut self, event: &Arc<Event>) {
        if self.overflowed {
            return;
        }
        if self.len() >= MOST {
            *self = Self {
                overflowed: true,
                ..Self::default()
            };
            return;
        }
        match rank(event.priority) {
            None => self.normal.push_back(event.clone()),
            Some(rank) => {
                if event.is_logged() {
                    self.raised_at.insert(event.position);
                }
                self.raised[rank].push_back(event.clone());
            }
        }
    }

    pub(crate) fn overflowed(&self) -> bool {
        self.overflowed
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(crate) fn len(&self) -> usize {
        self.normal.len() + self.raised.iter().map(VecDeque::len).sum::<usize>()
    }

    /// What goes next, until it is `bytes` long. No more than `room` of it goes
    /// ahead of its turn, counted with what went ahead before.
    pub(crate) fn take(&mut self, mut room: usize, bytes: usize) -> Vec<Next> {
        let mut taken = Vec::new();
        let mut size = 0;
        let mut highest = 0;
        while size < bytes
            && let Some(event) = self.pop(room)
        {
            size += event.size();
            let mut sent_up_to = None;
            if event.is_logged() {
                highest = event.position.max(highest);
                sent_up_to = match self.lowest() {
                    None => Some(highest),
                    Some(lowest) if event.position < lowest => Some(event.position),
                    Some(_) => {
                        room = room.saturating_sub(1);
                        None
                    }
                };
            }
            taken.push(Next { event, sent_up_to });
        }
        taken
    }

    /// The next, if it and all that waits goes in its turn and is in the log.
    pub(crate) fn pop_plain(&mut self) -> Option<Arc<Event>> {
        let plain = self.raised.iter().all(VecDeque::is_empty);
        let next = self.normal.front();
        if plain && next.is_some_and(|event| event.is_logged()) {
            self.normal.pop_front()
        } else {
            None
        }
    }

    /// The lowest position that waits.
    fn lowest(&self) -> Option<Position> {
        let normal = self.normal.iter().find(|event| event.is_logged());
        let raised = self.raised_at.first().copied();
        match (normal.map(|event| event.position), raised) {
            (Some(normal), Some(raised)) => Some(normal.min(raised)),
            (normal, raised) => normal.or(raised),
        }
    }

    fn pop(&mut self, room: usize) -> Option<Arc<Event>> {
        let first = self.raised.iter().position(|events| !events.is_empty());
        let Some(first) = first else {
            return self.normal.pop_front();
        };
        if room > 0 {
            let event = self.raised[first].pop_front()?;
            self.forget(&event);
            return Some(event);
        }
        // No more may overtake: by position, wherever it waits.
        let oldest = (0..self.raised.len())
            .filter_map(|rank| Some((self.raised[rank].front()?.position, rank)))
            .min()?;
        let normal = self.normal.front().map(|event| event.position);
        if normal.is_some_and(|normal| normal <= oldest.0) {
            return self.normal.pop_front();
        }
        let event = self.raised[oldest.1].pop_front()?;
        self.forget(&event);
        Some(event)
    }

    fn forget(&mut self, event: &Event) {
        if event.is_logged() {
            self.raised_at.remove(&event.position);
        }
    }
}

fn rank(priority: Priority) -> Option<usize> {
    match priority {
        Priority::Normal => None,
        Priority::High => Some(1),
        Priority::Urgent => Some(0),
    }
}
