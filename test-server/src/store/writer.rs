//! The thread that writes.

use std::{path::Path, sync::Arc, thread};

use rusqlite::{Connection, OptionalExtension};
use tokio::sync::{mpsc, oneshot};

use crate::{clock::Millis, cursor::Position, effect::Effect, error::ApiError, hub::Hub};

use super::{checkpoint::Checkpoints, log, schema::Opened, write::Write};

/// One transaction takes at most so many jobs, so that none waits for long.
const BATCH: usize = 256;

pub(crate) type Job = Box<dyn FnOnce(&mut Write<'_>) -> Outcome + Send>;

/// Told whether the transaction was kept.
pub(super) type Finish = Box<dyn FnOnce(Result<(), ApiError>) + Send>;

pub(super) enum Message {
    Write(Job),
    Follow(Stretch),
    Stop,
}

/// The next of a log that several servers share. It is kept as a whole or not at all.
pub(crate) struct Stretch {
    /// With the time that each was written down.
    pub(crate) jobs: Vec<(Millis, Job)>,
    /// The sequence number of the last one.
    pub(crate) up_to: u64,
    pub(crate) kept: oneshot::Sender<bool>,
}

pub(crate) struct Outcome {
    keep: bool,
    /// The database could not do it, so it was not refused.
    broken: bool,
    finish: Finish,
}

/// A piece of work, and where its result goes once that is certain.
pub(crate) fn job<T: Send + 'static>(
    work: impl FnOnce(&mut Write<'_>) -> Result<T, ApiError> + Send + 'static,
    answer: impl FnOnce(Result<T, ApiError>) + Send + 'static,
) -> Job {
    Box::new(move |write| {
        let result = work(write);
        Outcome {
            keep: result.is_ok(),
            broken: result.as_ref().is_err_and(ApiError::is_storage),
            finish: Box::new(move |committed| answer(committed.and(result))),
        }
    })
}

pub(super) struct Writer {
    conn: Connection,
    /// None in memory.
    checkpoints: Option<Checkpoints>,
    hub: Arc<Hub>,
    epoch: Arc<str>,
    last: Position,
    /// Whether other servers write the same log.
    shared: bool,
    /// Events for one user that streams took, to be noted with the next writes.
    taken: Vec<Position>,
}

impl Writer {
    pub(super) fn new(
        mut opened: Opened,
        file: Option<&Path>,
        hub: Arc<Hub>,
        epoch: Arc<str>,
        shared: bool,
    ) -> rusqlite::Result<Self> {
        let checkpoints = file.map(|file| Checkpoints::start(&mut opened.conn, file));
        Ok(Self {
            checkpoints: checkpoints.transpose()?,
            conn: opened.conn,
            hub,
            epoch,
            last: opened.last,
            shared,
            taken: Vec::new(),
        })
    }

    pub(super) fn run(&mut self, mut messages: mpsc::Receiver<Message>) {
        'all: while let Some(first) = messages.blocking_recv() {
            // Where it shares a core with those who send: what they have at hand goes together.
            thread::yield_now();
            let mut batch = Vec::new();
            let mut next = Some(first);
            while let Some(message) = next {
                match message {
                    Message::Write(job) => batch.push((Millis::now(), job)),
                    Message::Follow(stretch) => {
                        self.apply(std::mem::take(&mut batch), None);
                        let kept = self.apply(stretch.jobs, Some(stretch.up_to));
                        // The follower may have been ended meanwhile.
                        let _ = stretch.kept.send(kept);
                    }
                    Message::Stop => {
                        self.apply(batch, None);
                        break 'all;
                    }
                }
                next = (batch.len() < BATCH)
                    .then(|| messages.try_recv().ok())
                    .flatten();
            }
            self.apply(batch, None);
        }
        if let Some(checkpoints) = self.checkpoints.take() {
            checkpoints.stop(&mut self.conn);
        }
        let folded = self
            .conn
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        if let Err(error) = folded.optional() {
            tracing::warn!(%error, "the write-ahead log could not be folded into the database");
        }
    }

    fn apply(&mut self, batch: Vec<(Millis, Job)>, up_to: Option<u64>) -> bool {
        if batch.is_empty() && up_to.is_none() {
            return true;
        }
        let before = self.last;
        let mut finishes = Vec::with_capacity(batch.len());
        let answer = match self.transact(batch, up_to, &mut finishes) {
            Ok(effects) => {
                self.taken = self.hub.apply(effects);
                Ok(())
            }
            Err(error) => {
                self.last = before;
                Err(error)
            }
        };
        for finish in finishes {
            finish(answer.clone());
        }
        answer.is_ok()
    }

    fn transact(
        &mut self,
        batch: Vec<(Millis, Job)>,
        up_to: Option<u64>,
        finishes: &mut Vec<Finish>,
    ) -> Result<Vec<Effect>, ApiError> {
        run(&self.conn, "BEGIN")?;
        let done = self.work(batch, up_to, finishes).and_then(|effects| {
            run(&self.conn, "COMMIT")?;
            Ok(effects)
        });
        // After some errors SQLite has undone it all by itself.
        if done.is_err() && !self.conn.is_autocommit() {
            run(&self.conn, "ROLLBACK")?;
        }
        done
    }

    fn work(
        &mut self,
        batch: Vec<(Millis, Job)>,
        up_to: Option<u64>,
        finishes: &mut Vec<Finish>,
    ) -> Result<Vec<Effect>, ApiError> {
        let conn = &self.conn;
        // Servers that share a log look at the rows instead; see `append`.
        for position in self.taken.iter().filter(|_| !self.shared) {
            conn.prepare_cached(
                "UPDATE app_sse_message SET status = 1 WHERE position = ?1 AND status = 0",
            )?
            .execute([log::signed(*position)])?;
        }
        let mut effects = Vec::new();
        for (now, job) in batch {
            let (last, len) = (self.last, effects.len());
            run(conn, "SAVEPOINT job")?;
            let mut write = Write {
                conn,
                effects: &mut effects,
                last: &mut self.last,
                epoch: &self.epoch,
                now,
                shared: self.shared,
            };
            let outcome = job(&mut write);
            finishes.push(outcome.finish);
            if !outcome.keep {
                run(conn, "ROLLBACK TO job")?;
                self.last = last;
                effects.truncate(len);
            }
            run(conn, "RELEASE job")?;
            if outcome.broken && up_to.is_some() {
                // Other servers did it, so this one must not go on without it.
                return Err(ApiError::storage("a change could not be applied"));
            }
        }
        if let Some(up_to) = up_to {
            conn.prepare_cached(
                "INSERT INTO meta (key, value) VALUES ('applied', ?1)
                 ON CONFLICT DO UPDATE SET value = ?1",
            )?
            .execute([up_to.to_string()])?;
        }
        Ok(effects)
    }
}

/// Kept prepared, as parsing it takes as long as a look-up.
fn run(conn: &Connection, sql: &str) -> rusqlite::Result<()> {
    conn.prepare_cached(sql)?.execute([]).map(drop)
}
