//! What goes into the hub and what comes out.

use super::snapshot::Snapshot;
use crate::connection::Failure;
use crate::event::{Batch, Event, OwnId};
use crate::messages::{FromWorker, Hello, ToWorker};
use crate::options::Options;
use std::rc::Rc;
use std::time::Duration;

/// A tab: one joining of one page. A page that comes back from the back/forward cache is another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TabId(pub u64);

/// A stream: one connection for all tabs with the same URL, credentials mode and identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId(pub(super) u64);

impl StreamId {
    /// The number that pages see.
    #[must_use]
    pub fn number(self) -> u64 {
        self.0
    }
}

/// One connection, or one poll, of a stream. Never reused: what a closed one still says is
/// recognised and dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId {
    /// The stream that it serves.
    pub stream: StreamId,
    pub(super) serial: u64,
}

/// What happened.
#[derive(Debug)]
pub enum Input<P> {
    /// A tab said hello; it holds its lock.
    TabJoined {
        /// A number never used before.
        tab: TabId,
        /// What it said.
        hello: Box<Hello>,
    },
    /// A tab's lock was freed.
    TabLeft {
        /// The tab.
        tab: TabId,
    },
    /// A tab said something else.
    TabSaid {
        /// The tab.
        tab: TabId,
        /// What it said. `Hello` and `Held` are not expected here and are ignored.
        message: ToWorker,
    },
    /// A connection opened: 200, and the right content type.
    Opened {
        /// The connection.
        connection: ConnectionId,
        /// The origin of its URL.
        origin: Rc<str>,
    },
    /// A connection's events come from this origin: redirects led there.
    Origin {
        /// The connection.
        connection: ConnectionId,
        /// The origin of the final URL.
        origin: Rc<str>,
    },
    /// A connection gave an event.
    Event {
        /// The connection.
        connection: ConnectionId,
        /// The event, with the last event ID as the transport gave it.
        event: Event<P>,
        /// Whether the ID is the event's own.
        own_id: OwnId,
    },
    /// A connection gave bytes that are no event yet, a comment for instance.
    Activity {
        /// The connection.
        connection: ConnectionId,
    },
    /// A block without data set the last event ID.
    LastEventId {
        /// The connection.
        connection: ConnectionId,
        /// The ID.
        id: Rc<str>,
    },
    /// The server's `retry` field.
    ReconnectionTime {
        /// The connection.
        connection: ConnectionId,
        /// The reconnection time.
        time: Duration,
    },
    /// A connection, or the diagnosis of one, ended.
    Failed {
        /// The connection.
        connection: ConnectionId,
        /// Why.
        failure: Failure,
    },
    /// A poll gave an event.
    PollEvent {
        /// The poll.
        poll: ConnectionId,
        /// The event.
        event: Event<P>,
        /// The origin of the poll's URL.
        origin: Rc<str>,
    },
    /// A poll's answer says where the server's log stands. Its events were handed in before.
    PollPosition {
        /// The poll.
        poll: ConnectionId,
        /// The ID to ask with next.
        last_event_id: Rc<str>,
    },
    /// A poll ended; its events were handed in before.
    PollEnded {
        /// The poll.
        poll: ConnectionId,
        /// Whether the server has more at once, or why it failed.
        result: Result<bool, Failure>,
    },
    /// The task in which [`Output::RequestFlush`] was given is over.
    FlushDue,
    /// The wall clock ran ahead of the monotonic one: the machine slept.
    Woke,
}

/// What is to be done.
#[derive(Debug)]
pub enum Output<P> {
    /// Open an event stream.
    OpenStream {
        /// Its number.
        connection: ConnectionId,
        /// What to ask for.
        request: Box<StreamRequest>,
    },
    /// Close an event stream, or end its diagnosis; it may be gone already.
    CloseStream {
        /// Its number.
        connection: ConnectionId,
    },
    /// Listen for one more event type on an open stream.
    Listen {
        /// The stream.
        connection: ConnectionId,
        /// The type.
        event_type: Rc<str>,
    },
    /// Find out with a short request why a connection failed, and hand in [`Input::Failed`].
    Diagnose {
        /// The connection, which keeps its number.
        connection: ConnectionId,
        /// What it had asked for.
        request: Box<StreamRequest>,
    },
    /// Poll once.
    Poll {
        /// Its number.
        poll: ConnectionId,
        /// What to ask for.
        request: Box<PollRequest>,
    },
    /// End a poll; it may be over already.
    AbortPoll {
        /// Its number.
        poll: ConnectionId,
    },
    /// Hand in [`Input::FlushDue`] once the present task is over.
    RequestFlush,
    /// Open the channel that a stream's batches go over, in place of the one it had.
    OpenChannel {
        /// The stream.
        stream: StreamId,
        /// The channel's name.
        name: String,
    },
    /// Close a stream's channel: its last tab left.
    CloseChannel {
        /// The stream.
        stream: StreamId,
    },
    /// Send a batch over a stream's channel.
    Broadcast {
        /// The stream.
        stream: StreamId,
        /// The batch.
        batch: Batch<P>,
    },
    /// Send a batch to one tab.
    Replay {
        /// The tab.
        tab: TabId,
        /// The batch.
        batch: Batch<P>,
    },
    /// Show a tab what there is in the worker.
    Show {
        /// The tab.
        tab: TabId,
        /// The request that it answers.
        request: u64,
        /// What there is, as this tab may see it.
        snapshot: Box<Snapshot>,
    },
    /// Send a message to one tab.
    Send {
        /// The tab.
        tab: TabId,
        /// The message.
        message: FromWorker,
    },
}

/// What to ask a server for.
#[derive(Clone, Debug, PartialEq)]
pub struct StreamRequest {
    /// The URL as the page gave it; token, client id and last event ID are to be added.
    pub url: String,
    /// Transport, credentials, headers, method and body.
    pub options: Options,
    /// The token; `access_token` in the query where no header can be set.
    pub token: Option<String>,
    /// The browser's client id for this stream; empty for none.
    pub client_id: String,
    /// The last event ID; empty for none.
    pub last_event_id: Rc<str>,
    /// The event types to listen for.
    pub types: Vec<Rc<str>>,
}

/// What to ask for in a poll.
#[derive(Clone, Debug, PartialEq)]
pub struct PollRequest {
    /// The URL; token and last event ID are to be added.
    pub url: String,
    /// Credentials and headers.
    pub options: Options,
    /// The token.
    pub token: Option<String>,
    /// The last event ID; empty for none.
    pub last_event_id: Rc<str>,
}
