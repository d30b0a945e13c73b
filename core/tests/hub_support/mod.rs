//! Any bytes as inputs of a hub, in any order, and what must hold whatever they are. For the
//! property test and the fuzz target.

mod inputs;

use inputs::{IDS, event, failure, hello, message, millis, own_id, pick};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use tabcast_core::messages::{FromWorker, ToWorker};
use tabcast_core::{ConnectionId, Hub, Input, Instant, Output, StreamId, TabId};

/// Feeds the bytes to a hub.
pub(crate) fn run(bytes: &[u8]) {
    let mut bytes = bytes.iter().copied();
    let seed = u64::from(bytes.next().unwrap_or_default());
    let mut shell = Shell {
        hub: Hub::new(seed),
        now: Duration::ZERO,
        ids: Vec::new(),
        tabs: BTreeSet::new(),
        streams: BTreeMap::new(),
        next_of_epoch: BTreeMap::new(),
    };
    while let Some(kind) = bytes.next() {
        shell.one(kind, &mut || bytes.next().unwrap_or_default());
    }
    shell.all_leave();
}

struct Shell {
    hub: Hub<u8>,
    now: Duration,
    /// Every connection and poll that ever was; late inputs come from all of them.
    ids: Vec<ConnectionId>,
    tabs: BTreeSet<TabId>,
    streams: BTreeMap<StreamId, Open>,
    /// Where the next broadcast batch of each epoch must begin.
    next_of_epoch: BTreeMap<String, u64>,
}

/// What a stream's shell holds.
#[derive(Default)]
struct Open {
    has_channel: bool,
    connection: Option<ConnectionId>,
    poll: Option<ConnectionId>,
}

impl Shell {
    fn clock(&self) -> Instant {
        Instant::from_millis(self.now.as_secs_f64() * 1_000.0)
    }

    fn one(&mut self, kind: u8, byte: &mut impl FnMut() -> u8) {
        let tab = TabId(u64::from(byte() % 6));
        let connection = match self.ids.len() {
            0 => None,
            // Mostly one of the newest.
            len => Some(self.ids[len - 1 - usize::from(byte() % 8).min(len - 1)]),
        };
        let of_connection =
            |input: fn(ConnectionId, &mut dyn FnMut() -> u8) -> Input<u8>,
             byte: &mut dyn FnMut() -> u8| { connection.map(|id| input(id, byte)) };
        let input = match kind % 16 {
            0 | 1 => return self.time_passes(byte()),
            2 => {
                self.tabs.insert(tab);
                let hello = Box::new(hello(byte));
                Some(Input::TabJoined { tab, hello })
            }
            3 => {
                self.tabs.remove(&tab);
                Some(Input::TabLeft { tab })
            }
            4 | 5 => {
                let message = message(byte);
                if matches!(message, ToWorker::Leave) {
                    self.tabs.remove(&tab);
                }
                Some(Input::TabSaid { tab, message })
            }
            6 => of_connection(
                |connection, _| Input::Opened {
                    connection,
                    origin: "o".into(),
                },
                byte,
            ),
            7 | 8 => of_connection(
                |connection, byte| Input::Event {
                    connection,
                    event: event(byte),
                    own_id: own_id(byte()),
                },
                byte,
            ),
            9 => of_connection(|connection, _| Input::Activity { connection }, byte),
            10 => of_connection(
                |connection, byte| Input::LastEventId {
                    connection,
                    id: pick(&IDS, byte()).into(),
                },
                byte,
            ),
            11 => of_connection(
                |connection, byte| Input::ReconnectionTime {
                    connection,
                    time: millis(byte()),
                },
                byte,
            ),
            12 => {
                if let Some(id) = connection {
                    self.ended(id);
                }
                of_connection(
                    |connection, byte| Input::Failed {
                        connection,
                        failure: failure(byte),
                    },
                    byte,
                )
            }
            13 => of_connection(
                |poll, byte| Input::PollEvent {
                    poll,
                    event: event(byte),
                    origin: pick(&["o", "p"], byte()).into(),
                },
                byte,
            ),
            14 => {
                if let Some(id) = connection {
                    self.ended(id);
                }
                of_connection(
                    |poll, byte| Input::PollEnded {
                        poll,
                        result: if byte().is_multiple_of(2) {
                            Ok(byte().is_multiple_of(2))
                        } else {
                            Err(failure(byte))
                        },
                    },
                    byte,
                )
            }
            _ => Some(pick(&[true, false], byte()))
                .map(|wakes| if wakes { Input::Woke } else { Input::FlushDue }),
        };
        if let Some(input) = input {
            self.hub.handle_input(self.clock(), input);
            self.obey();
        }
    }

