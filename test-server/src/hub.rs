//! Who is connected, and who gets an event.
//!
//! Only the thread that writes the log changes memberships here and delivers,
//! in the order of the log; delivery looks nothing up in the database.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::{runtime::Handle, sync::mpsc};

use crate::{
    audience::Audience,
    conn::{Conn, ConnId, End},
    cursor::{Position, Sent},
    effect::Effect,
    event::Event,
    guard::Slot,
    ids::UserId,
    metrics::Metrics,
    registry::Registry,
    seen::Seen,
    store::{lock, log::Membership},
    unread::UnreadCounts,
};

/// The connected streams.
#[derive(Debug)]
pub(crate) struct Hub {
    registry: Mutex<Registry>,
    /// Raised before any stream hears of what is up to here.
    committed: AtomicU64,
    /// Raised when every stream has what is up to here in its queue.
    delivered: AtomicU64,
    open: AtomicUsize,
    max_open: usize,
    max_per_user: usize,
    metrics: Arc<Metrics>,
    unread: Arc<UnreadCounts>,
    /// Told of streams that ended, where other servers must hear of it.
    ended: Option<mpsc::UnboundedSender<ConnId>>,
    runtime: Handle,
}

/// Streams written to in one go, about half a millisecond.
const AT_ONCE: usize = 64;

impl Hub {
    /// In a runtime, which then also writes to streams.
    pub(crate) fn new(
        (max_open, max_per_user): (usize, usize),
        metrics: Arc<Metrics>,
        unread: Arc<UnreadCounts>,
        ended: Option<mpsc::UnboundedSender<ConnId>>,
    ) -> Arc<Self> {
        Arc::new(Self {
            registry: Mutex::default(),
            committed: AtomicU64::new(0),
            delivered: AtomicU64::new(0),
            open: AtomicUsize::new(0),
            max_open,
            max_per_user,
            metrics,
            unread,
            ended,
            runtime: Handle::current(),
        })
    }

    /// Says where the log ended when it was opened.
    pub(crate) fn start_at(&self, last: Position) {
        self.committed.store(last, Ordering::Release);
        self.delivered.store(last, Ordering::Release);
        lock(&self.registry).recent.start_at(last);
    }

    /// As after a restart: what is in the log is in the database alone.
    #[cfg(test)]
    pub(crate) fn forget_recent(&self) {
        let mut registry = lock(&self.registry);
        registry.recent = crate::recent::Recent::default();
        registry.recent.start_at(self.delivered());
    }

    /// All up to here is in the database, for every reader to see: as soon as a
    /// stream may have written an event, its client can ask for what it knows of.
    pub(crate) fn committed(&self) -> Position {
        self.committed.load(Ordering::Acquire)
    }

    /// All up to here is in the queue of every stream that it is for.
    pub(crate) fn delivered(&self) -> Position {
        self.delivered.load(Ordering::Acquire)
    }

