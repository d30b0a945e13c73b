//! Who is connected, and who gets an event.
//!
//! Only the thread that writes the log changes memberships here and delivers,
//! in the order of the log; delivery looks nothing up in the database.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

use crate::{
    conn::{Conn, ConnId, End},
    cursor::Position,
    event::Event,
    guard::Slot,
    ids::UserId,
    metrics::Metrics,
    store::lock,
};

/// The event types a stream or a subscription asked for; none means all.
pub(crate) type TypeFilter = Option<HashSet<String>>;

/// The group of a broadcast. Everybody is in it, and no other name can be this.
pub(crate) const EVERYONE: &str = "*";
/// Everybody is in this one too, until they unsubscribe.
pub(crate) const DEFAULT: &str = "default";

/// Whom an event is for.
#[derive(Clone, Debug)]
pub(crate) enum Audience {
    User(UserId),
    Group(Arc<str>),
}

/// What a durable write means for live streams.
#[derive(Debug)]
pub(crate) enum Effect {
    /// The count is raised by the streams that it was queued for.
    Deliver(Audience, Arc<Event>, Arc<AtomicU64>),
    /// Also changes the types of a member.
    Join(UserId, Arc<str>, TypeFilter),
    Leave(UserId, Arc<str>),
    Register(Arc<Conn>, Vec<(Arc<str>, TypeFilter)>),
}

/// The connected streams.
#[derive(Debug)]
pub(crate) struct Hub {
    registry: Mutex<Registry>,
    /// All up to here was delivered.
    delivered: AtomicU64,
    open: AtomicUsize,
    max_open: usize,
    max_per_user: usize,
    metrics: Arc<Metrics>,
}

#[derive(Debug, Default)]
struct Registry {
    conns: HashMap<ConnId, Entry>,
    /// Oldest first.
    by_user: HashMap<UserId, Vec<Arc<Conn>>>,
    by_group: HashMap<Arc<str>, Members>,
}

/// Only those connected, so that delivery costs nothing for the rest.
type Members = HashMap<ConnId, (Arc<Conn>, TypeFilter)>;

#[derive(Debug)]
struct Entry {
    conn: Arc<Conn>,
    groups: HashSet<Arc<str>>,
}

impl Hub {
    pub(crate) fn new(max_open: usize, max_per_user: usize, metrics: Arc<Metrics>) -> Arc<Self> {
        Arc::new(Self {
            registry: Mutex::default(),
            delivered: AtomicU64::new(0),
            open: AtomicUsize::new(0),
            max_open,
            max_per_user,
            metrics,
        })
    }

    /// Says where the log ended when it was opened.
    pub(crate) fn start_at(&self, last: Position) {
        self.delivered.store(last, Ordering::Release);
    }

    /// All up to here is in the queue of every stream that it is for.
    pub(crate) fn delivered(&self) -> Position {
        self.delivered.load(Ordering::Acquire)
    }

    /// A place among the open streams, or none when all are taken.
    pub(crate) fn take_slot(self: &Arc<Self>) -> Option<Slot> {
        let room = |open: usize| (open < self.max_open).then_some(open + 1);
        self.open
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, room)
            .ok()?;
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
        let mut registry = lock(&self.registry);
        for effect in effects {
            match effect {
                Effect::Deliver(audience, event, reached) => {
                    let count = registry.deliver(&audience, &event);
                    reached.store(count, Ordering::Release);
                    self.metrics.events_in.inc();
                    self.metrics.deliveries.inc_by(count);
                    if event.is_logged() {
                        self.delivered.store(event.position, Ordering::Release);
                        if count > 0 && matches!(audience, Audience::User(_)) {
                            taken.push(event.position);
                        }
                    }
                }
                Effect::Join(user, group, types) => registry.join(user, &group, &types),
                Effect::Leave(user, group) => registry.leave(user, &group),
                Effect::Register(conn, groups) => self.register(&mut registry, conn, groups),
            }
        }
        taken
    }

    fn register(
        &self,
        registry: &mut Registry,
        conn: Arc<Conn>,
        groups: Vec<(Arc<str>, TypeFilter)>,
    ) {
        let theirs = registry
            .by_user
            .get(&conn.user)
            .cloned()
            .unwrap_or_default();
        let (same_browser, others): (Vec<_>, Vec<_>) = theirs
            .into_iter()
            .partition(|older| conn.client_id.is_some() && older.client_id == conn.client_id);
        let too_many = (others.len() + 1).saturating_sub(self.max_per_user);
        for older in same_browser.iter().chain(others.iter().take(too_many)) {
            registry.remove(&older.id);
            older.end(End::Superseded);
            self.metrics.superseded.inc();
        }
        registry.insert(conn, groups);
    }

    /// Starts a stream over from the log: its queue is emptied, and everything
    /// after the position returned will be in it.
    pub(crate) fn restart_queue(&self, conn: &Conn) -> Position {
        self.metrics.overflows.inc();
        let _registry = lock(&self.registry);
        conn.reset_queue();
        self.delivered()
    }

    /// The open streams, for as long as one looks.
    pub(crate) fn conns(&self) -> Vec<Arc<Conn>> {
        let registry = lock(&self.registry);
        registry
            .conns
            .values()
            .map(|entry| entry.conn.clone())
            .collect()
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
        self.remove(&conn.id);
        self.metrics.lived(conn);
    }

    fn remove(&self, id: &ConnId) {
        lock(&self.registry).remove(id);
    }
}

