//! Who was here lately: users for five minutes, their browsers for ten.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use crate::{clock::Millis, conn::Conn, ids::UserId};

const PRESENCE: Duration = Duration::from_secs(300);
const CLIENT: Duration = Duration::from_secs(600);

/// Users and browsers with an open stream, and those whose last one ended
/// lately. Open streams count by their lives, so there are no ghosts.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    users: HashMap<UserId, Trace>,
    clients: HashMap<(UserId, String), Trace>,
}

/// What is known of a user or a browser.
#[derive(Clone, Debug)]
pub(crate) struct Trace {
    /// Open streams.
    pub(crate) connections: usize,
    /// When a stream was last opened or ended.
    pub(crate) last_seen: Millis,
    /// What the newest stream came with.
    pub(crate) last_event_id: Option<String>,
    touched: Instant,
}

impl Trace {
    fn touch(&mut self, now: Instant) {
        self.touched = now;
        self.last_seen = Millis::now();
    }
}

impl Seen {
    pub(crate) fn opened(&mut self, conn: &Conn, now: Instant) {
        let open = |trace: &mut Trace| {
            trace.touch(now);
            trace.connections += 1;
            trace.last_event_id.clone_from(&conn.came_with);
        };
        let new = || Trace {
            connections: 0,
            last_seen: Millis::now(),
            last_event_id: None,
            touched: now,
        };
        open(self.users.entry(conn.user).or_insert_with(new));
        if let Some(client) = &conn.client_id {
            let key = (conn.user, client.clone());
            open(self.clients.entry(key).or_insert_with(new));
        }
    }

    pub(crate) fn ended(&mut self, conn: &Conn, now: Instant) {
        let end = |trace: &mut Trace| {
            trace.touch(now);
            trace.connections = trace.connections.saturating_sub(1);
        };
        if let Some(trace) = self.users.get_mut(&conn.user) {
            end(trace);
        }
        if let Some(client) = &conn.client_id
            && let Some(trace) = self.clients.get_mut(&(conn.user, client.clone()))
        {
            end(trace);
        }
    }

    /// Forgets those that are gone for too long.
    pub(crate) fn tidy(&mut self, now: Instant) {
        let keep = |trace: &Trace, limit: Duration| {
            trace.connections > 0 || now.duration_since(trace.touched) < limit
        };
        self.users.retain(|_, trace| keep(trace, PRESENCE));
        self.clients.retain(|_, trace| keep(trace, CLIENT));
    }

    pub(crate) fn users(&self) -> Vec<(UserId, Trace)> {
        let mut users: Vec<_> = self
            .users
            .iter()
            .map(|(user, trace)| (*user, trace.clone()))
            .collect();
        users.sort_unstable_by_key(|(user, _)| *user);
        users
    }

    pub(crate) fn clients(&self) -> Vec<(UserId, String, Trace)> {
        let clients = self.clients.iter();
        let mut clients: Vec<_> = clients
            .map(|((user, client), trace)| (*user, client.clone(), trace.clone()))
            .collect();
        clients.sort_unstable_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
        clients
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conn::Asked;

    #[test]
    fn a_user_is_forgotten_after_five_minutes_and_a_browser_after_ten() {
        let asked = Asked {
            client_id: Some("tab".into()),
            ..Asked::default()
        };
        let conn = Conn::new(UserId(3), asked, None);
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut seen = Seen::default();
        seen.opened(&conn, start);
        seen.tidy(at(10_000));
        assert_eq!((seen.users().len(), seen.clients().len()), (1, 1));
        seen.ended(&conn, at(10_000));
        seen.tidy(at(10_299));
        assert_eq!((seen.users().len(), seen.clients().len()), (1, 1));
        assert_eq!(seen.users()[0].1.connections, 0);
        seen.tidy(at(10_301));
        assert_eq!((seen.users().len(), seen.clients().len()), (0, 1));
        seen.tidy(at(10_601));
        assert_eq!(seen.clients().len(), 0);
    }
}