    /// A place among the open streams, or none when all are taken: then only a
    /// stream of the same browser, which is about to go, makes one.
    pub(crate) fn take_slot(
        self: &Arc<Self>,
        user: UserId,
        client_id: Option<&str>,
    ) -> Option<Slot> {
        let room = |open: usize| (open < self.max_open).then_some(open + 1);
        let taken = self
            .open
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, room);
        if taken.is_err() {
            let registry = lock(&self.registry);
            let theirs = registry.by_user.get(&user).into_iter().flatten();
            let mut same_browser =
                theirs.filter(|conn| client_id.is_some() && conn.client_id.as_deref() == client_id);
            // Each makes room once, however many come at the same time.
            same_browser.find(|conn| conn.is_here && conn.make_room())?;
            self.open.fetch_add(1, Ordering::AcqRel);
        }
        self.metrics.active_connections.inc();
        Some(Slot::new(self.clone()))
    }

    /// Applies what a transaction left, in order. Says which logged events for
    /// one user found a stream of theirs.
    pub(crate) fn apply(&self, effects: Vec<Effect>) -> Vec<Position> {
        let mut taken = Vec::new();
        if effects.is_empty() {
            return taken;
        }
        if let Some(last) = effects.iter().rev().find_map(Effect::logged) {
            self.committed.store(last, Ordering::Release);
        }
        let mut due = Vec::new();
        let mut registry = lock(&self.registry);
        for effect in effects {
            match effect {
                Effect::Deliver(audience, event, reached) => {
                    let count = registry.deliver(&audience, &event, &mut due);
                    reached.store(count.all, Ordering::Release);
                    self.metrics.events_in.inc();
                    self.metrics.deliveries.inc_by(count.here);
                    if event.is_logged() {
                        self.delivered.store(event.position, Ordering::Release);
                        if count.all > 0 && matches!(audience, Audience::User(_)) {
                            taken.push(event.position);
                        }
                        registry.recent.add(audience, event);
                    }
                }
                Effect::Join(user, group, types) => registry.join(user, &group, &types),
                Effect::Leave(user, group) => registry.leave(user, &group),
                Effect::Register {
                    conn,
                    memberships,
                    evict,
                    resumes_from,
                } => {
                    let evict = evict.unwrap_or_else(|| self.rivals(&registry, &conn));
                    self.evict(&mut registry, &evict, End::Superseded);
                    let itself = evict.contains(&conn.id).then(|| conn.id.clone());
                    conn.set_registered();
                    if conn.is_here {
                        self.metrics.opened(&conn);
                    }
                    registry.seen.opened(&conn, Instant::now());
                    if let Some(sent) = resumes_from {
                        taken.extend(self.catch_up(&registry, &conn, &sent, &memberships));
                    }
                    registry.insert(conn, memberships);
                    self.evict(&mut registry, itself.as_slice(), End::Superseded);
                }
                Effect::Close(ids) => {
                    let millis = rand::random_range(100..1000);
                    let retry = Duration::from_millis(millis);
                    self.evict(&mut registry, &ids, End::Lifetime { retry });
                }
                Effect::Disconnect(id) => self.evict(&mut registry, &[id], End::Disconnected),
                Effect::Recount(user) => self.unread.forget(user),
            }
        }
        drop(registry);
        self.write_out(due);
        taken
    }

    /// Writes to streams that lack nothing: to a few at once, to many beside the
    /// thread that writes the log.
    fn write_out(&self, due: Vec<Arc<Conn>>) {
        if due.len() <= AT_ONCE {
            write_to(due, &self.metrics);
            return;
        }
        let mut due = due.into_iter();
        while due.len() > 0 {
            let some: Vec<_> = due.by_ref().take(AT_ONCE).collect();
            let metrics = self.metrics.clone();
            self.runtime.spawn(async move { write_to(some, &metrics) });
        }
    }

    /// Queues what a stream lacks, if all of it is recent. Says which of it is
    /// for its user alone.
    fn catch_up(
        &self,
        registry: &Registry,
        conn: &Conn,
        sent: &Sent,
        memberships: &[Membership],
    ) -> Vec<Position> {
        let lacking = registry.recent.lacking(conn, sent, memberships);
        let to_user = |(audience, event): &&(Audience, Arc<Event>)| {
            matches!(audience, Audience::User(_)).then_some(event.position)
        };
        match lacking {
            Some(lacking) => {
                let theirs: Vec<_> = lacking.iter().filter_map(to_user).collect();
                // Where servers share a log they must all note it, as a change.
                if self.ended.is_none() || theirs.is_empty() {
                    conn.catch_up(lacking.into_iter().map(|(_, event)| event));
                    return theirs;
                }
                Vec::new()
            }
            None => Vec::new(),
        }
    }

    /// The streams that a new one replaces: those of the same browser, and the
    /// oldest above the user's limit. Itself alone where the browser has given it up.
    fn rivals(&self, registry: &Registry, conn: &Conn) -> Vec<ConnId> {
        let theirs = registry.by_user.get(&conn.user).into_iter().flatten();
        let (same_browser, others): (Vec<_>, Vec<_>) =
            theirs.partition(|older| conn.client_id.is_some() && older.client_id == conn.client_id);
        if same_browser.iter().any(|own| conn.was_overtaken_by(own)) {
            return vec![conn.id.clone()];
        }
        let too_many = (others.len() + 1).saturating_sub(self.max_per_user);
        let rivals = same_browser
            .into_iter()
            .chain(others.into_iter().take(too_many));
        rivals.map(|older| older.id.clone()).collect()
    }

    fn evict(&self, registry: &mut Registry, ids: &[ConnId], why: End) {
        for id in ids {
            let Some(conn) = registry.remove(id) else {
                continue;
            };
            if !conn.is_here {
                registry.seen.ended(&conn, Instant::now());
                continue;
            }
            conn.end(why);
            if why == End::Superseded {
                self.metrics.superseded.inc();
            }
        }
    }

    /// Starts a stream over from the log: its queue is emptied, and everything
    /// after the position returned will be in it.
    pub(crate) fn restart_queue(&self, conn: &Conn) -> Position {
        self.metrics.overflows.inc();
        let _registry = lock(&self.registry);
        conn.reset_queue();
        self.delivered()
    }

    /// The open streams of this server, for as long as one looks.
    pub(crate) fn conns(&self) -> Vec<Arc<Conn>> {
        let mut conns = self.all_conns();
        conns.retain(|conn| conn.is_here);
        conns
    }

    /// Those of all servers.
    pub(crate) fn all_conns(&self) -> Vec<Arc<Conn>> {
        let registry = lock(&self.registry);
        let entries = registry.conns.values();
        entries.map(|entry| entry.conn.clone()).collect()
    }

    /// Events that wait for streams, all together.
    pub(crate) fn queued(&self) -> i64 {
        let queued: usize = self.conns().iter().map(|conn| conn.queued_events()).sum();
        i64::try_from(queued).unwrap_or(i64::MAX)
    }

    /// The groups with streams, and how many.
    pub(crate) fn groups(&self) -> Vec<(Arc<str>, usize)> {
        let registry = lock(&self.registry);
        let groups = registry.by_group.iter();
        let mut groups: Vec<_> = groups
            .map(|(group, members)| (group.clone(), members.len()))
            .collect();
        groups.sort_unstable();
        groups
    }

    /// The open streams that are in a group.
    pub(crate) fn conns_of_group(&self, group: &str) -> Vec<Arc<Conn>> {
        let registry = lock(&self.registry);
        let members = registry.by_group.get(group).into_iter().flatten();
        members.map(|(_, (conn, _))| conn.clone()).collect()
    }

    /// A slot is free again.
    pub(crate) fn free_slot(&self) {
        self.open.fetch_sub(1, Ordering::AcqRel);
        self.metrics.active_connections.dec();
    }

    /// A stream is no longer there.
    pub(crate) fn gone(&self, conn: &Conn) {
        let mut registry = lock(&self.registry);
        registry.remove(&conn.id);
        // One whose registration failed was never there.
        if conn.was_registered() {
            registry.seen.ended(conn, Instant::now());
            if let Some(ended) = &self.ended {
                // Fails only when the process is leaving, which ends them all.
                let _ = ended.send(conn.id.clone());
            }
            self.metrics.lived(conn);
        }
    }

    /// Looks at who was here lately.
    pub(crate) fn seen<T>(&self, look: impl FnOnce(&Seen) -> T) -> T {
        let mut registry = lock(&self.registry);
        registry.seen.tidy(Instant::now());
        look(&registry.seen)
    }
}

/// Writes to some; how long their events waited is told by up to half a millisecond too much.
fn write_to(conns: Vec<Arc<Conn>>, metrics: &Metrics) {
    let mut scratch = Vec::new();
    let mut accepted = Vec::new();
    for conn in conns {
        conn.write_out(metrics, &mut scratch, &mut accepted);
    }
    metrics.wrote(&accepted);
}
