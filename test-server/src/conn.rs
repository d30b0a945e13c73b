//! One open stream, as the rest of the server sees it.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};
use tokio::sync::{Notify, watch};

use crate::{
    clock::Millis,
    event::Event,
    faults::Faults,
    hub::{EVERYONE, TypeFilter, wants},
    ids::UserId,
    queue::{Next, Queue},
    store::{connections::Open, lock},
};

/// Names a stream, over all servers and restarts.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
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
    /// An administrator ended it.
    Disconnected,
    /// It has lived long enough; the client may come back after so long.
    Lifetime { retry: Duration },
    /// The process is leaving; the client should wait so long before it comes back.
    Shutdown { retry: Duration },
}

/// Bytes taken from the queue at a time; what is urgent can overtake the rest.
const CHUNK: usize = 64 << 10;

/// What a client asked for.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Asked {
    pub(crate) client_id: Option<String>,
    /// When, by the client's clock.
    #[serde(default)]
    pub(crate) asked_at: Option<i64>,
    pub(crate) last_event_id: Option<String>,
    pub(crate) wanted: TypeFilter,
    pub(crate) only_group: Option<Arc<str>>,
}

/// An open stream and what waits for it.
#[derive(Debug)]
pub(crate) struct Conn {
    pub(crate) id: ConnId,
    pub(crate) user: UserId,
    pub(crate) client_id: Option<String>,
    pub(crate) asked_at: Option<i64>,
    pub(crate) since: Millis,
    pub(crate) opened: Instant,
    /// The last event id that the client came with, as it sent it.
    pub(crate) came_with: Option<String>,
    pub(crate) wanted: TypeFilter,
    /// Of all groups only this one, if the stream was opened for one.
    pub(crate) only_group: Option<Arc<str>>,
    /// Whether it is a stream of this server, and not of another one.
    pub(crate) is_here: bool,
    registered: AtomicBool,
    made_room: AtomicBool,
    queue: Mutex<Queue>,
    wake: Notify,
    ended: watch::Sender<Option<End>>,
    faults: watch::Sender<Arc<Faults>>,
}

/// What a stream finds in its queue.
#[derive(Debug)]
pub(crate) enum Taken {
    Events(Vec<Next>),
    /// Some were dropped; the log has them.
    Overflowed,
}

/// How much later a client may have asked for what came first, in milliseconds: a request that
/// it gave up can be on its way for so long. Beyond that its clock was set back.
pub(crate) const OVERTAKEN: i64 = 120_000;

impl Conn {
    pub(crate) fn new(user: UserId, asked: Asked, faults: Arc<Faults>) -> Self {
        let since = Millis::now();
        Self::with(ConnId::random(), user, asked, since, faults, true)
    }

    /// Whether the client asked for this stream before it asked for another one of its own that
    /// reached the server first: it has given this one up.
    pub(crate) fn was_overtaken_by(&self, other: &Self) -> bool {
        let times = self.asked_at.zip(other.asked_at);
        times.is_some_and(|(this, other)| (1..=OVERTAKEN).contains(&other.saturating_sub(this)))
    }

    /// A stream of another server. It takes part in all but has no queue.
    pub(crate) fn elsewhere(open: &Open) -> Self {
        let asked = open.asked.clone();
        let (user, since) = (open.user, open.since);
        Self::with(open.id.clone(), user, asked, since, Arc::default(), false)
    }

    fn with(
        id: ConnId,
        user: UserId,
        asked: Asked,
        since: Millis,
        faults: Arc<Faults>,
        is_here: bool,
    ) -> Self {
        Self {
            id,
            user,
            client_id: asked.client_id,
            asked_at: asked.asked_at,
            since,
            opened: Instant::now(),
            came_with: asked.last_event_id,
            wanted: asked.wanted,
            only_group: asked.only_group,
            is_here,
            registered: AtomicBool::new(false),
            made_room: AtomicBool::new(false),
            queue: Mutex::default(),
            wake: Notify::new(),
            ended: watch::Sender::new(None),
            faults: watch::Sender::new(faults),
        }
    }

    pub(crate) fn set_registered(&self) {
        self.registered.store(true, Ordering::Release);
    }

    pub(crate) fn was_registered(&self) -> bool {
        self.registered.load(Ordering::Acquire)
    }

    /// Gives up its place to one that is about to replace it; true the first time.
    pub(crate) fn make_room(&self) -> bool {
        !self.made_room.swap(true, Ordering::AcqRel)
    }

    /// Queues an event; says whether this stream wants it.
    pub(crate) fn push(&self, event: &Arc<Event>) -> bool {
        if !wants(&self.wanted, &event.event_type) {
            return false;
        }
        if self.is_here {
            lock(&self.queue).push(event);
            self.wake.notify_one();
        }
        true
    }

    /// Waits until something was queued.
    pub(crate) async fn queued(&self) {
        self.wake.notified().await;
    }

    /// What is to be sent next, about `CHUNK` bytes of it; `room` is how many
    /// may be ahead of their turn. If more waits, `queued` returns at once.
    pub(crate) fn take(&self, room: usize) -> Taken {
        let mut queue = lock(&self.queue);
        if queue.overflowed() {
            return Taken::Overflowed;
        }
        let events = queue.take(room, CHUNK);
        if !queue.is_empty() {
            self.wake.notify_one();
        }
        Taken::Events(events)
    }

    pub(crate) fn queued_events(&self) -> usize {
        lock(&self.queue).len()
    }

    pub(crate) fn queue_is_empty(&self) -> bool {
        let queue = lock(&self.queue);
        queue.is_empty() && !queue.overflowed()
    }

    pub(crate) fn reset_queue(&self) {
        *lock(&self.queue) = Queue::default();
    }

    /// Whether it was opened for this group among others.
    pub(crate) fn takes_group(&self, group: &str) -> bool {
        let only = self.only_group.as_deref();
        only.is_none_or(|only| only == group || group == EVERYONE)
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
