//! The index of connected streams: by id, by user, by group.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use indexmap::IndexMap;

use crate::{
    audience::{Audience, TypeFilter, wants},
    conn::{Conn, ConnId},
    event::Event,
    ids::UserId,
    recent::Recent,
    seen::Seen,
    store::log::Membership,
};

#[derive(Debug, Default)]
pub(crate) struct Registry {
    pub(crate) conns: HashMap<ConnId, Entry>,
    /// Oldest first.
    pub(crate) by_user: HashMap<UserId, Vec<Arc<Conn>>>,
    pub(crate) by_group: HashMap<Arc<str>, Members>,
    pub(crate) seen: Seen,
    pub(crate) recent: Recent,
}

/// How many streams an event was queued for.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Reached {
    /// At all servers.
    pub(crate) all: u64,
    /// At this one.
    pub(crate) here: u64,
}

/// Only those connected, so that delivery costs nothing for the rest. As they came: neighbours in
/// memory are met one after the other, which a hash map's order would have at random.
pub(crate) type Members = IndexMap<ConnId, (Arc<Conn>, TypeFilter)>;

#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) conn: Arc<Conn>,
    groups: HashSet<Arc<str>>,
}

impl Registry {
    /// Adds to `due` the streams that somebody has to write to.
    pub(crate) fn deliver(
        &self,
        audience: &Audience,
        event: &Arc<Event>,
        due: &mut Vec<Arc<Conn>>,
    ) -> Reached {
        let mut reached = Reached::default();
        let mut push = |conn: &Arc<Conn>| {
            if conn.push(event, due) {
                reached.all += 1;
                reached.here += u64::from(conn.is_here);
            }
        };
        match audience {
            Audience::User(user) => {
                for conn in self.by_user.get(user).into_iter().flatten() {
                    push(conn);
                }
            }
            Audience::Group(group) => {
                let members = self.by_group.get(group).into_iter().flatten();
                for (conn, types) in members.map(|(_, member)| member) {
                    if wants(types, &event.event_type) {
                        push(conn);
                    }
                }
            }
        }
        reached
    }

    pub(crate) fn leave(&mut self, user: UserId, group: &Arc<str>) {
        for conn in self.by_user.get(&user).into_iter().flatten() {
            if let Some(entry) = self.conns.get_mut(&conn.id) {
                entry.groups.remove(group);
            }
            remove_member(&mut self.by_group, group, &conn.id);
        }
    }

    pub(crate) fn join(&mut self, user: UserId, group: &Arc<str>, types: &TypeFilter) {
        let theirs = self.by_user.get(&user).into_iter().flatten();
        for conn in theirs.filter(|conn| conn.takes_group(group)) {
            if let Some(entry) = self.conns.get_mut(&conn.id) {
                entry.groups.insert(group.clone());
            }
            let members = self.by_group.entry(group.clone()).or_default();
            members.insert(conn.id.clone(), (conn.clone(), types.clone()));
        }
    }

    pub(crate) fn insert(&mut self, conn: Arc<Conn>, memberships: Vec<Membership>) {
        let mut names = HashSet::new();
        for Membership { group, types, .. } in memberships {
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
    pub(crate) fn remove(&mut self, id: &ConnId) -> Option<Arc<Conn>> {
        let entry = self.conns.remove(id)?;
        for group in entry.groups {
            remove_member(&mut self.by_group, &group, id);
        }
        if let Some(conns) = self.by_user.get_mut(&entry.conn.user) {
            conns.retain(|conn| conn.id != *id);
            if conns.is_empty() {
                self.by_user.remove(&entry.conn.user);
            }
        }
        Some(entry.conn)
    }
}

fn remove_member(by_group: &mut HashMap<Arc<str>, Members>, group: &Arc<str>, id: &ConnId) {
    if let Some(members) = by_group.get_mut(group) {
        members.swap_remove(id);
        if members.is_empty() {
            by_group.remove(group);
        }
    }
}
