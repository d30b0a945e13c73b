//! Reading the log: what was for a user after a place in it.

use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, params};

use crate::{
    audience::{Audience, DEFAULT, EVERYONE, TypeFilter, wants},
    clock::Millis,
    cursor::{Position, Sent, Unusable},
    error::ApiError,
    event::Priority,
    ids::UserId,
};

/// An event on its way into the log.
#[derive(Debug)]
pub(crate) struct NewEvent {
    pub(crate) audience: Audience,
    pub(crate) event_type: String,
    pub(crate) priority: Priority,
    pub(crate) data: String,
    pub(crate) expire_at: Option<Millis>,
}

/// An event out of the log.
#[derive(Debug)]
pub(crate) struct Logged {
    pub(crate) position: Position,
    pub(crate) event_type: String,
    pub(crate) priority: Priority,
    pub(crate) data: String,
    pub(crate) created_at: Millis,
}

/// Who reads, and what of it.
#[derive(Clone, Debug)]
pub(crate) struct Reader {
    pub(crate) user: UserId,
    pub(crate) only_group: Option<Arc<str>>,
    pub(crate) wanted: TypeFilter,
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

/// The groups that the reader is in right now.
pub(crate) fn memberships(
    conn: &Connection,
    user: UserId,
    only: Option<&str>,
) -> Result<Vec<Membership>, ApiError> {
    let mut statement = conn.prepare_cached(
        "SELECT 'chat:' || chat_id, since, NULL FROM chat_members WHERE user_id = ?1
         UNION ALL
         SELECT group_name, since, event_types FROM app_sse_subscription
         WHERE user_id = ?1 AND status = 1
         UNION ALL SELECT ?2, 0, NULL
         UNION ALL SELECT ?3, 0, NULL WHERE NOT EXISTS (
             SELECT 1 FROM app_sse_subscription WHERE user_id = ?1 AND group_name = ?3)",
    )?;
    let rows = statement.query_map(params![user, EVERYONE, DEFAULT], |row| {
        let group: String = row.get(0)?;
        let types: Option<String> = row.get(2)?;
        Ok(Membership {
            group: group.into(),
            since: position(row.get(1)?),
            types: types.map(|types| types.split(',').map(str::to_owned).collect()),
        })
    })?;
    let mut memberships = rows.collect::<Result<Vec<_>, _>>()?;
    memberships.retain(|of| only.is_none_or(|only| *only == *of.group || *of.group == *EVERYONE));
    Ok(memberships)
}

const COLUMNS: &str =
    "SELECT position, event_type, priority, data, created_at FROM app_sse_message";
const TO_USER: &str = "WHERE receiver_type = 'user' AND receiver_id = ?1";
const TO_GROUP: &str = "WHERE receiver_type = 'group' AND group_name = ?1";
const RANGE: &str =
    "AND position > ?2 AND position <= ?3 AND (expire_at IS NULL OR expire_at > ?4)";

/// Reads on after `sent`, no further than `end`. Each source of events (the
/// user's own, each group) is an index range; memberships are looked up anew,
/// so that nobody is replayed what they may no longer read.
pub(crate) fn page(
    conn: &Connection,
    reader: &Reader,
    sent: &Sent,
    end: Position,
    limit: usize,
) -> Result<Page, ApiError> {
    let mut up_to = end;
    let order = "ORDER BY position LIMIT ?5";
    let mut events = gather(conn, reader, (sent.low(), end), order, limit, |last| {
        // A source that filled its limit may have more behind it.
        up_to = last.min(up_to);
    })?;
    events.retain(|event| event.position <= up_to && !sent.contains(event.position));
    events.sort_unstable_by_key(|event| event.position);
    if events.len() > limit {
        events.truncate(limit);
        up_to = events.last().map_or(up_to, |event| event.position);
    }
    Ok(Page { events, up_to })
}

/// What is to go ahead of the rest, the most urgent first; at most `limit`.
pub(crate) fn raised(
    conn: &Connection,
    reader: &Reader,
    sent: &Sent,
    end: Position,
    limit: usize,
) -> Result<Vec<Logged>, ApiError> {
    let order = "AND priority > 0 ORDER BY priority DESC, position LIMIT ?5";
    // What went ahead already is found again, so it must fit in beside the new.
    let rows = limit + crate::cursor::MAX_AHEAD;
    let mut events = gather(conn, reader, (sent.low(), end), order, rows, |_| {})?;
    events.retain(|event| !sent.contains(event.position));
    events.sort_unstable_by_key(|event| (std::cmp::Reverse(event.priority), event.position));
    events.truncate(limit);
    Ok(events)
}

/// What is in the range for the reader, from all sources, `limit` from each.
fn gather(
    conn: &Connection,
    reader: &Reader,
    (after, end): (Position, Position),
    order: &str,
    limit: usize,
    mut full: impl FnMut(Position),
) -> Result<Vec<Logged>, ApiError> {
    let now = Millis::now().0;
    let rows_at_most = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut events = Vec::new();
    let mut take = |rows: &mut rusqlite::Rows<'_>, types: &TypeFilter| -> Result<(), ApiError> {
        let (mut count, mut last) = (0, 0);
        while let Some(row) = rows.next()? {
            let event = logged(row)?;
            count += 1;
            last = event.position;
            if wants(types, &event.event_type) && wants(&reader.wanted, &event.event_type) {
                events.push(event);
            }
        }
        if count == limit {
            full(last);
        }
        Ok(())
    };
    let mut statement = conn.prepare_cached(&format!("{COLUMNS} {TO_USER} {RANGE} {order}"))?;
    let range = params![reader.user, signed(after), signed(end), now, rows_at_most];
    take(&mut statement.query(range)?, &None)?;
    let mut statement = conn.prepare_cached(&format!("{COLUMNS} {TO_GROUP} {RANGE} {order}"))?;
    for of in memberships(conn, reader.user, reader.only_group.as_deref())? {
        let after = signed(of.since.max(after));
        let range = params![of.group, after, signed(end), now, rows_at_most];
        take(&mut statement.query(range)?, &of.types)?;
    }
    Ok(events)
}

