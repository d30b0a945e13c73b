//! The network between the browser and the server: it delays, refuses, hangs, cuts, and lets
//! connections die without a sign.

use crate::clock::Millis;
use crate::proxy::{Buffering, Proxy};
use crate::server::{Frame, User};
use std::rc::Rc;
use tabcast_core::{ConnectionId, Failure, StreamRequest};

/// What becomes of new requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Served,
    Refused,
    /// Neither an answer nor an error.
    Hangs,
    /// Another status, with `Retry-After` in seconds where it is not 0.
    Status(u16, u8),
    WrongContentType,
}

#[derive(Debug)]
pub(crate) struct Network {
    pub(crate) streams: Answer,
    pub(crate) polls: Answer,
    pub(crate) buffering: Buffering,
    pub(crate) latency: (Millis, Millis),
    pub(crate) connections: Vec<Connection>,
    last_number: u64,
}

/// Names a connection over all workers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Number(pub(crate) u64);

/// One stream, from the request to the end on both sides.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) number: Number,
    pub(crate) id: ConnectionId,
    pub(crate) user: User,
    pub(crate) request: Box<StreamRequest>,
    pub(crate) proxy: Proxy,
    /// What the server has written is not lost with it, but nothing passes any more.
    pub(crate) dead: bool,
    /// The server has registered the stream and not ended it.
    pub(crate) served: bool,
    /// The browser's end is there: not closed by the hub, not failed.
    pub(crate) held: bool,
    /// The head has reached the shell, which has told the hub.
    pub(crate) open_since: Option<Millis>,
    pub(crate) last_sign: Millis,
    pub(crate) had_data: bool,
    /// The browser's last event ID buffer.
    pub(crate) sticky: Rc<str>,
    pub(crate) told_id: Rc<str>,
    pub(crate) last_written: Option<Frame>,
    last_arrival: Millis,
}

impl Network {
    pub(crate) fn new() -> Self {
        Self {
            streams: Answer::Served,
            polls: Answer::Served,
            buffering: Buffering::Off,
            latency: (1, 20),
            connections: Vec::new(),
            last_number: 0,
        }
    }

    pub(crate) fn connect(
        &mut self,
        id: ConnectionId,
        user: User,
        request: Box<StreamRequest>,
    ) -> Number {
        self.last_number += 1;
        let number = Number(self.last_number);
        self.connections.push(Connection {
            number,
            id,
            user,
            request,
            proxy: Proxy::new(self.buffering),
            dead: false,
            served: false,
            held: true,
            open_since: None,
            last_sign: 0,
            had_data: false,
            sticky: Rc::default(),
            told_id: Rc::default(),
            last_written: None,
            last_arrival: 0,
        });
        number
    }

    pub(crate) fn get(&mut self, number: Number) -> Option<&mut Connection> {
        self.connections
            .iter_mut()
            .find(|connection| connection.number == number)
    }

    /// The connection that a hub's output names; ids are those of the present worker.
    pub(crate) fn held(&mut self, id: ConnectionId) -> Option<&mut Connection> {
        self.connections
            .iter_mut()
            .find(|connection| connection.held && connection.id == id)
    }

    /// The browser ends: it holds nothing any more.
    pub(crate) fn forget_all(&mut self) {
        self.connections.clear();
    }
}

impl Connection {
    /// When what is written now arrives: never before what was written earlier.
    pub(crate) fn arrival(&mut self, at: Millis) -> Millis {
        self.last_arrival = self.last_arrival.max(at);
        self.last_arrival
    }
}

/// The failure that an answer is to a `fetch`; none for a good one, nor while it hangs.
pub(crate) fn failure_of(answer: Answer) -> Option<Failure> {
    match answer {
        Answer::Served | Answer::Hangs => None,
        Answer::Refused => Some(Failure::Network),
        Answer::Status(code, seconds) => {
            let retry_after = (seconds > 0).then(|| std::time::Duration::from_secs(seconds.into()));
            Some(Failure::Status { code, retry_after })
        }
        Answer::WrongContentType => Some(Failure::ContentType),
    }
}
