//! Virtual time, and what is to happen at which point of it.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use tabcast_core::Instant;

pub(crate) type Millis = u64;

#[derive(Debug)]
pub(crate) struct Clock<T> {
    pub(crate) now: Millis,
    serial: u64,
    heap: BinaryHeap<Entry<T>>,
}

#[derive(Debug)]
struct Entry<T> {
    at: Millis,
    serial: u64,
    what: T,
}

impl<T> Clock<T> {
    pub(crate) fn new() -> Self {
        Self {
            now: 0,
            serial: 0,
            heap: BinaryHeap::new(),
        }
    }

    /// What is due at the same time happens in the order of these calls.
    pub(crate) fn at(&mut self, at: Millis, what: T) {
        self.serial += 1;
        let serial = self.serial;
        self.heap.push(Entry { at, serial, what });
    }

    pub(crate) fn next_at(&self) -> Option<Millis> {
        self.heap.peek().map(|entry| entry.at)
    }

    pub(crate) fn pop(&mut self) -> Option<T> {
        self.heap.pop().map(|entry| entry.what)
    }

    /// Goes on to `at`; never back: what became due while the machine slept is late.
    pub(crate) fn go_on_to(&mut self, at: Millis) {
        self.now = self.now.max(at);
    }

    pub(crate) fn instant(&self) -> Instant {
        Instant::from_millis(self.now as f64)
    }
}

/// When a timer for `instant` fires: browsers count whole milliseconds, and the shell rounds up.
pub(crate) fn timer_for(instant: Instant) -> Millis {
    let nanos = instant.since(Instant::default()).as_nanos();
    u64::try_from(nanos.div_ceil(1_000_000)).unwrap_or(u64::MAX)
}

impl<T> Ord for Entry<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        // The heap gives the greatest first.
        (other.at, other.serial).cmp(&(self.at, self.serial))
    }
}

impl<T> PartialOrd for Entry<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> PartialEq for Entry<T> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl<T> Eq for Entry<T> {}
