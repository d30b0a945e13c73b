//! One stream: its key, its connection, its cursor, its log.

use super::counters::Counters;
use super::io::{PollRequest, StreamRequest};
use super::place::Place;
use super::sticky::Sticky;
use super::tokens::Asked;
use crate::connection::{Connection, Mark, Summary};
use crate::cursor::Cursor;
use crate::event::{Batch, Event, OwnId, Via};
use crate::log::RelayLog;
use crate::messages::{FromWorker, Gap, Hello};
use crate::recent::Recent;
use crate::remembered::REMEMBERED;
use crate::status::Status;
use crate::time::Instant;
use litemap::LiteMap;
use std::rc::Rc;

/// A gathered batch is sent before it grows beyond this, also within one task.
const MAX_BATCH_EVENTS: usize = 4096;
const MAX_BATCH_BYTES: usize = 1 << 20;

/// The types of events that say nothing but that the stream lives.
pub(super) const SIGNS_OF_LIFE: [&str; 3] = ["connected", "connection_confirmed", "ping"];

/// Event types, each once.
pub(super) type Types = LiteMap<Rc<str>, ()>;

/// What tabs must have in common to share a connection. One that keeps to the standard loses and
/// repeats what another would not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Key {
    url: String,
    with_credentials: bool,
    standard: bool,
    identity: String,
}

impl Key {
    pub(super) fn of(hello: &Hello) -> Self {
        Self {
            url: hello.url.clone(),
            with_credentials: hello.options.with_credentials,
            standard: hello.options.standard,
            identity: hello.identity.clone(),
        }
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    pub(super) fn identity(&self) -> &str {
        &self.identity
    }
}

#[derive(Debug)]
pub(super) struct Stream<P> {
    pub(super) key: Key,
    /// Random for each life of the stream: sequence numbers mean something only within it.
    pub(super) epoch: Rc<str>,
    pub(super) connection: Connection,
    pub(super) log: RelayLog<P>,
    pub(super) token: Option<String>,
    /// The token request that waits for a tab's answer.
    pub(super) asked: Option<Asked>,
    /// The event types that the present connection is listened to for.
    pub(super) registered: Types,
    pub(super) reported: Option<Summary>,
    pub(super) counters: Counters,
    pub(super) sticky: Sticky<P>,
    pub(super) cursor: Cursor,
    /// The ID that the stream goes on from, and the sequence number of what comes behind it.
    pub(super) start: (Rc<str>, u64),
    /// What was relayed lately, behind what the first tab had seen.
    pub(super) recent: Recent,
    /// Whether anything but signs of life was relayed.
    pub(super) has_news: bool,
    client_id: String,
    origin: Rc<str>,
    gathered: Gathered<P>,
    /// The ID that the present connection was asked to go on from.
    asked_from: Rc<str>,
    /// What the present connection gave last, also where it was a repeat.
    previous: Option<Event<P>>,
    /// Events that came by polling since the probe was opened.
    polled_beside_probe: usize,
}

/// The events of this task, all of one way and origin.
#[derive(Debug)]
struct Gathered<P> {
    events: Vec<Event<P>>,
    bytes: usize,
    via: Via,
    origin: Rc<str>,
}

impl<P: Clone + Default + PartialEq> Stream<P> {
    pub(super) fn new(hello: &Hello, epoch: String, connection: Connection) -> Self {
        let resume = hello.resume.as_ref();
        let cursor = resume
            .map(|resume| &resume.last_event_id)
            .filter(|id| !id.is_empty())
            .unwrap_or(&hello.options.last_event_id);
        let mut recent = resume.map(Recent::of).unwrap_or_default();
        recent.end_at(&cursor.as_str().into());
        Self {
            key: Key::of(hello),
            epoch: epoch.into(),
            connection,
            log: RelayLog::new(),
            token: hello.token.clone(),
            asked: None,
            registered: Types::new(),
            reported: None,
            counters: Counters::default(),
            sticky: Sticky::new(),
            cursor: Cursor::starting_at(cursor),
            start: (cursor.as_str().into(), 1),
            recent,
            has_news: false,
            client_id: hello.client_id.clone(),
            origin: Rc::default(),
            gathered: Gathered {
                events: Vec::new(),
                bytes: 0,
                via: Via::Stream,
                origin: Rc::default(),
            },
            asked_from: Rc::default(),
            previous: None,
            polled_beside_probe: 0,
        }
    }

    pub(super) fn channel(&self) -> String {
        format!("tabcast/{}", self.epoch)
    }

    pub(super) fn status(&self, now: Instant) -> Status {
        self.connection.status(now, self.cursor.last())
    }

    pub(super) fn welcome(
        &self,
        now: Instant,
        place: Place,
        options_differ: bool,
        gap: Option<Gap>,
    ) -> FromWorker {
        FromWorker::Welcome {
            epoch: self.epoch.to_string(),
            next: place.next,
            channel: self.channel(),
            status: self.status(now),
            options_differ,
            recent: place.recent,
            gap,
        }
    }

    pub(super) fn request(&self, types: &Types) -> StreamRequest {
        StreamRequest {
            url: self.key.url.clone(),
            options: self.connection.options().clone(),
            token: self.token.clone(),
            client_id: self.client_id.clone(),
            last_event_id: self.cursor.last().clone(),
            types: types.keys().cloned().collect(),
        }
    }

