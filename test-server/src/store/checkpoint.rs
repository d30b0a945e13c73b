//! Folding the write-ahead log into the database, beside the thread that writes.
//!
//! SQLite by itself does it in the commit that makes the log 1,000 pages long,
//! and everybody who writes meanwhile waits for it.

use std::{path::Path, sync::mpsc, thread::JoinHandle};

use rusqlite::{Connection, hooks::Wal};

/// Pages in the log from which on they are folded, each time so many more.
const SOON: i32 = 1000;
/// Pages from which on the writer takes part. Under writes without a pause there
/// are always some that the other thread has not folded yet; once these are, the
/// log begins anew, and so it is never much longer than 64 MiB.
const LATEST: i32 = 16_000;

/// The thread that folds; it ends with the hook of the connection that writes.
#[derive(Debug)]
pub(super) struct Checkpoints {
    thread: JoinHandle<()>,
}

impl Checkpoints {
    /// In place of SQLite's own for `writer`, which has its database in `file`.
    pub(super) fn start(writer: &mut Connection, file: &Path) -> rusqlite::Result<Self> {
        let (ask, asked) = mpsc::sync_channel(1);
        let folder = Connection::open(file)?;
        let thread = std::thread::Builder::new()
            .name("checkpoint".into())
            .spawn(move || {
                while asked.recv().is_ok() {
                    fold(&folder);
                }
            })
            .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
        let (mut last, mut soon, mut latest) = (0, SOON, LATEST);
        writer.wal_hook(Some(move |wal: &mut Wal, pages| {
            if pages < last {
                (soon, latest) = (SOON, LATEST);
            }
            last = pages;
            if pages >= latest {
                latest = pages + SOON;
                // Later then: the other thread may be at it.
                let _ = wal.checkpoint();
            } else if pages >= soon {
                soon = pages + SOON;
                // It has been asked already, where there is no room.
                let _ = ask.try_send(());
            }
            Ok(())
        }))?;
        Ok(Self { thread })
    }

    /// Leaves the database to `writer` alone.
    pub(super) fn stop(self, writer: &mut Connection) {
        let unhooked = writer.wal_hook(None::<fn(&mut Wal, i32) -> rusqlite::Result<()>>);
        if unhooked.is_ok() {
            // It cannot panic; if it did, nothing would be lost.
            let _ = self.thread.join();
        }
    }
}

fn fold(conn: &Connection) {
    let folded = conn.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
    if let Err(error) = folded {
        tracing::warn!(%error, "the write-ahead log could not be folded into the database");
    }
}
