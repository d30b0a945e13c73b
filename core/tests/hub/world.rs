//! A shell without a browser: it hands in inputs, steps the clock from deadline to deadline, and
//! sorts the outputs so that a test can ask for them.

use serde_json::json;
use std::rc::Rc;
use std::time::Duration;
use tabcast_core::messages::{FromWorker, Gap, Hello, Resume, ToWorker};
use tabcast_core::{
    Batch, ConnectionId, Event, Failure, Hub, Input, Instant, Output, OwnId, PollRequest,
    ReadyState, Snapshot, Status, StreamRequest, TabId,
};

pub(crate) struct World {
    hub: Hub<String>,
    now: f64,
    next_tab: u64,
    pub(crate) opened: Vec<(ConnectionId, StreamRequest)>,
    pub(crate) closed: Vec<ConnectionId>,
    pub(crate) diagnosed: Vec<ConnectionId>,
    pub(crate) listened: Vec<Rc<str>>,
    pub(crate) polls: Vec<(ConnectionId, PollRequest)>,
    pub(crate) aborted: Vec<ConnectionId>,
    pub(crate) broadcasts: Vec<Batch<String>>,
    pub(crate) replays: Vec<(TabId, Batch<String>)>,
    pub(crate) sent: Vec<(TabId, FromWorker)>,
    pub(crate) shown: Vec<(TabId, u64, Snapshot)>,
    pub(crate) channels: i32,
    flush_requested: bool,
}

/// A hello with these options, for user `identity`.
pub(crate) fn hello_as(identity: &str, options: serde_json::Value) -> Hello {
    let hello = json!({
        "lock": "lock", "url": "http://a.test/events", "identity": identity,
        "options": options, "types": ["news"], "visible": true, "online": true,
    });
    serde_json::from_value(hello).expect("a well-formed hello")
}

pub(crate) fn hello() -> Hello {
    hello_as("alice", json!({}))
}

pub(crate) fn resume(epoch: &str, next: u64, id: &str) -> Option<Resume> {
    Some(Resume {
        epoch: epoch.to_owned(),
        next,
        last_event_id: id.to_owned(),
        recent: Vec::new(),
    })
}

impl World {
    pub(crate) fn new() -> Self {
        Self {
            hub: Hub::new(7),
            now: 0.0,
            next_tab: 0,
            opened: Vec::new(),
            closed: Vec::new(),
            diagnosed: Vec::new(),
            listened: Vec::new(),
            polls: Vec::new(),
            aborted: Vec::new(),
            broadcasts: Vec::new(),
            replays: Vec::new(),
            sent: Vec::new(),
            shown: Vec::new(),
            channels: 0,
            flush_requested: false,
        }
    }

    /// A world with one tab, whose stream has these options.
    pub(crate) fn with(options: serde_json::Value) -> (Self, TabId) {
        let mut world = Self::new();
        let tab = world.join(hello_as("alice", options));
        (world, tab)
    }

    /// A world with one tab and an open stream that has given its first event.
    pub(crate) fn open(options: serde_json::Value) -> (Self, TabId, ConnectionId) {
        let (mut world, tab) = Self::with(options);
        let connection = world.connection();
        world.accept(connection);
        world.event(connection, "connection_confirmed", "e-0", "hi");
        (world, tab, connection)
    }

    pub(crate) fn input(&mut self, input: Input<String>) {
        self.hub.handle_input(self.clock(), input);
        self.drain();
    }

    pub(crate) fn join(&mut self, hello: Hello) -> TabId {
        self.next_tab += 1;
        let tab = TabId(self.next_tab);
        let hello = Box::new(hello);
        self.input(Input::TabJoined { tab, hello });
        tab
    }

    pub(crate) fn leave(&mut self, tab: TabId) {
        self.input(Input::TabLeft { tab });
    }

    pub(crate) fn say(&mut self, tab: TabId, message: ToWorker) {
        self.input(Input::TabSaid { tab, message });
    }

    /// The connection opened last.
    pub(crate) fn connection(&self) -> ConnectionId {
        self.opened.last().expect("a connection").0
    }

    pub(crate) fn accept(&mut self, connection: ConnectionId) {
        let origin = "http://a.test".into();
        self.input(Input::Opened { connection, origin });
    }

    pub(crate) fn fail(&mut self, connection: ConnectionId, failure: Failure) {
        self.input(Input::Failed {
            connection,
            failure,
        });
    }

    pub(crate) fn event_of(event_type: &str, id: &str, data: &str) -> Event<String> {
        Event {
            event_type: event_type.into(),
            id: id.into(),
            data: data.to_owned(),
            size: data.len(),
            received_at: 0.0,
        }
    }

    /// An event, and the end of its task.
    pub(crate) fn event(&mut self, connection: ConnectionId, kind: &str, id: &str, data: &str) {
        self.event_in_task(connection, kind, id, data);
        self.end_task();
    }

