//! The worker's shell: inputs into the hub, and each of its outputs obeyed.

use crate::network::Number;
use crate::server::{Data, User};
use crate::tab::{Life, ToTab, Waiting};
use crate::worker::{Port, Worker};
use crate::world::{Happening, Said, World};
use std::rc::Rc;
use tabcast_core::messages::{FromWorker, ToWorker};
use tabcast_core::{ConnectionId, Input, Output, StreamId, StreamRequest, TabId};

impl World {
    pub(crate) fn input(&mut self, input: Input<Data>) {
        let now = self.clock.instant();
        if let Some(worker) = &mut self.worker {
            worker.input(now, input);
        }
        self.obey();
    }

    pub(crate) fn flush(&mut self, worker: u64) {
        if self.is_present(worker) {
            self.input(Input::FlushDue);
        }
    }

    pub(crate) fn is_present(&self, worker: u64) -> bool {
        self.worker
            .as_ref()
            .is_some_and(|own| own.incarnation == worker)
    }

    pub(crate) fn lock_freed(&mut self, worker: u64, tab: TabId) {
        if self.is_present(worker) {
            self.input(Input::TabLeft { tab });
        }
    }

    pub(crate) fn hears(&mut self, worker: u64, tab: usize, port: u64, said: Said) {
        let Some(own) = self.worker.as_mut().filter(|own| own.incarnation == worker) else {
            return;
        };
        match said {
            Said::Hello(hello) => {
                self.last_tab += 1;
                let id = TabId(self.last_tab);
                own.ports.push(Port { id, tab, port });
                let of = &mut self.tabs[tab];
                of.ledger.joined_at = self.server.logs[of.user].head();
                self.note(|| format!("tab {tab} says hello: {:?}", hello.resume));
                self.input(Input::TabJoined { tab: id, hello });
                // The lock of a tab that ended meanwhile is free: the worker learns it at once.
                if self.tabs[tab].port != port {
                    self.after(35, Happening::LockFreed(worker, id));
                }
            }
            Said::Else(message) => {
                if let Some(tab) = own.of_port(tab, port) {
                    self.input(Input::TabSaid { tab, message });
                }
            }
        }
    }

    pub(crate) fn obey(&mut self) {
        loop {
            let output = self
                .worker
                .as_mut()
                .and_then(|worker| worker.hub.poll_output());
            let Some(output) = output else { return };
            self.obey_one(output);
        }
    }

    fn obey_one(&mut self, output: Output<Data>) {
        let Some(worker) = &mut self.worker else {
            return;
        };
        let incarnation = worker.incarnation;
        match output {
            Output::OpenStream {
                connection,
                request,
            } => self.open(connection, request),
            Output::CloseStream { connection } => {
                worker.diagnoses.retain(|(id, _)| *id != connection);
                if let Some(held) = self.network.held(connection) {
                    held.held = false;
                    held.served = false;
                    let user = held.user;
                    self.changed_at[user] = self.clock.now;
                }
            }
            Output::Listen {
                connection,
                event_type,
            } => {
                let of = |(id, _): &&mut (_, _)| *id == connection;
                if let Some((_, types)) = worker.listened.iter_mut().find(of) {
                    types.insert(event_type);
                }
            }
            Output::Diagnose {
                connection,
                request,
            } => {
                worker.diagnoses.push((connection, request.token));
                let delay = self.latency();
                self.after(delay, Happening::Diagnosis(incarnation, connection));
            }
            Output::Poll { poll, request } => {
                let user = user_of_token(request.token.as_deref());
                worker.polls.push((poll, user, request));
                let delay = self.latency();
                self.after(delay, Happening::PollReaches(incarnation, poll));
            }
            Output::AbortPoll { poll } => worker.polls.retain(|(id, ..)| *id != poll),
            Output::RequestFlush => {
                let delay = self.random.within(0, 1);
                self.after(delay, Happening::Flush(incarnation));
            }
            Output::OpenChannel { stream, name } => {
                worker.channels.retain(|(id, _)| *id != stream);
                worker.channels.push((stream, name.into()));
            }
            Output::CloseChannel { stream } => worker.channels.retain(|(id, _)| *id != stream),
            Output::Broadcast { stream, batch } => self.broadcast(stream, Rc::new(batch)),
            // Nobody looks.
            Output::Show { .. } => {}
            Output::Replay { tab, batch } => self.post(tab, ToTab::Batch(Rc::new(batch))),
            Output::Send { tab, message } => self.post(tab, ToTab::Message(Rc::new(message))),
        }
    }

