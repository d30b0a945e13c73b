//! What a change does to the database.

use std::sync::{Arc, atomic::AtomicU64};

use rusqlite::Connection;

use super::{
    connections,
    log::{self, NewEvent},
};
use crate::{
    audience::Audience, clock::Millis, cursor::Position, effect::Effect, error::ApiError,
    event::Event,
};

/// What a job may do: read and write rows, append to the log, and leave effects.
pub(crate) struct Write<'a> {
    pub(super) conn: &'a Connection,
    pub(super) effects: &'a mut Vec<Effect>,
    pub(super) last: &'a mut Position,
    pub(super) epoch: &'a str,
    pub(super) now: Millis,
    pub(super) shared: bool,
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
        )
        .until(new.expire_at);
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
