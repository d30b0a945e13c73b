//! The open streams of all servers that share one log. That they are rows makes
//! every server decide alike which stream a newer one replaces.

use std::sync::Arc;

use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};

use super::log::memberships;
use crate::{
    clock::Millis,
    conn::{Asked, Conn, ConnId, OVERTAKEN},
    cursor::Sent,
    effect::Effect,
    error::ApiError,
    ids::UserId,
    store::{Change, Write},
};

/// A stream that is opened at a server.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Open {
    pub(crate) id: ConnId,
    /// A run of a server process.
    pub(crate) server: Arc<str>,
    pub(crate) user: UserId,
    pub(crate) asked: Asked,
    pub(crate) since: Millis,
    pub(crate) max_per_user: usize,
}

impl Change for Open {
    type Answer = ();

    /// For a stream at another server; see [`admit`].
    fn apply(self, write: &mut Write<'_>) -> Result<(), ApiError> {
        admit(write, Arc::new(Conn::elsewhere(&self)), &self, None)
    }
}

/// Registers `conn`. One that has sent something before lacks what came after;
/// it gets that at once if it is [`recent`](crate::recent).
pub(crate) fn admit(
    write: &mut Write<'_>,
    conn: Arc<Conn>,
    open: &Open,
    resumes_from: Option<Sent>,
) -> Result<(), ApiError> {
    let only = open.asked.only_group.as_deref();
    let memberships = memberships(write.conn(), open.user, only)?;
    if only.is_some_and(|only| memberships.iter().all(|of| *of.group != *only)) {
        return Err(ApiError::new(
            axum::http::StatusCode::FORBIDDEN,
            "not_in_group",
            "Subscribe to the group before you open a stream for it.",
        ));
    }
    let evict = if write.is_shared() {
        Some(record(write, open)?)
    } else {
        None
    };
    write.effect(Effect::Register {
        conn,
        memberships,
        evict,
        resumes_from,
    });
    Ok(())
}

/// Says which streams the new one replaces: those of the same browser, and the
/// oldest above the user's limit. Itself alone where the browser has given it up.
fn record(write: &Write<'_>, open: &Open) -> Result<Vec<ConnId>, ApiError> {
    let conn = write.conn();
    let overtaken: bool = conn
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM app_sse_connection WHERE user_id = ?1 AND client_id = ?2
                 AND asked_at > ?3 AND asked_at <= ?3 + ?4)",
        )?
        .query_row(
            params![
                open.user,
                open.asked.client_id,
                open.asked.asked_at,
                OVERTAKEN
            ],
            |row| row.get(0),
        )?;
    if overtaken {
        return Ok(vec![open.id.clone()]);
    }
    let mut evict = delete(
        conn,
        "DELETE FROM app_sse_connection WHERE user_id = ?1 AND client_id = ?2 RETURNING id",
        params![open.user, open.asked.client_id],
    )?;
    let types = open.asked.wanted.as_ref().map(|types| {
        let mut types: Vec<_> = types.iter().map(String::as_str).collect();
        types.sort_unstable();
        types.join(",")
    });
    conn.prepare_cached(
        "INSERT INTO app_sse_connection
            (id, server, user_id, client_id, came_with, only_group, event_types, created_at,
             asked_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?
    .execute(params![
        open.id.0,
        open.server,
        open.user,
        open.asked.client_id,
        open.asked.last_event_id,
        open.asked.only_group,
        types,
        open.since.0,
        open.asked.asked_at
    ])?;
    let most = i64::try_from(open.max_per_user).unwrap_or(i64::MAX);
    evict.extend(delete(
        conn,
        "DELETE FROM app_sse_connection WHERE user_id = ?1 AND seq NOT IN (
             SELECT seq FROM app_sse_connection WHERE user_id = ?1 ORDER BY seq DESC LIMIT ?2)
         RETURNING id",
        params![open.user, most],
    )?);
    Ok(evict)
}

