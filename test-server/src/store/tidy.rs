//! Clearing what is no longer wanted, a little at a time so that no write waits long.

use std::time::Duration;

use rusqlite::params;
use serde::{Deserialize, Serialize};

use crate::{
    effect::Effect,
    error::ApiError,
    ids::UserId,
    store::{Change, Write, log::position},
};

/// Rows of one kind cleared in one go.
const AT_ONCE: i64 = 500;
/// A send is remembered so long.
const SENDS_KEPT: Duration = Duration::from_secs(24 * 60 * 60);

/// What is kept. As a change it is one round of clearing, and says how many rows
/// went; if it is not zero, there may be more.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Limits {
    /// Events older than this go.
    pub(crate) retention: Duration,
    /// More than so many unsent events of one user do not wait.
    pub(crate) waiting: usize,
}

impl Change for Limits {
    type Answer = usize;

    fn apply(self, write: &mut Write<'_>) -> Result<usize, ApiError> {
        let rows = expired(write)?
            + old(write, self.retention)?
            + sends(write)?
            + surplus(write, self.waiting)?;
        if rows > 0 {
            write.effect(Effect::Recount(None));
        }
        Ok(rows)
    }
}

/// An event past its time is nobody's loss, so this leaves no gap.
fn expired(write: &Write<'_>) -> Result<usize, ApiError> {
    let gone = write
        .conn()
        .prepare_cached(
            "DELETE FROM app_sse_message WHERE position IN (
                 SELECT position FROM app_sse_message
                 WHERE expire_at IS NOT NULL AND expire_at <= ?1 LIMIT ?2)",
        )?
        .execute(params![write.now().0, AT_ONCE])?;
    Ok(gone)
}

/// The oldest part of the log goes as a whole, and the log knows where it starts.
fn old(write: &Write<'_>, retention: Duration) -> Result<usize, ApiError> {
    let age = i64::try_from(retention.as_millis()).unwrap_or(i64::MAX);
    let before = write.now().0.saturating_sub(age);
    let conn = write.conn();
    let mut statement = conn.prepare_cached(
        "SELECT position, created_at FROM app_sse_message ORDER BY position LIMIT ?1",
    )?;
    let rows = statement.query_map([AT_ONCE], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mut last = None;
    for row in rows {
        let (at, created): (i64, i64) = row?;
        if created >= before {
            break;
        }
        last = Some(at);
    }
    let Some(last) = last else {
        return Ok(0);
    };
    let gone = conn.execute("DELETE FROM app_sse_message WHERE position <= ?1", [last])?;
    conn.execute("DELETE FROM app_sse_read WHERE position <= ?1", [last])?;
    conn.execute(
        "INSERT INTO meta (key, value) VALUES ('log_start', ?1)
         ON CONFLICT DO UPDATE SET value = ?1",
        [position(last).to_string()],
    )?;
    Ok(gone)
}

fn sends(write: &Write<'_>) -> Result<usize, ApiError> {
    let age = i64::try_from(SENDS_KEPT.as_millis()).unwrap_or(i64::MAX);
    let gone = write
        .conn()
        .prepare_cached(
            "DELETE FROM app_sse_send WHERE (sender_id, idempotency_key) IN (
                 SELECT sender_id, idempotency_key FROM app_sse_send
                 WHERE created_at < ?1 LIMIT ?2)",
        )?
        .execute(params![write.now().0.saturating_sub(age), AT_ONCE])?;
    Ok(gone)
}

/// Where too much waits for a user, normal goes before high before urgent, and
/// old before new; the user's log then has a gap, and says so.
fn surplus(write: &Write<'_>, most: usize) -> Result<usize, ApiError> {
    let conn = write.conn();
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let mut statement = conn.prepare_cached(
        "SELECT receiver_id, count(*) AS waiting FROM app_sse_message
         WHERE receiver_type = 'user' AND status = 0 GROUP BY receiver_id HAVING waiting > ?1",
    )?;
    let crowded = statement
        .query_map([most], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<Vec<(UserId, i64)>, _>>()?;
    let mut gone = 0;
    for (user, waiting) in crowded {
        let mut drop = conn.prepare_cached(
            "DELETE FROM app_sse_message WHERE position IN (
                 SELECT position FROM app_sse_message
                 WHERE receiver_type = 'user' AND receiver_id = ?1 AND status = 0
                 ORDER BY priority, position LIMIT ?2)
             RETURNING position",
        )?;
        let mut highest = 0;
        let surplus = (waiting - most).min(AT_ONCE);
        let rows = drop.query_map(params![user, surplus], |row| row.get::<_, i64>(0))?;
        for row in rows {
            highest = row?.max(highest);
            gone += 1;
        }
        conn.prepare_cached(
            "INSERT INTO app_sse_inbox (user_id, trimmed_to) VALUES (?1, ?2)
             ON CONFLICT DO UPDATE SET trimmed_to = max(trimmed_to, ?2)",
        )?
        .execute(params![user, highest])?;
    }
    Ok(gone)
}
