//! The tables, and how an older database is brought up to date.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension};

use crate::cursor::Position;

/// The step `n` (from 1) brings the database to version `n`; never edit one, add one.
const MIGRATIONS: [&str; 4] = [
    include_str!("001_first.sql"),
    include_str!("002_inbox.sql"),
    include_str!("003_connections.sql"),
    include_str!("004_asked_at.sql"),
];

pub(super) struct Opened {
    pub(super) conn: Connection,
    pub(super) epoch: String,
    pub(super) last: Position,
    /// Up to here the log that servers share was done.
    pub(super) applied: u64,
}

/// A new database has the log `epoch`, or one of its own.
pub(super) fn open(mut conn: Connection, shared: Option<&str>) -> rusqlite::Result<Opened> {
    conn.busy_timeout(std::time::Duration::from_secs(5))?;
    conn.set_prepared_statement_cache_capacity(64);
    conn.pragma_update(None, "journal_mode", "wal")?;
    // An acknowledged message survives a power cut, so each commit is flushed;
    // the writer's batches make that affordable.
    // What is in a log elsewhere can be done again.
    let synchronous = if shared.is_some() { "normal" } else { "full" };
    conn.pragma_update(None, "synchronous", synchronous)?;
    conn.pragma_update(None, "foreign_keys", true)?;
    migrate(&mut conn)?;
    let epoch = epoch(&conn, shared)?;
    let last: Option<i64> = conn
        .query_row(
            "SELECT seq FROM sqlite_sequence WHERE name = 'app_sse_message'",
            [],
            |row| row.get(0),
        )
        .optional()?;
    let last = Position::try_from(last.unwrap_or(0)).unwrap_or(0);
    let applied = applied_of(&conn)?;
    Ok(Opened {
        conn,
        epoch,
        last,
        applied,
    })
}

/// How far the database in a file has come in the log that servers share.
pub(crate) fn applied(path: &Path) -> u64 {
    if !path.exists() {
        return 0;
    }
    let conn = Connection::open(path);
    conn.and_then(|conn| applied_of(&conn)).unwrap_or(0)
}

fn applied_of(conn: &Connection) -> rusqlite::Result<u64> {
    let applied: Option<String> = conn
        .query_row("SELECT value FROM meta WHERE key = 'applied'", [], |row| {
            row.get(0)
        })
        .optional()?;
    Ok(applied.and_then(|text| text.parse().ok()).unwrap_or(0))
}

fn migrate(conn: &mut Connection) -> rusqlite::Result<()> {
    let version: i64 = conn.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    for (step, sql) in (1_i64..).zip(MIGRATIONS) {
        if step <= version {
            continue;
        }
        let tx = conn.transaction()?;
        tx.execute_batch(sql)?;
        if step == 1 {
            super::users::seed(&tx)?;
            super::chats::seed(&tx)?;
        }
        tx.pragma_update(None, "user_version", step)?;
        tx.commit()?;
    }
    Ok(())
}

fn epoch(conn: &Connection, shared: Option<&str>) -> rusqlite::Result<String> {
    let fresh = shared.map_or_else(|| format!("{:08x}", rand::random::<u32>()), str::to_owned);
    conn.execute(
        "INSERT OR IGNORE INTO meta (key, value) VALUES ('epoch', ?1)",
        [fresh],
    )?;
    conn.query_row("SELECT value FROM meta WHERE key = 'epoch'", [], |row| {
        row.get(0)
    })
}