impl Registry {
    fn deliver(&self, audience: &Audience, event: &Arc<Event>) -> u64 {
        let mut reached = 0;
        match audience {
            Audience::User(user) => {
                for conn in self.by_user.get(user).into_iter().flatten() {
                    reached += u64::from(conn.push(event));
                }
            }
            Audience::Group(group) => {
                let members = self.by_group.get(group).into_iter().flatten();
                for (conn, types) in members.map(|(_, member)| member) {
                    if wants(types, &event.event_type) {
                        reached += u64::from(conn.push(event));
                    }
                }
            }
        }
        reached
    }

    fn leave(&mut self, user: UserId, group: &Arc<str>) {
        for conn in self.by_user.get(&user).into_iter().flatten() {
            if let Some(entry) = self.conns.get_mut(&conn.id) {
                entry.groups.remove(group);
            }
            remove_member(&mut self.by_group, group, &conn.id);
        }
    }

    fn join(&mut self, user: UserId, group: &Arc<str>, types: &TypeFilter) {
        let theirs = self.by_user.get(&user).into_iter().flatten();
        for conn in theirs.filter(|conn| conn.takes_group(group)) {
            if let Some(entry) = self.conns.get_mut(&conn.id) {
                entry.groups.insert(group.clone());
            }
            let members = self.by_group.entry(group.clone()).or_default();
            members.insert(conn.id.clone(), (conn.clone(), types.clone()));
        }
    }

    fn insert(&mut self, conn: Arc<Conn>, groups: Vec<(Arc<str>, TypeFilter)>) {
        let mut names = HashSet::new();
        for (group, types) in groups {
            let members = self.by_group.entry(group.clone()).or_default();
            members.insert(conn.id.clone(), (conn.clone(), types));
            names.insert(group);
        }
        self.by_user
            .entry(conn.user)
            .or_default()
            .push(conn.clone());
        let entry = Entry {
            conn: conn.clone(),
            groups: names,
        };
        self.conns.insert(conn.id.clone(), entry);
    }

    // Empty sets go with their last member, or they would pile up.
    fn remove(&mut self, id: &ConnId) {
        let Some(entry) = self.conns.remove(id) else {
            return;
        };
        for group in entry.groups {
            remove_member(&mut self.by_group, &group, id);
        }
        if let Some(conns) = self.by_user.get_mut(&entry.conn.user) {
            conns.retain(|conn| conn.id != *id);
            if conns.is_empty() {
                self.by_user.remove(&entry.conn.user);
            }
        }
    }
}

fn remove_member(by_group: &mut HashMap<Arc<str>, Members>, group: &Arc<str>, id: &ConnId) {
    if let Some(members) = by_group.get_mut(group) {
        members.remove(id);
        if members.is_empty() {
            by_group.remove(group);
        }
    }
}

/// Whether a filter lets a type through.
pub(crate) fn wants(filter: &TypeFilter, event_type: &str) -> bool {
    match filter {
        Some(types) => types.contains(event_type),
        None => true,
    }
}