    pub(super) fn poll_request(&self) -> Option<PollRequest> {
        let options = self.connection.options();
        Some(PollRequest {
            url: options.poll.as_ref()?.url.clone(),
            options: options.clone(),
            token: self.token.clone(),
            last_event_id: self.cursor.last().clone(),
        })
    }

    /// A new connection starts.
    pub(super) fn begin_source(&mut self) {
        self.cursor.source_changed();
        self.asked_from = self.cursor.last().clone();
        self.previous = None;
        self.polled_beside_probe = 0;
    }

    pub(super) fn set_origin(&mut self, origin: Rc<str>) {
        self.origin = origin;
    }

    pub(super) fn advance_cursor(&mut self, id: &Rc<str>) {
        if self.connection.options().standard {
            self.cursor.follow(id);
        } else {
            self.cursor.advance(id);
        }
    }

    /// Puts a mark behind the events that came so far.
    pub(super) fn mark(&mut self, mark: Mark) {
        let event = Event {
            event_type: mark.event_type().into(),
            id: self.cursor.last().clone(),
            data: P::default(),
            size: 0,
            received_at: 0.0,
        };
        self.gather(event, Via::Stream, self.origin.clone());
    }

    /// Takes in an event of the open connection.
    pub(super) fn take_in(&mut self, event: Event<P>, own_id: OwnId, relay: bool) {
        if self.connection.options().standard {
            // What a server sends again is dispatched again.
            self.cursor.follow(&event.id);
            return self.gather(event, Via::Stream, self.origin.clone());
        }
        let repeats_last = self.previous.as_ref().is_some_and(|previous| {
            // The payload last: to compare it the shell may have to cut both out of their chunks.
            previous.id == event.id
                && previous.event_type == event.event_type
                && previous.data == event.data
        });
        let is_behind = self.previous.is_none() && self.asked_from != *self.cursor.last();
        let id = if is_behind {
            self.cursor.admit_from_behind(&event.id, own_id)
        } else {
            self.cursor.admit(&event.id, own_id, repeats_last)
        };
        self.previous = Some(event.clone());
        if relay && let Some(id) = id {
            let origin = self.origin.clone();
            self.gather(Event { id, ..event }, Via::Stream, origin);
        }
    }

    /// Takes in an event that came by polling. True where the probe beside it is to be opened
    /// anew: so many came that the overlap would no longer fit into memory, or it was opened
    /// without a place, and gives only what is sent since then.
    pub(super) fn take_in_polled(&mut self, event: Event<P>, origin: Rc<str>) -> bool {
        if let Some(id) = self.cursor.admit_polled(&event.id) {
            self.gather(Event { id, ..event }, Via::Poll, origin);
        }
        self.polled_beside_probe += 1;
        self.polled_beside_probe > REMEMBERED / 2 || self.probe_has_no_place()
    }

    /// Notes where the server's log stood at a poll. True where the probe beside it is to be
    /// opened anew, as above.
    pub(super) fn polled_to(&mut self, last_event_id: &Rc<str>) -> bool {
        self.cursor.admit_polled(last_event_id);
        self.probe_has_no_place()
    }

    fn probe_has_no_place(&self) -> bool {
        self.asked_from.is_empty() && !self.cursor.last().is_empty()
    }

    fn gather(&mut self, event: Event<P>, via: Via, origin: Rc<str>) {
        self.gathered.via = via;
        self.gathered.origin = origin;
        self.gathered.bytes += event.size;
        self.counters.event(event.size, via);
        self.has_news |= !SIGNS_OF_LIFE.contains(&&*event.event_type);
        self.recent.push(&event.id);
        self.sticky.note(self.log.next(), &event);
        self.gathered.events.push(event.clone());
        self.log.push(event);
    }

    /// Whether what is gathered must go before another event of this kind is added.
    pub(super) fn must_flush_before(&self, via: Via, origin: &str) -> bool {
        let gathered = &self.gathered;
        !gathered.events.is_empty()
            && (gathered.via != via
                || *gathered.origin != *origin
                || gathered.events.len() >= MAX_BATCH_EVENTS
                || gathered.bytes >= MAX_BATCH_BYTES)
    }

    pub(super) fn origin(&self) -> &Rc<str> {
        &self.origin
    }

    pub(super) fn has_gathered(&self) -> bool {
        !self.gathered.events.is_empty()
    }

    pub(super) fn take_batch(&mut self) -> Option<Batch<P>> {
        if self.gathered.events.is_empty() {
            return None;
        }
        let events = std::mem::take(&mut self.gathered.events);
        self.gathered.bytes = 0;
        Some(Batch {
            epoch: self.epoch.clone(),
            first: self.log.next() - events.len() as u64,
            via: self.gathered.via,
            origin: self.gathered.origin.clone(),
            events,
        })
    }

    /// Events of before, outside of the sequence.
    pub(super) fn apart(&self, events: Vec<Event<P>>) -> Batch<P> {
        Batch {
            epoch: self.epoch.clone(),
            first: 0,
            via: Via::Replay,
            origin: self.origin.clone(),
            events,
        }
    }

    /// A batch from the log: what is kept from `from` up to, not including, `to`.
    pub(super) fn replay(&self, from: u64, to: u64) -> Batch<P> {
        Batch {
            epoch: self.epoch.clone(),
            first: from.clamp(self.log.first(), self.log.next()),
            via: Via::Replay,
            origin: self.origin.clone(),
            events: self.log.range(from, to),
        }
    }
}
