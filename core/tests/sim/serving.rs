//! Requests, answers and frames on their way between the server and the worker.

use crate::network::{Answer, Connection, Number, failure_of};
use crate::server::{Frame, User};
use crate::world::{Happening, World};
use tabcast_core::{ConnectionId, Failure, Input, Transport};

const HEARTBEAT: u64 = 30_000;

impl World {
    /// Whether a token is accepted, and whose it is. The simulation's tokens are `user:number`.
    fn user_of(&self, token: Option<&str>) -> Result<User, Failure> {
        let (user, number) = token
            .and_then(|token| token.split_once(':'))
            .unwrap_or(("0", "0"));
        let number: u32 = number.parse().unwrap_or_default();
        if number < self.server.oldest_token {
            let code = 401;
            return Err(Failure::Status {
                code,
                retry_after: None,
            });
        }
        Ok(user.parse().unwrap_or_default())
    }

    /// What the network and the server say to a request; an error where it fails.
    pub(crate) fn answer(&self, answer: Answer, token: Option<&str>) -> Result<User, Failure> {
        match failure_of(answer) {
            Some(failure) => Err(failure),
            None => self.user_of(token),
        }
    }

    fn stream_answer(&self) -> Answer {
        if self.online {
            self.network.streams
        } else {
            Answer::Refused
        }
    }

    pub(crate) fn requested(&mut self, number: Number) {
        let answer = self.stream_answer();
        let Some(connection) = self.network.get(number) else {
            return;
        };
        if !connection.held || answer == Answer::Hangs {
            return;
        }
        let transport = connection.request.options.transport;
        let token = connection.request.token.clone();
        let id = connection.request.last_event_id.clone();
        let delay = self.latency();
        match self.answer(answer, token.as_deref()) {
            Err(failure) => {
                // An `EventSource` tells an end for good from one that it would retry, no more.
                let failure = match (transport, failure) {
                    (Transport::EventSource, Failure::Network) => Failure::Network,
                    (Transport::EventSource, _) => Failure::Unknown,
                    (Transport::Fetch, failure) => failure,
                };
                self.after(delay, Happening::Ends(number, failure));
            }
            Ok(user) => {
                let frames = self.server.register(user, &id);
                let now = self.clock.now;
                let Some(connection) = self.network.get(number) else {
                    return;
                };
                connection.served = true;
                if !connection.proxy.holds_head() {
                    let at = connection.arrival(now + delay);
                    self.clock.at(at, Happening::Head(number));
                }
                self.after(HEARTBEAT, Happening::Heartbeat(number));
                self.write(number, frames);
            }
        }
    }

    /// The server writes to a stream.
    pub(crate) fn write(&mut self, number: Number, frames: Vec<Frame>) {
        let at = self.clock.now + self.latency();
        let apart = self.random.one_in(2);
        let Some(connection) = self.network.get(number) else {
            return;
        };
        if !connection.served {
            return;
        }
        connection.last_written = frames.last().cloned();
        let frames = connection.proxy.pass(frames);
        if connection.dead || frames.is_empty() {
            return;
        }
        let at = connection.arrival(at);
        if apart {
            for frame in frames {
                self.clock.at(at, Happening::Chunk(number, vec![frame]));
            }
        } else {
            self.clock.at(at, Happening::Chunk(number, frames));
        }
    }

    /// Writes to all streams of a user.
    pub(crate) fn write_to(&mut self, user: User, frame: &Frame) {
        for number in self.served(|connection| connection.user == user) {
            self.write(number, vec![frame.clone()]);
        }
    }

    pub(crate) fn served(&self, of: impl Fn(&Connection) -> bool) -> Vec<Number> {
        self.network
            .connections
            .iter()
            .filter(|connection| connection.served && of(connection))
            .map(|connection| connection.number)
            .collect()
    }

    pub(crate) fn heartbeat(&mut self, number: Number) {
        let Some(connection) = self.network.get(number) else {
            return;
        };
        if !connection.served {
            return;
        }
        let user = connection.user;
        let frame = self.server.heartbeat(user);
        self.write(number, vec![frame]);
        self.after(HEARTBEAT, Happening::Heartbeat(number));
    }

    pub(crate) fn head_arrives(&mut self, number: Number) {
        let now = self.clock.now;
        let Some(connection) = self.network.get(number) else {
            return;
        };
        if connection.dead || !connection.held {
            return;
        }
        connection.open_since = Some(now);
        connection.last_sign = now;
        let (id, user) = (connection.id, connection.user);
        self.changed_at[user] = now;
        self.note(|| format!("{id:?} opens"));
        let origin = "http://a.test".into();
        self.input(Input::Opened {
            connection: id,
            origin,
        });
    }

    pub(crate) fn chunk_arrives(&mut self, number: Number, frames: Vec<Frame>) {
        let (now, instant) = (self.clock.now, self.clock.instant());
        let (Some(connection), Some(worker)) = (self.network.get(number), &mut self.worker) else {
            return;
        };
        // What a reader had in hand when it was closed still comes, on `fetch`.
        let late = connection.request.options.transport == Transport::Fetch;
        if connection.dead || !(connection.held || late) || connection.open_since.is_none() {
            return;
        }
        if let Some(log) = &mut self.log {
            log.push(format!("{now:>9} ms  {:?} gives {frames:?}", connection.id));
        }
        let user = connection.user;
        if worker.read(instant, connection, frames) {
            connection.last_sign = now;
            if !std::mem::replace(&mut connection.had_data, true) {
                self.changed_at[user] = now;
            }
        }
        self.obey();
    }

    pub(crate) fn connection_ends(&mut self, number: Number, failure: Failure) {
        let now = self.clock.now;
        let Some(connection) = self.network.get(number) else {
            return;
        };
        connection.served = false;
        if !std::mem::replace(&mut connection.held, false) {
            return;
        }
        let (id, user) = (connection.id, connection.user);
        self.changed_at[user] = now;
        self.note(|| format!("{id:?} ends: {failure:?}"));
        self.input(Input::Failed {
            connection: id,
            failure,
        });
    }

    pub(crate) fn diagnosed(&mut self, worker: u64, id: ConnectionId) {
        let answer = self.stream_answer();
        if answer == Answer::Hangs {
            return;
        }
        let Some(token) = self.take_diagnosis(worker, id) else {
            return;
        };
        let failure = self.answer(answer, token.as_deref()).err();
        let failure = failure.unwrap_or(Failure::Network);
        self.note(|| format!("{id:?} is diagnosed: {failure:?}"));
        self.input(Input::Failed {
            connection: id,
            failure,
        });
    }

    fn take_diagnosis(&mut self, worker: u64, id: ConnectionId) -> Option<Option<String>> {
        let worker = self
            .worker
            .as_mut()
            .filter(|own| own.incarnation == worker)?;
        let index = worker.diagnoses.iter().position(|(of, _)| *of == id)?;
        Some(worker.diagnoses.remove(index).1)
    }
}
