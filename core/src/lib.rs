//! The decisions of Tabcast, free of I/O, of clocks and of randomness.
//!
//! A browser holds one event stream for all its tabs. What is to be done for that (connect, wait,
//! poll, relay, replay, say so) is decided here, by the [`Hub`]: the shell hands it what happened
//! and the time, and obeys its outputs. Terms are those of the
//! [WHATWG standard](https://html.spec.whatwg.org/multipage/server-sent-events.html).

mod connection;
mod cursor;
mod event;
mod hub;
mod log;
pub mod messages;
mod options;
pub mod parser;
mod random;
mod recent;
mod remembered;
mod status;
mod time;

pub use connection::{Failure, Timer};
pub use event::{Batch, Event, OwnId, Via};
pub use hub::{
    ConnectionId, Counters, Hub, Input, Output, PollRequest, Snapshot, StreamId, StreamRequest,
    StreamSnapshot, TabId, TabSnapshot, Transition, TransitionKind,
};
pub use options::{Backoff, Options, Poll, Transport, Watchdog};
pub use status::{ReadyState, Reason, Status};
pub use time::Instant;
