//! The worker: a hub with the shell's duties, which are those of `client-wasm`. Killed, it loses
//! everything.

use crate::clock::{Millis, timer_for};
use crate::server::{Data, Frame, User};
use std::collections::BTreeSet;
use std::rc::Rc;
use tabcast_core::{
    ConnectionId, Event, Hub, Input, Instant, OwnId, PollRequest, StreamId, TabId, Transport,
};

use crate::network::Connection;

#[derive(Debug)]
pub(crate) struct Worker {
    pub(crate) incarnation: u64,
    pub(crate) hub: Hub<Data>,
    pub(crate) ports: Vec<Port>,
    pub(crate) channels: Vec<(StreamId, Rc<str>)>,
    /// How far each life of a stream has been relayed.
    pub(crate) ends: Vec<(Rc<str>, u64)>,
    /// The requests beside the streams, polls and diagnoses.
    pub(crate) polls: Vec<(ConnectionId, User, Box<PollRequest>)>,
    pub(crate) diagnoses: Vec<(ConnectionId, Option<String>)>,
    /// The types that the open connections are listened to for, on `eventsource`.
    pub(crate) listened: Vec<(ConnectionId, BTreeSet<Rc<str>>)>,
}

/// A tab as the worker knows it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Port {
    pub(crate) id: TabId,
    pub(crate) tab: usize,
    pub(crate) port: u64,
}

impl Worker {
    pub(crate) fn new(incarnation: u64, seed: u64) -> Self {
        Self {
            incarnation,
            hub: Hub::new(seed),
            ports: Vec::new(),
            channels: Vec::new(),
            ends: Vec::new(),
            polls: Vec::new(),
            diagnoses: Vec::new(),
            listened: Vec::new(),
        }
    }

    /// When its timer fires.
    pub(crate) fn timer(&self) -> Option<Millis> {
        self.hub.poll_timeout().map(timer_for)
    }

    pub(crate) fn of_port(&self, tab: usize, port: u64) -> Option<TabId> {
        let known = |known: &&Port| known.tab == tab && known.port == port;
        self.ports.iter().find(known).map(|port| port.id)
    }

    pub(crate) fn port_of(&self, id: TabId) -> Option<Port> {
        self.ports.iter().find(|port| port.id == id).copied()
    }

    pub(crate) fn event(id: &Rc<str>, data: Data, size: usize) -> Event<Data> {
        Event {
            event_type: data.event_type().into(),
            id: id.clone(),
            size,
            data,
            received_at: 0.0,
        }
    }

    pub(crate) fn input(&mut self, now: Instant, input: Input<Data>) {
        self.hub.handle_input(now, input);
    }

    /// A chunk of a stream has come: what the transport makes of it. True where it gave the hub a
    /// sign of life.
    pub(crate) fn read(&mut self, now: Instant, from: &mut Connection, frames: Vec<Frame>) -> bool {
        match from.request.options.transport {
            Transport::EventSource => self.read_native(now, from, frames),
            Transport::Fetch => self.read_fetched(now, from, frames),
        }
    }

    /// The browser keeps ids, comments and `retry` to itself, and drops what nobody listens for.
    fn read_native(&mut self, now: Instant, from: &mut Connection, frames: Vec<Frame>) -> bool {
        let connection = from.id;
        let mut alive = false;
        for frame in frames {
            match frame {
                Frame::Comment | Frame::Retry(_) => {}
                Frame::IdOnly(id) => from.sticky = id,
                Frame::Event { id, data, size } => {
                    if let Some(id) = id {
                        from.sticky = id;
                    }
                    let listened = self.listened.iter().find(|(of, _)| *of == connection);
                    let name = data.event_type();
                    if !listened.is_some_and(|(_, types)| types.contains(name)) {
                        continue;
                    }
                    let event = Self::event(&from.sticky, data, size);
                    let own_id = OwnId::Unknown;
                    self.input(
                        now,
                        Input::Event {
                            connection,
                            event,
                            own_id,
                        },
                    );
                    alive = true;
                }
            }
        }
        alive
    }

    fn read_fetched(&mut self, now: Instant, from: &mut Connection, frames: Vec<Frame>) -> bool {
        let connection = from.id;
        if frames.is_empty() {
            return false;
        }
        self.input(now, Input::Activity { connection });
        let mut retry = None;
        for frame in frames {
            match frame {
                Frame::Comment => {}
                Frame::Retry(millis) => retry = Some(millis),
                Frame::IdOnly(id) => from.sticky = id,
                Frame::Event { id, data, size } => {
                    let own_id = if id.is_some() { OwnId::Yes } else { OwnId::No };
                    if let Some(id) = id {
                        from.sticky = id;
                    }
                    let event = Self::event(&from.sticky, data, size);
                    self.input(
                        now,
                        Input::Event {
                            connection,
                            event,
                            own_id,
                        },
                    );
                }
            }
        }
        if from.told_id != from.sticky {
            from.told_id = from.sticky.clone();
            let id = from.sticky.clone();
            self.input(now, Input::LastEventId { connection, id });
        }
        if let Some(millis) = retry {
            let time = std::time::Duration::from_millis(millis);
            self.input(now, Input::ReconnectionTime { connection, time });
        }
        true
    }
}
