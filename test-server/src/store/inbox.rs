//! What a user has read, and what waits for them.

use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};

use crate::{
    clock::Millis,
    cursor::Position,
    effect::Effect,
    error::ApiError,
    ids::UserId,
    store::{
        Change, Write,
        log::{memberships, position, signed},
    },
};

/// Marks events read: some, and all up to a place. Says how many of `events`
/// were theirs and unread until now.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct MarkRead {
    pub(crate) user: UserId,
    pub(crate) events: Vec<Position>,
    pub(crate) up_to: Option<Position>,
}

impl Change for MarkRead {
    type Answer = usize;

    fn apply(self, write: &mut Write<'_>) -> Result<usize, ApiError> {
        // An id from the future marks nothing; saying so is kinder than an
        // answer of zero.
        if self
            .events
            .iter()
            .chain(&self.up_to)
            .any(|at| *at > write.last())
        {
            return Err(unknown_event());
        }
        let mut marked = 0;
        for at in self.events {
            marked += usize::from(mark(write, self.user, at)?);
        }
        if let Some(up_to) = self.up_to {
            mark_up_to(write, self.user, up_to)?;
        }
        write.effect(Effect::Recount(Some(self.user)));
        Ok(marked)
    }
}

/// There is no such event, at least not yet.
pub(crate) fn unknown_event() -> ApiError {
    ApiError::invalid("invalid_event_id", "There is no event with this id.")
}

fn mark(write: &Write<'_>, user: UserId, at: Position) -> Result<bool, ApiError> {
    let conn = write.conn();
    let own = conn
        .prepare_cached(
            "UPDATE app_sse_message SET status = 2, updated_at = ?3
             WHERE position = ?1 AND receiver_type = 'user' AND receiver_id = ?2 AND status < 2",
        )?
        .execute(params![signed(at), user, write.now().0])?;
    if own > 0 {
        return Ok(true);
    }
    let group: Option<String> = conn
        .prepare_cached(
            "SELECT group_name FROM app_sse_message WHERE position = ?1 AND receiver_type = 'group'",
        )?
        .query_row([signed(at)], |row| row.get(0))
        .optional()?;
    let theirs = match group {
        Some(group) => memberships(conn, user, None)?
            .iter()
            .any(|of| *of.group == *group && at > of.since),
        None => false,
    };
    if !theirs || at <= read_up_to(conn, user)? {
        return Ok(false);
    }
    let marked = conn
        .prepare_cached("INSERT OR IGNORE INTO app_sse_read (user_id, position) VALUES (?1, ?2)")?
        .execute(params![user, signed(at)])?;
    Ok(marked > 0)
}

fn mark_up_to(write: &Write<'_>, user: UserId, at: Position) -> Result<(), ApiError> {
    let conn = write.conn();
    conn.prepare_cached(
        "UPDATE app_sse_message SET status = 2, updated_at = ?3
         WHERE receiver_type = 'user' AND receiver_id = ?1 AND position <= ?2 AND status < 2",
    )?
    .execute(params![user, signed(at), write.now().0])?;
    conn.prepare_cached(
        "INSERT INTO app_sse_inbox (user_id, read_up_to) VALUES (?1, ?2)
         ON CONFLICT DO UPDATE SET read_up_to = max(read_up_to, ?2)",
    )?
    .execute(params![user, signed(at)])?;
    conn.prepare_cached("DELETE FROM app_sse_read WHERE user_id = ?1 AND position <= ?2")?
        .execute(params![user, signed(at)])?;
    Ok(())
}

/// Notes that the user's own events up to a place were sent to them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct MarkSent {
    pub(crate) user: UserId,
    pub(crate) up_to: Position,
}

impl Change for MarkSent {
    type Answer = ();

    fn apply(self, write: &mut Write<'_>) -> Result<(), ApiError> {
        write
            .conn()
            .prepare_cached(
                "UPDATE app_sse_message SET status = 1, updated_at = ?3
                 WHERE receiver_type = 'user' AND receiver_id = ?1 AND position <= ?2
                   AND status = 0",
            )?
            .execute(params![self.user, signed(self.up_to), write.now().0])?;
        Ok(())
    }
}

fn read_up_to(conn: &Connection, user: UserId) -> Result<Position, ApiError> {
    let read: Option<i64> = conn
        .prepare_cached("SELECT read_up_to FROM app_sse_inbox WHERE user_id = ?1")?
        .query_row([user], |row| row.get(0))
        .optional()?;
    Ok(position(read.unwrap_or(0)))
}

/// How many events in `(after, end]` the user has not read.
pub(crate) fn unread(
    conn: &Connection,
    user: UserId,
    after: Position,
    end: Position,
) -> Result<u64, ApiError> {
    let after = after.max(read_up_to(conn, user)?);
    let now = Millis::now().0;
    let mut count: i64 = conn
        .prepare_cached(
            "SELECT count(*) FROM app_sse_message
             WHERE receiver_type = 'user' AND receiver_id = ?1 AND position > ?2
               AND position <= ?3 AND status < 2 AND (expire_at IS NULL OR expire_at > ?4)",
        )?
        .query_row(params![user, signed(after), signed(end), now], |row| {
            row.get(0)
        })?;
    let mut statement = conn.prepare_cached(
        "SELECT count(*) FROM app_sse_message
         WHERE receiver_type = 'group' AND group_name = ?1 AND position > ?2 AND position <= ?3
           AND (expire_at IS NULL OR expire_at > ?4)
           AND (?5 IS NULL OR instr(?5, ',' || event_type || ','))
           AND NOT EXISTS (SELECT 1 FROM app_sse_read
                           WHERE user_id = ?6 AND position = app_sse_message.position)",
    )?;
    for of in memberships(conn, user, None)? {
        let types = of.types.map(|types| {
            let types: Vec<_> = types.into_iter().collect();
            format!(",{},", types.join(","))
        });
        let range = params![
            of.group,
            signed(of.since.max(after)),
            signed(end),
            now,
            types,
            user
        ];
        count += statement.query_row(range, |row| row.get::<_, i64>(0))?;
    }
    Ok(u64::try_from(count).unwrap_or(0))
}
