//! Reading the log: what was for a user after a place in it.

use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, params};

use crate::{
    clock::Millis,
    cursor::{Position, Sent, Unusable},
    error::ApiError,
    hub::{Audience, TypeFilter},
    ids::UserId,
};

/// An event on its way into the log.
#[derive(Debug)]
pub(crate) struct NewEvent {
    pub(crate) audience: Audience,
    pub(crate) event_type: String,
    pub(crate) priority: u8,
    pub(crate) data: String,
}

/// An event out of the log.
#[derive(Debug)]
pub(crate) struct Logged {
    pub(crate) position: Position,
    pub(crate) event_type: String,
    pub(crate) priority: u8,
    pub(crate) data: String,
    pub(crate) created_at: Millis,
}

/// A group of a user: since where, and of which types.
#[derive(Clone, Debug)]
pub(crate) struct Membership {
    pub(crate) group: Arc<str>,
    pub(crate) since: Position,
    pub(crate) types: TypeFilter,
}

/// A run of the log: everything for the user up to `up_to` that was not sent.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) events: Vec<Logged>,
    pub(crate) up_to: Position,
}

/// The groups that `user` is in right now.
pub(crate) fn memberships(conn: &Connection, user: UserId) -> Result<Vec<Membership>, ApiError> {
    let mut statement = conn.prepare_cached(
        "SELECT 'chat:' || chat_id, since, NULL FROM chat_members WHERE user_id = ?1
         UNION ALL
         SELECT group_name, since, event_types FROM app_sse_subscription
         WHERE user_id = ?1 AND status = 1",
    )?;
    let rows = statement.query_map([user], |row| {
        let group: String = row.get(0)?;
        let types: Option<String> = row.get(2)?;
        Ok(Membership {
            group: group.into(),
            since: position(row.get(1)?),
            types: types.map(|types| types.split(',').map(str::to_owned).collect()),
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Reads on after `sent`, no further than `end`. Each source of events (the
/// user's own, each group) is an index range; memberships are looked up anew,
/// so that nobody is replayed what they may no longer read.
pub(crate) fn page(
    conn: &Connection,
    user: UserId,
    sent: &Sent,
    end: Position,
    limit: usize,
) -> Result<Page, ApiError> {
    let mut up_to = end;
    let rows_at_most = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut events = Vec::new();
    let mut statement = conn.prepare_cached(
        "SELECT position, event_type, priority, data, created_at FROM app_sse_message
         WHERE receiver_type = 'user' AND receiver_id = ?1 AND position > ?2 AND position <= ?3
           AND (expire_at IS NULL OR expire_at > ?4)
         ORDER BY position LIMIT ?5",
    )?;
    let now = Millis::now().0;
    let rows = statement.query_map(
        params![user, signed(sent.low()), signed(end), now, rows_at_most],
        logged,
    )?;
    collect(rows, limit, &|_| true, &mut events, &mut up_to)?;
    let mut statement = conn.prepare_cached(
        "SELECT position, event_type, priority, data, created_at FROM app_sse_message
         WHERE receiver_type = 'group' AND group_name = ?1 AND position > ?2 AND position <= ?3
           AND (expire_at IS NULL OR expire_at > ?4)
         ORDER BY position LIMIT ?5",
    )?;
    for membership in memberships(conn, user)? {
        let after = membership.since.max(sent.low());
        let rows = statement.query_map(
            params![
                membership.group,
                signed(after),
                signed(end),
                now,
                rows_at_most
            ],
            logged,
        )?;
        let wanted = |event_type: &str| match &membership.types {
            Some(types) => types.contains(event_type),
            None => true,
        };
        collect(rows, limit, &wanted, &mut events, &mut up_to)?;
    }
    events.retain(|event| event.position <= up_to && !sent.contains(event.position));
    events.sort_unstable_by_key(|event| event.position);
    if events.len() > limit {
        events.truncate(limit);
        up_to = events.last().map_or(up_to, |event| event.position);
    }
    Ok(Page { events, up_to })
}

// A source that filled its limit may have more behind it, so the page ends there.
fn collect(
    rows: impl Iterator<Item = rusqlite::Result<Logged>>,
    limit: usize,
    wanted: &dyn Fn(&str) -> bool,
    events: &mut Vec<Logged>,
    up_to: &mut Position,
) -> Result<(), ApiError> {
    let mut count = 0;
    for row in rows {
        let event = row?;
        count += 1;
        if count == limit {
            *up_to = event.position.min(*up_to);
        }
        if wanted(&event.event_type) {
            events.push(event);
        }
    }
    Ok(())
}

/// Where the log can be resumed from: `start` is the oldest place with nothing
/// missing behind it.
pub(crate) fn start(conn: &Connection) -> Result<Position, ApiError> {
    let start: Option<String> = conn
        .prepare_cached("SELECT value FROM meta WHERE key = 'log_start'")?
        .query_row([], |row| row.get(0))
        .optional()?;
    Ok(start.and_then(|start| start.parse().ok()).unwrap_or(0))
}

/// What resuming from `asked` comes to: whether all can be had, and from where.
pub(crate) fn resume(
    asked: Option<Result<Sent, Unusable>>,
    start: Position,
    end: Position,
) -> (Sent, Option<Unusable>) {
    match asked {
        None => (Sent::up_to(end), None),
        Some(Err(why)) => (Sent::up_to(start), Some(why)),
        Some(Ok(sent)) if sent.highest() > end => (Sent::up_to(start), Some(Unusable::Future)),
        Some(Ok(sent)) if sent.low() < start => {
            let mut from = sent;
            from.raise(start);
            (from, Some(Unusable::Expired))
        }
        Some(Ok(sent)) => (sent, None),
    }
}

fn logged(row: &rusqlite::Row<'_>) -> rusqlite::Result<Logged> {
    Ok(Logged {
        position: position(row.get(0)?),
        event_type: row.get(1)?,
        priority: row.get(2)?,
        data: row.get(3)?,
        created_at: Millis(row.get(4)?),
    })
}

fn position(value: i64) -> Position {
    Position::try_from(value).unwrap_or(0)
}

fn signed(position: Position) -> i64 {
    i64::try_from(position).unwrap_or(i64::MAX)
}
