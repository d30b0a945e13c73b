//! The tables, and how an older database is brought up to date.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension};

use crate::cursor::Position;

/// The step `n` (from 1) brings the database to version `n`; never edit one, add one.
const MIGRATIONS: [&str; 2] = [include_str!("001_first.sql"), include_str!("002_inbox.sql")];

pub(super) struct Opened {
    pub(super) conn: Connection,
    pub(super) epoch: String,
    pub(super) last: Position,
}

pub(super) fn open(path: &Path) -> rusqlite::Result<Opened> {
    let mut conn = Connection::open(path)?;
    conn.busy_timeout(std::time::Duration::from_secs(5))?;
    conn.set_prepared_statement_cache_capacity(64);
    conn.pragma_update(None, "journal_mode", "wal")?;
    // An acknowledged message survives a power cut, so each commit is flushed;
    // the writer's batches make that affordable.
    conn.pragma_update(None, "synchronous", "full")?;
    conn.pragma_update(None, "foreign_keys", true)?;
    migrate(&mut conn)?;
    let epoch = epoch(&conn)?;
    let last: Option<i64> = conn
        .query_row(
            "SELECT seq FROM sqlite_sequence WHERE name = 'app_sse_message'",
            [],
            |row| row.get(0),
        )
        .optional()?;
    let last = Position::try_from(last.unwrap_or(0)).unwrap_or(0);
    Ok(Opened { conn, epoch, last })
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

fn epoch(conn: &Connection) -> rusqlite::Result<String> {
    let fresh = format!("{:08x}", rand::random::<u32>());
    conn.execute(
        "INSERT OR IGNORE INTO meta (key, value) VALUES ('epoch', ?1)",
        [fresh],
    )?;
    conn.query_row("SELECT value FROM meta WHERE key = 'epoch'", [], |row| {
        row.get(0)
    })
}