    /// The transport's own end of a connection or poll: the hub need not close it.
    fn ended(&mut self, id: ConnectionId) {
        let open = self.streams.entry(id.stream).or_default();
        open.connection = open.connection.filter(|own| *own != id);
        open.poll = open.poll.filter(|own| *own != id);
    }

    fn time_passes(&mut self, byte: u8) {
        let early = self.clock();
        if self.hub.poll_timeout().is_some_and(|due| due > early) {
            self.hub.handle_timeout(early);
            assert!(
                self.hub.poll_output().is_none(),
                "an early call does nothing"
            );
        }
        self.now = self
            .now
            .saturating_add(millis(byte))
            .min(Duration::from_secs(1 << 40));
        // What is due happens, and is then over: a timer in the past would fire without end.
        for _ in 0..64 {
            let now = self.clock();
            if self.hub.poll_timeout().is_none_or(|due| due > now) {
                return;
            }
            self.hub.handle_timeout(now);
            self.obey();
        }
        panic!("the timer fires without end");
    }

    fn obey(&mut self) {
        while let Some(output) = self.hub.poll_output() {
            self.obey_one(output);
        }
    }

    fn obey_one(&mut self, output: Output<u8>) {
        match output {
            Output::OpenStream { connection, .. } => {
                let open = self.stream(connection.stream);
                assert!(open.connection.is_none(), "two connections of one stream");
                open.connection = Some(connection);
                self.new_id(connection);
            }
            Output::CloseStream { connection } => self.ended(connection),
            Output::Diagnose { connection, .. } => {
                let open = self.stream(connection.stream);
                assert!(open.connection.is_none(), "a diagnosis beside a connection");
                open.connection = Some(connection);
            }
            Output::Poll { poll, .. } => {
                let open = self.stream(poll.stream);
                assert!(open.poll.is_none(), "two polls of one stream");
                open.poll = Some(poll);
                self.new_id(poll);
            }
            Output::AbortPoll { poll } => self.ended(poll),
            Output::Listen { connection, .. } => {
                assert!(self.ids.contains(&connection), "listens to what never was");
            }
            Output::RequestFlush => {}
            Output::OpenChannel { stream, .. } => {
                let known = self.streams.entry(stream).or_default();
                known.has_channel = true;
            }
            Output::CloseChannel { stream } => {
                let gone = self
                    .streams
                    .remove(&stream)
                    .expect("a stream with a channel");
                assert!(
                    gone.connection.is_none() && gone.poll.is_none(),
                    "left open"
                );
            }
            Output::Broadcast { stream, batch } => {
                assert!(self.streams.get(&stream).is_some_and(|own| own.has_channel));
                let end = batch.first + batch.events.len() as u64;
                let next = self
                    .next_of_epoch
                    .entry(batch.epoch.to_string())
                    .or_insert(1);
                assert_eq!(batch.first, *next, "a hole or a repeat between batches");
                *next = end;
            }
            Output::Show { tab, .. } => assert!(self.tabs.contains(&tab)),
            Output::Replay { tab, .. } => assert!(self.tabs.contains(&tab)),
            Output::Send { tab, message } => {
                assert!(self.tabs.contains(&tab), "a message to a tab that is gone");
                if let FromWorker::Welcome { epoch, next, .. } = message {
                    let end = self.next_of_epoch.get(&epoch).copied().unwrap_or(1);
                    assert!(next <= end, "welcomed beyond the end");
                }
            }
        }
    }

    fn stream(&mut self, id: StreamId) -> &mut Open {
        let open = self.streams.get_mut(&id);
        open.expect("a stream with a channel")
    }

    fn new_id(&mut self, id: ConnectionId) {
        assert!(!self.ids.contains(&id), "a number that was used before");
        self.ids.push(id);
    }

    fn all_leave(&mut self) {
        while let Some(tab) = self.tabs.pop_first() {
            self.hub.handle_input(self.clock(), Input::TabLeft { tab });
            self.obey();
        }
        let left = self
            .streams
            .values()
            .filter(|open| open.has_channel)
            .count();
        assert_eq!(left, 0, "a stream without tabs");
        assert!(self.hub.poll_timeout().is_none(), "a timer without streams");
    }
}
