//! The one entry to the core: tabs and streams, and who gets what.
//!
//! **Drive it so: after every [`Hub::handle_input`] or [`Hub::handle_timeout`], drain
//! [`Hub::poll_output`] until it is empty, obey each output, then arm one timer for
//! [`Hub::poll_timeout`].**

mod counters;
mod history;
mod inputs;
mod io;
mod place;
mod snapshot;
mod sticky;
mod stream;
mod tokens;

pub use counters::Counters;
pub use history::{Transition, TransitionKind};
pub use io::{ConnectionId, Input, Output, PollRequest, StreamId, StreamRequest, TabId};
pub use snapshot::{Snapshot, StreamSnapshot, TabSnapshot};

use crate::connection::Mark;
use crate::messages::FromWorker;
use crate::random::Random;
use crate::time::Instant;
use history::History;
use litemap::LiteMap;
use std::collections::VecDeque;
use stream::{Stream, Types};

/// The event types that any stream is listened to for: signs of life, and what the core itself
/// needs to know.
const SYSTEM_TYPES: [&str; 5] = [
    "message",
    "ping",
    "connected",
    "connection_confirmed",
    "superseded",
];

/// How many event types one tab may listen for, and how long a type may be. Pages refuse more;
/// here it only keeps a page of bad will from harming others.
const MAX_TYPES: usize = 256;
const MAX_TYPE_LENGTH: usize = 256;

/// All tabs and streams of one worker.
///
/// `P` is the payload that events carry; the core clones and compares it and looks no further.
#[derive(Debug)]
pub struct Hub<P> {
    random: Random,
    tabs: LiteMap<TabId, Tab>,
    streams: LiteMap<StreamId, Stream<P>>,
    /// As the page that spoke last reported it.
    online: bool,
    last_stream: u64,
    last_request: u64,
    outputs: VecDeque<Output<P>>,
    history: History,
}

#[derive(Debug)]
struct Tab {
    stream: StreamId,
    types: Types,
    visible: bool,
    provides_token: bool,
    /// The last request for a token that it had none for: a page that is being left, for example,
    /// has its own requests broken off.
    had_no_token: u64,
}