    fn open(&mut self, id: ConnectionId, request: Box<StreamRequest>) {
        let user = user_of(&request);
        self.note(|| format!("{id:?} is opened behind {:?}", request.last_event_id));
        if let Some(worker) = &mut self.worker {
            let types = request.types.iter().cloned().collect();
            worker.listened.push((id, types));
        }
        let Number(number) = self.network.connect(id, user, request);
        self.changed_at[user] = self.clock.now;
        let delay = self.latency();
        self.after(delay, Happening::Requested(Number(number)));
    }

    fn broadcast(&mut self, stream: StreamId, batch: crate::sequence::Batch) {
        let Some(worker) = &mut self.worker else {
            return;
        };
        let Some((_, name)) = worker.channels.iter().find(|(id, _)| *id == stream) else {
            return;
        };
        let end = batch.first + batch.events.len() as u64;
        match worker.ends.iter_mut().find(|(of, _)| *of == batch.epoch) {
            Some((_, own)) => *own = end,
            None => worker.ends.push((batch.epoch.clone(), end)),
        }
        let now = self.clock.now;
        self.report.batches += 1;
        for (index, tab) in self.tabs.iter_mut().enumerate() {
            let Some(channel) = tab.channel.as_ref().filter(|own| own.name == *name) else {
                continue;
            };
            if now < channel.listens_from {
                continue;
            }
            let serial = channel.serial;
            match tab.life {
                Life::Running => {
                    let at = tab.channel_at.max(now + self.random.within(0, 8));
                    tab.channel_at = at;
                    let batch = batch.clone();
                    self.clock
                        .at(at, Happening::ChannelReaches(index, serial, batch));
                }
                Life::Frozen if !self.plan.frozen_tabs_lose => {
                    tab.waiting.push(Waiting::Channel(serial, batch.clone()));
                }
                _ => {}
            }
        }
    }

    /// Over a tab's port: slower than the channel, and in order.
    fn post(&mut self, id: TabId, what: ToTab) {
        let Some(port) = self.worker.as_ref().and_then(|worker| worker.port_of(id)) else {
            return;
        };
        self.post_to(port.tab, port.port, what);
    }

    pub(crate) fn post_to(&mut self, index: usize, port: u64, what: ToTab) {
        let delay = self.random.within(0, 12);
        let tab = &mut self.tabs[index];
        let at = tab.from_worker_at.max(self.clock.now + delay);
        tab.from_worker_at = at;
        self.clock.at(at, Happening::Reaches(index, port, what));
    }

    pub(crate) fn say(&mut self, index: usize, message: ToWorker) {
        self.send(index, Said::Else(message));
    }

    pub(crate) fn send(&mut self, index: usize, said: Said) {
        let delay = self.random.within(0, 12);
        let tab = &mut self.tabs[index];
        let Some(worker) = tab.worker else { return };
        let at = tab.to_worker_at.max(self.clock.now + delay);
        tab.to_worker_at = at;
        let port = tab.port;
        self.clock
            .at(at, Happening::Says(worker, index, port, Box::new(said)));
    }

    /// The browser ends the worker; its connections go with it.
    pub(crate) fn kill_worker(&mut self) {
        let Some(Worker { incarnation, .. }) = self.worker.take() else {
            return;
        };
        self.network.forget_all();
        self.changed_at = [self.clock.now; crate::server::USERS];
        for index in 0..self.tabs.len() {
            let tab = &self.tabs[index];
            if tab.worker != Some(incarnation) {
                continue;
            }
            // Its lock tells; before the tab knew of it, only that no answer comes.
            let delay = if tab.alive {
                self.random.within(1, 60)
            } else {
                10_000
            };
            let port = tab.port;
            self.after(delay, Happening::WorkerGone(index, port));
        }
    }

    pub(crate) fn welcomed(&mut self, index: usize, message: &FromWorker, fresh: bool) {
        let FromWorker::Welcome { status, recent, .. } = message else {
            return;
        };
        let ledger = &mut self.tabs[index].ledger;
        if fresh {
            ledger.welcomed(!status.last_event_id.is_empty());
        } else if let Some(place) = recent.last() {
            ledger.welcomed_again(place);
        }
    }
}

fn user_of(request: &StreamRequest) -> User {
    user_of_token(request.token.as_deref())
}

/// The user is part of the simulation's tokens, whether they are still good or not.
fn user_of_token(token: Option<&str>) -> User {
    let user = token.and_then(|token| token.split_once(':'));
    user.and_then(|(user, _)| user.parse().ok())
        .unwrap_or_default()
}
