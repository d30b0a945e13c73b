//! The thread that writes.

use std::sync::{Arc, atomic::AtomicU64};

use rusqlite::{Connection, OptionalExtension};
use tokio::sync::{mpsc, oneshot};

use crate::{
    clock::Millis,
    cursor::Position,
    error::ApiError,
    event::Event,
    hub::{Audience, Effect, Hub},
};

use super::{
    connections,
    log::{self, NewEvent},
    schema::Opened,
};

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
    hub: Arc<Hub>,
    epoch: Arc<str>,
    last: Position,
    /// Whether other servers write the same log.
    shared: bool,
    /// Events for one user that streams took, to be noted with the next writes.
    taken: Vec<Position>,
}

impl Writer {
    pub(super) fn new(opened: Opened, hub: Arc<Hub>, epoch: Arc<str>, shared: bool) -> Self {
        Self {
            conn: opened.conn,
            hub,
            epoch,
            last: opened.last,
            shared,
            taken: Vec::new(),
        }
    }

    pub(super) fn run(&mut self, mut messages: mpsc::Receiver<Message>) {
        'all: while let Some(first) = messages.blocking_recv() {
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
        let mut tx = self.conn.transaction()?;
        // Servers that share a log look at the rows instead; see `append`.
        for position in self.taken.iter().filter(|_| !self.shared) {
            tx.prepare_cached(
                "UPDATE app_sse_message SET status = 1 WHERE position = ?1 AND status = 0",
            )?
            .execute([log::signed(*position)])?;
        }
        let mut effects = Vec::new();
        for (now, job) in batch {
            let (last, len) = (self.last, effects.len());
            let mut savepoint = tx.savepoint()?;
            let mut write = Write {
                conn: &savepoint,
                effects: &mut effects,
                last: &mut self.last,
                epoch: &self.epoch,
                now,
                shared: self.shared,
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
            if outcome.broken && up_to.is_some() {
                // Other servers did it, so this one must not go on without it.
                return Err(ApiError::storage("a change could not be applied"));
            }
        }
        if let Some(up_to) = up_to {
            tx.prepare_cached(
                "INSERT INTO meta (key, value) VALUES ('applied', ?1)
                 ON CONFLICT DO UPDATE SET value = ?1",
            )?
            .execute([up_to.to_string()])?;
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
    now: Millis,
    shared: bool,
}

impl Write<'_> {
    pub(crate) fn conn(&self) -> &Connection {
        self.conn
    }

    /// The time of the change, the same at every server that applies it.
    pub(crate) fn now(&self) -> Millis {
        self.now
    }

    /// Whether other servers apply the same changes.
    pub(crate) fn is_shared(&self) -> bool {
        self.shared
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
        let (receiver_type, receiver_id, group) = match &new.audience {
            Audience::User(user) => ("user", Some(user.0), None),
            Audience::Group(name) => ("group", None, Some(&**name)),
        };
        // A server that is alone notes this with its next transaction; several
        // must come to the same, whatever they take into one.
        let taken = match &new.audience {
            Audience::User(user) if self.shared => {
                connections::takes(self.conn, *user, &new.event_type)?
            }
            _ => false,
        };
        self.conn
            .prepare_cached(
                "INSERT INTO app_sse_message (position, event_id, event_type, receiver_type,
                    receiver_id, group_name, priority, data, status, expire_at, created_at,
                    updated_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?11)",
            )?
            .execute(rusqlite::params![
                log::signed(position),
                event_id,
                new.event_type,
                receiver_type,
                receiver_id,
                group,
                u8::from(new.priority),
                new.data,
                taken,
                new.expire_at.map(|at| at.0),
                self.now.0,
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
    /// `mark` makes its id unique.
    pub(crate) fn send_once(&mut self, new: NewEvent, mark: String) -> Appended {
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