impl<P: Clone + Default + PartialEq> Hub<P> {
    /// A hub without tabs. Two hubs with the same `seed` and the same inputs do the same.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            random: Random::new(seed),
            tabs: LiteMap::new(),
            streams: LiteMap::new(),
            online: true,
            last_stream: 0,
            last_request: 0,
            outputs: VecDeque::new(),
            history: History::default(),
        }
    }

    /// Lets what is due happen. A call before [`Self::poll_timeout`]'s time does nothing.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.history.set_now(now);
        for (_, stream) in self.streams.iter_mut() {
            stream.connection.handle_timeout(now);
        }
        self.settle(now);
    }

    /// The next thing to do, in order.
    #[must_use]
    pub fn poll_output(&mut self) -> Option<Output<P>> {
        self.outputs.pop_front()
    }

    /// When [`Self::handle_timeout`] is to be called next.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.streams
            .values()
            .filter_map(|stream| stream.connection.deadline())
            .min()
    }

    /// The tab that alone listens to a stream: it needs no channel.
    #[must_use]
    pub fn only_tab(&self, stream: StreamId) -> Option<TabId> {
        let mut tabs = self.tabs_of(stream).map(|(tab, _)| tab);
        tabs.next().filter(|_| tabs.next().is_none())
    }

    fn send(&mut self, tab: TabId, message: FromWorker) {
        if let Some(stream) = self.tabs.get(&tab).map(|tab| tab.stream)
            && let Some(counters) = self.counters(stream)
        {
            match &message {
                FromWorker::Gap { .. } | FromWorker::Welcome { gap: Some(_), .. } => {
                    counters.gaps += 1;
                    self.history.note(TransitionKind::Gap, stream, Some(tab));
                }
                FromWorker::TokenRequest { .. } => {
                    counters.token_requests += 1;
                    self.history
                        .note(TransitionKind::TokenAsked, stream, Some(tab));
                }
                _ => {}
            }
        }
        self.outputs.push_back(Output::Send { tab, message });
    }

    fn counters(&mut self, stream: StreamId) -> Option<&mut Counters> {
        Some(&mut self.streams.get_mut(&stream)?.counters)
    }

    fn tabs_of(&self, stream: StreamId) -> impl Iterator<Item = (TabId, &Tab)> {
        self.tabs
            .iter()
            .filter(move |(_, tab)| tab.stream == stream)
            .map(|(&id, tab)| (id, tab))
    }

    /// What the tabs of a stream listen for, with the system's own types.
    fn wanted_types(&self, stream: StreamId) -> Types {
        let mut types = Types::new();
        for (_, tab) in self.tabs_of(stream) {
            for name in tab.types.keys() {
                if &**name != "*" && !Mark::is_type(name) {
                    types.insert(name.clone(), ());
                }
            }
        }
        for name in SYSTEM_TYPES {
            types.insert(name.into(), ());
        }
        types
    }

    /// Turns what the connections want into outputs, and tells tabs of changed statuses.
    fn settle(&mut self, now: Instant) {
        let ids: Vec<StreamId> = self.streams.keys().copied().collect();
        for id in ids {
            self.obey(now, id);
            self.report(now, id);
        }
    }

    fn obey(&mut self, now: Instant, id: StreamId) {
        use crate::connection::Effect;
        loop {
            let types = self.wanted_types(id);
            let Some(stream) = self.streams.get_mut(&id) else {
                return;
            };
            let effects = stream.connection.drain_effects();
            if effects.is_empty() {
                return;
            }
            for effect in effects {
                let Some(stream) = self.streams.get_mut(&id) else {
                    return;
                };
                let connection = |serial| ConnectionId { stream: id, serial };
                let output = match effect {
                    Effect::Open(serial) => {
                        stream.begin_source();
                        stream
                            .counters
                            .connecting(stream.connection.summary().reason);
                        self.history.note(TransitionKind::Connect, id, None);
                        stream.registered.clone_from(&types);
                        let request = Box::new(stream.request(&types));
                        let connection = connection(serial);
                        Output::OpenStream {
                            connection,
                            request,
                        }
                    }
                    Effect::Close(serial) => Output::CloseStream {
                        connection: connection(serial),
                    },
                    Effect::Diagnose(serial) => Output::Diagnose {
                        connection: connection(serial),
                        request: Box::new(stream.request(&types)),
                    },
                    Effect::Poll(serial) => match stream.poll_request() {
                        Some(request) => {
                            stream.counters.polls += 1;
                            self.history.note(TransitionKind::Poll, id, None);
                            Output::Poll {
                                poll: connection(serial),
                                request: Box::new(request),
                            }
                        }
                        None => continue,
                    },
                    Effect::AbortPoll(serial) => Output::AbortPoll {
                        poll: connection(serial),
                    },
                    Effect::AskForToken => {
                        self.ask_for_token(now, id, false);
                        continue;
                    }
                };
                self.outputs.push_back(output);
            }
        }
    }

    fn report(&mut self, now: Instant, id: StreamId) {
        let Some(stream) = self.streams.get_mut(&id) else {
            return;
        };
        let summary = stream.connection.summary();
        if stream.reported == Some(summary) {
            return;
        }
        let mark = Mark::of_change(stream.reported.replace(summary), summary);
        stream.counters.status(now, summary.state, summary.reason);
        self.history.note_status(id, &summary);
        // What came before the change is seen before it.
        self.flush(id);
        if let Some(mark) = mark
            && self.is_wanted(id, mark.event_type())
            && let Some(stream) = self.streams.get_mut(&id)
        {
            stream.mark(mark);
            self.flush(id);
        }
        let Some(stream) = self.streams.get(&id) else {
            return;
        };
        let status = stream.status(now);
        let tabs: Vec<TabId> = self.tabs_of(id).map(|(tab, _)| tab).collect();
        for tab in tabs {
            let status = status.clone();
            self.send(tab, FromWorker::Status { status });
        }
    }

    /// Sends what is gathered for a stream's tabs.
    fn flush(&mut self, id: StreamId) {
        if let Some(batch) = self.streams.get_mut(&id).and_then(Stream::take_batch) {
            self.outputs
                .push_back(Output::Broadcast { stream: id, batch });
        }
    }
}

impl Tab {
    fn set_types(&mut self, types: Vec<String>) {
        self.types.clear();
        let short = |name: &String| name.len() <= MAX_TYPE_LENGTH;
        for name in types.into_iter().filter(short).take(MAX_TYPES) {
            self.types.insert(name.into(), ());
        }
    }
}
