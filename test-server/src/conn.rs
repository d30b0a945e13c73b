//! One open stream, as the rest of the server sees it.

use std::{
    future::poll_fn,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Waker},
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};
use tokio::{net::TcpStream, sync::watch};

use crate::{
    audience::{EVERYONE, TypeFilter, wants},
    clock::Millis,
    cursor::Position,
    event::Event,
    faults::Faults,
    ids::UserId,
    lane::Lane,
    metrics::Metrics,
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
    /// Whether all that it lacked when it was registered is in its queue.
    caught_up: AtomicBool,
    made_room: AtomicBool,
    outbox: Mutex<Outbox>,
    /// Only where the server offers faults.
    faults: Option<watch::Sender<Arc<Faults>>>,
}

/// What the rest of the server leaves for a stream, and whom to wake for it.
#[derive(Debug, Default)]
struct Outbox {
    queue: Queue,
    lane: Lane,
    ended: Option<End>,
    /// The one task that drives the stream, while it waits.
    waiting: Option<Waker>,
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
    pub(crate) fn new(user: UserId, asked: Asked, faults: Option<Arc<Faults>>) -> Self {
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
        Self::with(open.id.clone(), user, asked, since, None, false)
    }

    fn with(
        id: ConnId,
        user: UserId,
        asked: Asked,
        since: Millis,
        faults: Option<Arc<Faults>>,
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
            caught_up: AtomicBool::new(false),
            made_room: AtomicBool::new(false),
            outbox: Mutex::default(),
            faults: faults.map(watch::Sender::new),
        }
    }

    pub(crate) fn set_registered(&self) {
        self.registered.store(true, Ordering::Release);
    }

    pub(crate) fn was_registered(&self) -> bool {
        self.registered.load(Ordering::Acquire)
    }

    /// Queues all that it lacked, before anything else is.
    pub(crate) fn catch_up<'a>(&self, lacking: impl Iterator<Item = &'a Arc<Event>>) {
        let mut outbox = lock(&self.outbox);
        for event in lacking.filter(|event| wants(&self.wanted, &event.event_type)) {
            outbox.queue.push(event);
        }
        self.caught_up.store(true, Ordering::Release);
    }

    pub(crate) fn is_caught_up(&self) -> bool {
        self.caught_up.load(Ordering::Acquire)
    }

    /// Gives up its place to one that is about to replace it; true the first time.
    pub(crate) fn make_room(&self) -> bool {
        !self.made_room.swap(true, Ordering::AcqRel)
    }

    /// Queues an event; says whether this stream wants it. Adds it to `due` if
    /// [`Conn::write_out`] is to be called.
    pub(crate) fn push(self: &Arc<Self>, event: &Arc<Event>, due: &mut Vec<Arc<Self>>) -> bool {
        if !wants(&self.wanted, &event.event_type) {
            return false;
        }
        if self.is_here {
            let waiting = {
                let mut outbox = lock(&self.outbox);
                outbox.queue.push(event);
                if outbox.lane.becomes_due() {
                    due.push(self.clone());
                }
                if outbox.lane.is_open() {
                    None
                } else {
                    outbox.waiting.take()
                }
            };
            if let Some(waiting) = waiting {
                waiting.wake();
            }
        }
        true
    }

    /// Says that the task of `cx` is to be woken when something is queued or the
    /// stream is to end, and why it is to end if it is. One task waits at a time.
    /// Also says up to where the lane has written.
    pub(crate) fn watch(&self, cx: &Context<'_>) -> (Option<End>, Position) {
        let mut outbox = lock(&self.outbox);
        match &mut outbox.waiting {
            Some(waiting) => waiting.clone_from(cx.waker()),
            none => *none = Some(cx.waker().clone()),
        }
        (outbox.ended, outbox.lane.low())
    }

    /// Says that its stream is written to this socket and nothing else is.
    pub(crate) fn attach(&self, socket: Arc<TcpStream>) {
        lock(&self.outbox).lane.socket = Some(socket);
    }

    pub(crate) fn detach(&self) {
        lock(&self.outbox).lane = Lane::default();
    }

    /// Leaves the writing to whoever delivers: all up to `low` was written.
    pub(crate) fn open_lane(&self, low: Position) {
        let outbox = &mut *lock(&self.outbox);
        // Otherwise the task was woken again and has still to look.
        let idle = outbox.queue.is_empty() && !outbox.queue.overflowed();
        if idle && outbox.ended.is_none() {
            outbox.lane.open(low);
        }
    }

    /// Takes the writing back, with what is to be written first.
    pub(crate) fn close_lane(&self) -> Vec<u8> {
        lock(&self.outbox).lane.close()
    }

    /// Writes what is queued, if the lane is still open. Adds to `accepted` when each event that it
    /// wrote was accepted.
    pub(crate) fn write_out(
        &self,
        metrics: &Metrics,
        scratch: &mut Vec<u8>,
        accepted: &mut Vec<Instant>,
    ) {
        let before = accepted.len();
        let waiting = {
            let outbox = &mut *lock(&self.outbox);
            let left = outbox.lane.write(&mut outbox.queue, scratch, |event| {
                accepted.push(event.accepted);
            });
            if left { outbox.waiting.take() } else { None }
        };
        metrics.handed_over(self, accepted.len() - before);
        if let Some(waiting) = waiting {
            waiting.wake();
        }
    }

    /// What is to be sent next, about `CHUNK` bytes of it; `room` is how many
    /// may be ahead of their turn. More may wait behind it.
    pub(crate) fn take(&self, room: usize) -> Taken {
        let mut outbox = lock(&self.outbox);
        if outbox.queue.overflowed() {
            return Taken::Overflowed;
        }
        Taken::Events(outbox.queue.take(room, CHUNK))
    }

    pub(crate) fn queued_events(&self) -> usize {
        lock(&self.outbox).queue.len()
    }

    pub(crate) fn queue_is_empty(&self) -> bool {
        let queue = &lock(&self.outbox).queue;
        queue.is_empty() && !queue.overflowed()
    }

    pub(crate) fn reset_queue(&self) {
        lock(&self.outbox).queue = Queue::default();
    }

    /// Whether it was opened for this group among others.
    pub(crate) fn takes_group(&self, group: &str) -> bool {
        let only = self.only_group.as_deref();
        only.is_none_or(|only| only == group || group == EVERYONE)
    }

    /// Ends the stream; the first reason stands.
    pub(crate) fn end(&self, why: End) {
        let waiting = {
            let mut outbox = lock(&self.outbox);
            outbox.ended.get_or_insert(why);
            outbox.waiting.take()
        };
        if let Some(waiting) = waiting {
            waiting.wake();
        }
    }

    pub(crate) fn end_reason(&self) -> Option<End> {
        lock(&self.outbox).ended
    }

    /// Waits until the stream is to end, in the task that drives it.
    pub(crate) async fn ended(&self) -> End {
        poll_fn(|cx| self.watch(cx).0.map_or(Poll::Pending, Poll::Ready)).await
    }

    /// What goes wrong with it, now and later; none where faults are not offered.
    pub(crate) fn faults(&self) -> Option<watch::Receiver<Arc<Faults>>> {
        self.faults.as_ref().map(watch::Sender::subscribe)
    }

    pub(crate) fn set_faults(&self, new: Arc<Faults>) {
        if let Some(faults) = &self.faults {
            faults.send_replace(new);
        }
    }
}