fn delete(
    conn: &Connection,
    sql: &str,
    which: impl rusqlite::Params,
) -> Result<Vec<ConnId>, ApiError> {
    let mut statement = conn.prepare_cached(sql)?;
    let ids = statement.query_map(which, |row| row.get(0).map(ConnId))?;
    Ok(ids.collect::<Result<_, _>>()?)
}

/// Streams that have ended.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Close {
    pub(crate) ids: Vec<ConnId>,
}

impl Change for Close {
    type Answer = ();

    fn apply(self, write: &mut Write<'_>) -> Result<(), ApiError> {
        let mut statement = write
            .conn()
            .prepare_cached("DELETE FROM app_sse_connection WHERE id = ?1")?;
        for id in &self.ids {
            statement.execute([&id.0])?;
        }
        drop(statement);
        write.effect(Effect::Close(self.ids));
        Ok(())
    }
}

/// Ends a stream, at whichever server it is; says whether there was one.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Disconnect {
    pub(crate) id: ConnId,
}

impl Change for Disconnect {
    type Answer = bool;

    fn apply(self, write: &mut Write<'_>) -> Result<bool, ApiError> {
        let sql = "DELETE FROM app_sse_connection WHERE id = ?1 RETURNING id";
        let gone = delete(write.conn(), sql, [&self.id.0])?;
        write.effect(Effect::Disconnect(self.id));
        Ok(!gone.is_empty())
    }
}

/// A server is gone, and all of its streams with it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Lost {
    pub(crate) server: Arc<str>,
}

impl Change for Lost {
    type Answer = ();

    fn apply(self, write: &mut Write<'_>) -> Result<(), ApiError> {
        let sql = "DELETE FROM app_sse_connection WHERE server = ?1 RETURNING id";
        let ids = delete(write.conn(), sql, [&self.server])?;
        if !ids.is_empty() {
            write.effect(Effect::Close(ids));
        }
        Ok(())
    }
}

/// The servers with open streams.
pub(crate) fn servers(conn: &Connection) -> Result<Vec<Arc<str>>, ApiError> {
    let mut statement = conn.prepare_cached("SELECT DISTINCT server FROM app_sse_connection")?;
    let servers = statement.query_map([], |row| row.get(0))?;
    Ok(servers.collect::<Result<_, _>>()?)
}

/// Registers the streams of other servers again, after a restart.
pub(super) fn known(conn: &Connection) -> Result<Vec<Effect>, ApiError> {
    let mut statement = conn.prepare(
        "SELECT id, server, user_id, client_id, came_with, only_group, event_types, created_at,
                asked_at
         FROM app_sse_connection ORDER BY seq",
    )?;
    let rows = statement.query_map([], |row| {
        let types: Option<String> = row.get(6)?;
        Ok(Open {
            id: ConnId(row.get(0)?),
            server: row.get(1)?,
            user: row.get(2)?,
            asked: Asked {
                client_id: row.get(3)?,
                asked_at: row.get(8)?,
                last_event_id: row.get(4)?,
                only_group: row.get(5)?,
                wanted: types.map(|types| types.split(',').map(str::to_owned).collect()),
            },
            since: Millis(row.get(7)?),
            max_per_user: 0,
        })
    })?;
    let mut effects = Vec::new();
    for open in rows {
        let open = open?;
        let memberships = memberships(conn, open.user, open.asked.only_group.as_deref())?;
        effects.push(Effect::Register {
            conn: Arc::new(Conn::elsewhere(&open)),
            memberships,
            evict: Some(Vec::new()),
            resumes_from: None,
        });
    }
    Ok(effects)
}

/// Whether some stream takes an event of this type that is for this user alone.
pub(crate) fn takes(conn: &Connection, user: UserId, event_type: &str) -> Result<bool, ApiError> {
    let takes = conn
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM app_sse_connection WHERE user_id = ?1
                 AND (event_types IS NULL OR instr(',' || event_types || ',', ',' || ?2 || ',')))",
        )?
        .query_row(params![user, event_type], |row| row.get(0))?;
    Ok(takes)
}