/// Where the log can be resumed from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// The oldest place with nothing missing behind it.
    pub(crate) start: Position,
    /// Up to here, something of this user's was dropped.
    pub(crate) trimmed_to: Position,
    pub(crate) end: Position,
}

/// The bounds for a user, of a log that ends at `end`.
pub(crate) fn bounds(conn: &Connection, user: UserId, end: Position) -> Result<Bounds, ApiError> {
    let start: Option<String> = conn
        .prepare_cached("SELECT value FROM meta WHERE key = 'log_start'")?
        .query_row([], |row| row.get(0))
        .optional()?;
    let trimmed: Option<i64> = conn
        .prepare_cached("SELECT trimmed_to FROM app_sse_inbox WHERE user_id = ?1")?
        .query_row([user], |row| row.get(0))
        .optional()?;
    Ok(Bounds {
        start: start.and_then(|start| start.parse().ok()).unwrap_or(0),
        trimmed_to: position(trimmed.unwrap_or(0)),
        end,
    })
}

impl Bounds {
    /// The oldest id that a user can resume from without a gap.
    pub(crate) fn earliest(self) -> Position {
        self.start.max(self.trimmed_to)
    }

    /// What resuming from `asked` comes to: from where, and whether something
    /// is missing there.
    pub(crate) fn resume(self, asked: Option<Result<Sent, Unusable>>) -> (Sent, Option<Unusable>) {
        match asked {
            None => (Sent::up_to(self.end), None),
            Some(Err(why)) => (Sent::up_to(self.start), Some(why)),
            Some(Ok(sent)) if sent.highest() > self.end => {
                (Sent::up_to(self.start), Some(Unusable::Future))
            }
            Some(Ok(mut sent)) => {
                let expired = sent.low() < self.earliest();
                sent.raise(self.start);
                (sent, expired.then_some(Unusable::Expired))
            }
        }
    }
}

fn logged(row: &rusqlite::Row<'_>) -> rusqlite::Result<Logged> {
    Ok(Logged {
        position: position(row.get(0)?),
        event_type: row.get(1)?,
        priority: Priority::try_from(row.get::<_, u8>(2)?).unwrap_or_default(),
        data: row.get(3)?,
        created_at: Millis(row.get(4)?),
    })
}

pub(crate) fn position(value: i64) -> Position {
    Position::try_from(value).unwrap_or(0)
}

pub(crate) fn signed(position: Position) -> i64 {
    i64::try_from(position).unwrap_or(i64::MAX)
}
