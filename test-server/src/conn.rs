//! One open stream, as the rest of the server sees it.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use tokio::sync::{Notify, watch};

use crate::{
    clock::Millis,
    event::Event,
    faults::Faults,
    hub::{TypeFilter, wants},
    ids::UserId,
    store::lock,
};

/// Names a stream, over all servers and restarts.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ConnId(pub(crate) Arc<str>);

impl ConnId {
    pub(crate) fn random() -> Self {
        Self(format!("{:016x}", rand::random::<u64>()).into())
    }
}

/// Why the server ended a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// A newer stream took its place.
    Superseded,
    /// The process is leaving; the client should wait so long before it comes back.
    Shutdown { retry: Duration },
}

/// Events that may wait for one stream. Above it the queue is dropped and the
/// stream reads on from the log, so that a slow reader costs no memory.
const QUEUE: usize = 1024;

/// An open stream and what waits for it.
#[derive(Debug)]
pub(crate) struct Conn {
    pub(crate) id: ConnId,
    pub(crate) user: UserId,
    pub(crate) client_id: Option<String>,
    pub(crate) since: Millis,
    pub(crate) opened: Instant,
    /// The last event id that the client came with, as it sent it.
    pub(crate) came_with: Option<String>,
    pub(crate) wanted: TypeFilter,
    queue: Mutex<Queue>,
    wake: Notify,
    ended: watch::Sender<Option<End>>,
    faults: watch::Sender<Arc<Faults>>,
}

#[derive(Debug, Default)]
struct Queue {
    events: VecDeque<Arc<Event>>,
    overflowed: bool,
}

/// What a stream finds in its queue.
#[derive(Debug)]
pub(crate) enum Taken {
    Events(Vec<Arc<Event>>),
    /// Some were dropped; the log has them.
    Overflowed,
}

impl Conn {
    pub(crate) fn new(
        user: UserId,
        client_id: Option<String>,
        came_with: Option<String>,
        wanted: TypeFilter,
        faults: Arc<Faults>,
    ) -> Self {
        Self {
            id: ConnId::random(),
            user,
            client_id,
            since: Millis::now(),
            opened: Instant::now(),
            came_with,
            wanted,
            queue: Mutex::default(),
            wake: Notify::new(),
            ended: watch::Sender::new(None),
            faults: watch::Sender::new(faults),
        }
    }

    /// Queues an event; says whether this stream wants it.
    pub(crate) fn push(&self, event: &Arc<Event>) -> bool {
        if !wants(&self.wanted, &event.event_type) {
            return false;
        }
        let mut queue = lock(&self.queue);
        if !queue.overflowed {
            if queue.events.len() < QUEUE {
                queue.events.push_back(event.clone());
            } else {
                *queue = Queue {
                    events: VecDeque::new(),
                    overflowed: true,
                };
            }
        }
        drop(queue);
        self.wake.notify_one();
        true
    }

    /// Waits until something was queued.
    pub(crate) async fn queued(&self) {
        self.wake.notified().await;
    }

    /// At most `max` waiting events. If more wait, `queued` returns at once.
    pub(crate) fn take(&self, max: usize) -> Taken {
        let mut queue = lock(&self.queue);
        if queue.overflowed {
            return Taken::Overflowed;
        }
        let count = max.min(queue.events.len());
        let events = queue.events.drain(..count).collect();
        if !queue.events.is_empty() {
            self.wake.notify_one();
        }
        Taken::Events(events)
    }

    pub(crate) fn queue_is_empty(&self) -> bool {
        let queue = lock(&self.queue);
        queue.events.is_empty() && !queue.overflowed
    }

    pub(crate) fn reset_queue(&self) {
        *lock(&self.queue) = Queue::default();
    }

    /// Ends the stream; the first reason stands.
    pub(crate) fn end(&self, why: End) {
        self.ended.send_if_modified(|ended| {
            let first = ended.is_none();
            if first {
                *ended = Some(why);
            }
            first
        });
    }

    pub(crate) fn end_reason(&self) -> Option<End> {
        *self.ended.borrow()
    }

    /// Waits until the stream is to end.
    pub(crate) async fn ended(&self) -> End {
        let mut ended = self.ended.subscribe();
        loop {
            if let Some(why) = *ended.borrow_and_update() {
                return why;
            }
            if ended.changed().await.is_err() {
                // The sender is in self, so it cannot be gone.
                std::future::pending::<()>().await;
            }
        }
    }

    pub(crate) fn faults(&self) -> watch::Receiver<Arc<Faults>> {
        self.faults.subscribe()
    }

    pub(crate) fn set_faults(&self, faults: Arc<Faults>) {
        self.faults.send_replace(faults);
    }
}