    pub(crate) fn event_in_task(
        &mut self,
        connection: ConnectionId,
        kind: &str,
        id: &str,
        data: &str,
    ) {
        self.input(Input::Event {
            connection,
            event: Self::event_of(kind, id, data),
            own_id: OwnId::Unknown,
        });
    }

    pub(crate) fn poll_answers(&mut self, poll: ConnectionId, ids: &[&str], more: bool) {
        for id in ids {
            self.input(Input::PollEvent {
                poll,
                event: Self::event_of("news", id, id),
                origin: "http://a.test".into(),
            });
        }
        self.input(Input::PollEnded {
            poll,
            result: Ok(more),
        });
        self.end_task();
    }

    pub(crate) fn end_task(&mut self) {
        if std::mem::take(&mut self.flush_requested) {
            self.input(Input::FlushDue);
        }
    }

    /// Lets time pass, stopping at each deadline as a timer would.
    pub(crate) fn advance(&mut self, duration: Duration) {
        let end = self.now + duration.as_secs_f64() * 1000.0;
        while let Some(due) = self.hub.poll_timeout() {
            let due = due.since(Instant::default()).as_secs_f64() * 1000.0;
            if due > end {
                break;
            }
            self.now = self.now.max(due);
            self.hub.handle_timeout(self.clock());
            self.drain();
            self.end_task();
        }
        self.now = end;
    }

    /// The machine sleeps: no timer fires until it wakes.
    pub(crate) fn sleep(&mut self, duration: Duration) {
        self.now += duration.as_secs_f64() * 1000.0;
        self.hub.handle_timeout(self.clock());
        self.drain();
    }

    pub(crate) fn secs(&mut self, seconds: u64) {
        self.advance(Duration::from_secs(seconds));
    }

    /// Lets the wait for the next attempt pass, and no more: 30 s at the most.
    pub(crate) fn until_next_attempt(&mut self) -> ConnectionId {
        let before = self.opened.len();
        let wait = self.status().retry_in.expect("an attempt that has a time");
        self.advance(Duration::from_millis(wait + 1));
        assert_eq!(self.opened.len(), before + 1, "within {wait} ms");
        self.connection()
    }

    pub(crate) fn has_timer(&self) -> bool {
        self.hub.poll_timeout().is_some()
    }

    /// The status told last.
    pub(crate) fn status(&self) -> &Status {
        self.sent
            .iter()
            .rev()
            .find_map(|(_, message)| match message {
                FromWorker::Status { status } | FromWorker::Welcome { status, .. } => Some(status),
                _ => None,
            })
            .expect("a status")
    }

    pub(crate) fn state(&self) -> ReadyState {
        self.status().state
    }

    /// The data of all that was broadcast.
    pub(crate) fn relayed(&self) -> Vec<&str> {
        self.broadcasts
            .iter()
            .flat_map(|batch| &batch.events)
            .map(|event| event.data.as_str())
            .collect()
    }

    /// What a tab was sent, newest last.
    pub(crate) fn sent_to(&self, tab: TabId) -> Vec<&FromWorker> {
        self.sent
            .iter()
            .filter(|(to, _)| *to == tab)
            .map(|(_, message)| message)
            .collect()
    }

    /// The epoch and the position that a tab was welcomed with.
    pub(crate) fn welcome(&self, tab: TabId) -> (String, u64) {
        self.sent_to(tab)
            .into_iter()
            .find_map(|message| match message {
                FromWorker::Welcome { epoch, next, .. } => Some((epoch.clone(), *next)),
                _ => None,
            })
            .expect("a welcome")
    }

    /// The gap that a tab was welcomed with.
    pub(crate) fn gap(&self, tab: TabId) -> Option<&Gap> {
        let of_welcome = |message: &&FromWorker| matches!(message, FromWorker::Welcome { .. });
        match self.sent_to(tab).into_iter().find(of_welcome)? {
            FromWorker::Welcome { gap, .. } => gap.as_ref(),
            _ => None,
        }
    }

    fn clock(&self) -> Instant {
        Instant::from_millis(self.now)
    }

    fn drain(&mut self) {
        while let Some(output) = self.hub.poll_output() {
            match output {
                Output::OpenStream {
                    connection,
                    request,
                } => self.opened.push((connection, *request)),
                Output::CloseStream { connection } => self.closed.push(connection),
                Output::Listen { event_type, .. } => self.listened.push(event_type),
                Output::Diagnose { connection, .. } => self.diagnosed.push(connection),
                Output::Poll { poll, request } => self.polls.push((poll, *request)),
                Output::AbortPoll { poll } => self.aborted.push(poll),
                Output::RequestFlush => self.flush_requested = true,
                Output::OpenChannel { .. } => self.channels += 1,
                Output::CloseChannel { .. } => self.channels -= 1,
                Output::Broadcast { batch, .. } => self.broadcasts.push(batch),
                Output::Show {
                    tab,
                    request,
                    snapshot,
                } => self.shown.push((tab, request, *snapshot)),
                Output::Replay { tab, batch } => self.replays.push((tab, batch)),
                Output::Send { tab, message } => self.sent.push((tab, message)),
            }
        }
    }
}
