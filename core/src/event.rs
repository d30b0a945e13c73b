//! An event on its way from the server to the tabs, and the batches that carry it.

use std::rc::Rc;

/// One event. The payload `P` is whatever the shell wants to carry (in the browser a JavaScript
/// string, which then never enters WebAssembly); the core looks only at its equality.
#[derive(Clone, Debug, PartialEq)]
pub struct Event<P> {
    /// The event type; `message` where the server named none.
    pub event_type: Rc<str>,
    /// The last event ID at dispatch.
    pub id: Rc<str>,
    /// The payload.
    pub data: P,
    /// The payload's size, in bytes or UTF-16 units: what the relay log counts.
    pub size: usize,
    /// When the shell received it, in milliseconds of Unix time; passed on, never read.
    pub received_at: f64,
}

/// Whether the block that an event came in had an `id` field of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnId {
    /// It had one.
    Yes,
    /// It had none; the event carries the sticky last event ID.
    No,
    /// The transport does not tell (the browser's `EventSource`).
    Unknown,
}

/// The way an event came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Via {
    /// Live, from the stream.
    Stream,
    /// From polling.
    Poll,
    /// From the relay log.
    Replay,
}

impl Via {
    /// The name that pages see.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Stream => "stream",
            Self::Poll => "poll",
            Self::Replay => "replay",
        }
    }
}

/// Consecutive events of one stream, as they travel to tabs. An empty batch is a beacon: it
/// tells a tab how far the stream has come.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch<P> {
    /// Which life of the stream the sequence numbers belong to.
    pub epoch: Rc<str>,
    /// The sequence number of the first event; of the next one to come, where there is none.
    pub first: u64,
    /// How the events came.
    pub via: Via,
    /// The origin of the URL that the events came from, as `MessageEvent.origin` gives it.
    pub origin: Rc<str>,
    /// The events, in the server's order.
    pub events: Vec<Event<P>>,
}
