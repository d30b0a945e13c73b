//! The thread that writes.

use std::sync::{Arc, atomic::AtomicU64};

use rusqlite::{Connection, OptionalExtension};
use tokio::sync::mpsc;

use crate::{
    clock::Millis,
    cursor::Position,
    error::ApiError,
    event::Event,
    hub::{Audience, Effect, Hub},
};

use super::log::NewEvent;

/// One transaction takes at most so many jobs, so that none waits for long.
const BATCH: usize = 256;

pub(super) type Job = Box<dyn FnOnce(&mut Write<'_>) -> Outcome + Send>;

/// Told whether the transaction was kept.
pub(super) type Finish = Box<dyn FnOnce(Result<(), ApiError>) + Send>;

pub(super) enum Command {
    Write(Job),
    Stop,
}

pub(super) struct Outcome {
    pub(super) keep: bool,
    pub(super) finish: Finish,
}

pub(super) struct Writer {
    conn: Connection,
    hub: Arc<Hub>,
    epoch: Arc<str>,
    last: Position,
    /// Events for one user that streams took, to be noted with the next writes.
    taken: Vec<Position>,
}

impl Writer {
    pub(super) fn new(conn: Connection, hub: Arc<Hub>, epoch: Arc<str>, last: Position) -> Self {
        Self {
            conn,
            hub,
            epoch,
            last,
            taken: Vec::new(),
        }
    }

    pub(super) fn run(&mut self, mut commands: mpsc::Receiver<Command>) {
        let mut stopping = false;
        while !stopping && let Some(first) = commands.blocking_recv() {
            let mut batch = Vec::new();
            let mut next = Some(first);
            while let Some(command) = next {
                match command {
                    Command::Write(job) => batch.push(job),
                    Command::Stop => {
                        stopping = true;
                        break;
                    }
                }
                next = (batch.len() < BATCH)
                    .then(|| commands.try_recv().ok())
                    .flatten();
            }
            self.apply(batch);
        }
        let folded = self
            .conn
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        if let Err(error) = folded.optional() {
            tracing::warn!(%error, "the write-ahead log could not be folded into the database");
        }
    }

    fn apply(&mut self, batch: Vec<Job>) {
        let before = self.last;
        let mut finishes = Vec::with_capacity(batch.len());
        let committed = self.transact(batch, &mut finishes);
        let committed = committed.map_err(|error| {
            self.last = before;
            ApiError::internal(error)
        });
        let answer = match committed {
            Ok(effects) => {
                self.taken = self.hub.apply(effects);
                Ok(())
            }
            Err(error) => Err(error),
        };
        for finish in finishes {
            finish(answer.clone());
        }
    }

    fn transact(
        &mut self,
        batch: Vec<Job>,
        finishes: &mut Vec<Finish>,
    ) -> rusqlite::Result<Vec<Effect>> {
        let mut tx = self.conn.transaction()?;
        for position in &self.taken {
            tx.prepare_cached(
                "UPDATE app_sse_message SET status = 1 WHERE position = ?1 AND status = 0",
            )?
            .execute([i64::try_from(*position).unwrap_or(i64::MAX)])?;
        }
        let mut effects = Vec::new();
        for job in batch {
            let (last, len) = (self.last, effects.len());
            let mut savepoint = tx.savepoint()?;
            let mut write = Write {
                conn: &savepoint,
                effects: &mut effects,
                last: &mut self.last,
                epoch: &self.epoch,
            };
            let outcome = job(&mut write);
            finishes.push(outcome.finish);
            if outcome.keep {
                savepoint.commit()?;
            } else {
                savepoint.rollback()?;
                drop(savepoint);
                self.last = last;
                effects.truncate(len);
            }
        }
        tx.commit()?;
        Ok(effects)
    }
}

/// What a job may do: read and write rows, append to the log, and leave effects.
pub(crate) struct Write<'a> {
    conn: &'a Connection,
    effects: &'a mut Vec<Effect>,
    last: &'a mut Position,
    epoch: &'a str,
}

impl Write<'_> {
    pub(crate) fn conn(&self) -> &Connection {
        self.conn
    }

    /// The position of the newest event, this transaction's included.
    pub(crate) fn last(&self) -> Position {
        *self.last
    }

    /// Told to live streams once the transaction is durable.
    pub(crate) fn effect(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    /// Puts an event at the end of the log; it is delivered once durable. Says
    /// its id, and counts the streams it was queued for by the time of the answer.
    pub(crate) fn append(&mut self, new: NewEvent) -> Result<Appended, ApiError> {
        let position = *self.last + 1;
        let event_id = format!("{}-{position}", self.epoch);
        let now = Millis::now();
        let (receiver_type, receiver_id, group) = match &new.audience {
            Audience::User(user) => ("user", Some(user.0), None),
            Audience::Group(name) => ("group", None, Some(&**name)),
        };
        self.conn
            .prepare_cached(
                "INSERT INTO app_sse_message (position, event_id, event_type, receiver_type,
                    receiver_id, group_name, priority, data, status, expire_at, created_at,
                    updated_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0, ?9, ?10, ?10)",
            )?
            .execute(rusqlite::params![
                i64::try_from(position).unwrap_or(i64::MAX),
                event_id,
                new.event_type,
                receiver_type,
                receiver_id,
                group,
                u8::from(new.priority),
                new.data,
                new.expire_at.map(|at| at.0),
                now.0,
            ])?;
        *self.last = position;
        let event = Event::logged(
            self.epoch,
            position,
            new.event_type,
            new.priority,
            &new.data,
        );
        Ok(self.deliver(new.audience, event, event_id))
    }

    /// Delivers an event to the streams that are open, and keeps nothing.
    pub(crate) fn send_once(&mut self, new: NewEvent) -> Appended {
        let mark = format!("t{:016x}", rand::random::<u64>());
        let event_id = format!("{}-{}@{mark}", self.epoch, self.last);
        let event = Event::transient(
            &event_id,
            *self.last,
            mark,
            new.event_type,
            new.priority,
            &new.data,
        );
        self.deliver(new.audience, event, event_id)
    }

    fn deliver(&mut self, audience: Audience, event: Event, event_id: String) -> Appended {
        let reached = Arc::new(AtomicU64::new(0));
        let effect = Effect::Deliver(audience, Arc::new(event), reached.clone());
        self.effects.push(effect);
        Appended { event_id, reached }
    }
}

/// An event on its way to streams.
#[derive(Debug)]
pub(crate) struct Appended {
    pub(crate) event_id: String,
    /// How many streams it was queued for; known once the transaction is done.
    pub(crate) reached: Arc<AtomicU64>,
}
