//! The pages in their browser: they link to a worker, are reached by its messages, come and go.

use crate::sequence::Batch;
use crate::tab::{Channel, Does, Life, Tab, ToTab, Waiting};
use crate::worker::Worker;
use crate::world::{Happening, Said, World};
use std::rc::Rc;
use tabcast_core::messages::{FromWorker, Hello, ToWorker};

const MAX_RESTARTS: u32 = 5;
const SYNC_INTERVAL: u64 = 250;

impl World {
    /// A page opens its link, to the worker that runs or to a new one.
    pub(crate) fn link(&mut self, index: usize) {
        if self.worker.is_none() {
            self.last_worker += 1;
            let seed = self.random.next();
            self.worker = Some(Worker::new(self.last_worker, seed));
        }
        self.last_port += 1;
        let tab = &mut self.tabs[index];
        tab.port = self.last_port;
        tab.worker = self.worker.as_ref().map(|worker| worker.incarnation);
        tab.alive = false;
        let port = tab.port;
        let delay = self.random.within(0, 30);
        self.after(delay, Happening::Greets(index, port));
        self.post_to(index, port, ToTab::Alive);
    }

    pub(crate) fn greets(&mut self, index: usize, port: u64) {
        let tab = &mut self.tabs[index];
        if tab.port != port {
            return;
        }
        // What the worker before had sent must not move the place that is said here.
        tab.channel = None;
        let mut types = vec!["news".to_owned()];
        if tab.wants_pings {
            types.push("ping".to_owned());
        }
        let hello = Hello {
            lock: String::new(),
            url: "http://a.test/events".to_owned(),
            identity: tab.user.to_string(),
            options: self.plan.options.clone(),
            token: Some(format!("{}:{}", tab.user, tab.token)),
            provides_token: tab.provides_token,
            client_id: String::new(),
            types,
            visible: tab.visible,
            online: self.online,
            resume: tab.resume().or_else(|| tab.found.clone()),
            replay: 0,
            sticky: Vec::new(),
        };
        self.recorder.hello(index, hello.resume.as_ref());
        self.send(index, Said::Hello(Box::new(hello)));
    }

    pub(crate) fn worker_gone(&mut self, index: usize, port: u64) {
        let tab = &mut self.tabs[index];
        if tab.port != port {
            return;
        }
        match tab.life {
            Life::Frozen => tab.waiting.push(Waiting::WorkerGone(port)),
            Life::Running => {
                tab.restarts += 1;
                if tab.restarts > MAX_RESTARTS {
                    self.unlink(index);
                    self.tabs[index].failed = true;
                } else {
                    self.link(index);
                }
            }
            Life::Away | Life::Gone => {}
        }
    }

    /// The page lets go of the worker; the worker learns it by the message or by the lock.
    pub(crate) fn unlink(&mut self, index: usize) {
        self.say(index, ToWorker::Leave);
        self.lose_link(index);
    }

    pub(crate) fn lose_link(&mut self, index: usize) {
        let tab = &mut self.tabs[index];
        let (worker, port) = (tab.worker.take(), tab.port);
        tab.port = 0;
        tab.channel = None;
        tab.waiting.clear();
        let own = self
            .worker
            .as_ref()
            .filter(|own| Some(own.incarnation) == worker);
        if let Some((worker, id)) =
            own.and_then(|own| Some((own.incarnation, own.of_port(index, port)?)))
        {
            self.after(35, Happening::LockFreed(worker, id));
        }
    }

    pub(crate) fn reaches(&mut self, index: usize, port: u64, what: ToTab) {
        let now = self.clock.now;
        let tab = &mut self.tabs[index];
        if tab.port != port {
            return;
        }
        if tab.life == Life::Frozen {
            tab.waiting.push(Waiting::Port(port, what));
            return;
        }
        match what {
            ToTab::Alive => {
                tab.alive = true;
                // It queues on the worker's lock, which may be free by now.
                let worker = tab.worker;
                if worker.is_none_or(|worker| !self.is_present(worker)) {
                    self.after(1, Happening::WorkerGone(index, port));
                }
            }
            ToTab::Batch(batch) => self.takes(index, &batch, false),
            ToTab::Message(message) => {
                let fresh = tab.sequence.is_none();
                tab.told_at = now;
                let does = tab.receive(&message);
                self.note(|| format!("tab {index} is told {message:?}"));
                self.welcomed(index, &message, fresh);
                if let FromWorker::Welcome { gap: Some(_), .. } = &*message {
                    self.report.unplaced += 1;
                    self.tabs[index].ledger.begins_again();
                }
                self.recorder.message(index, &message, &does);
                self.does(index, does);
            }
        }
    }

    pub(crate) fn channel_reaches(&mut self, index: usize, serial: u64, batch: Batch) {
        let loses = self.plan.frozen_tabs_lose;
        let tab = &mut self.tabs[index];
        let life = tab.life;
        let Some(channel) = tab.channel.as_mut().filter(|own| own.serial == serial) else {
            return;
        };
        match life {
            Life::Frozen if loses => {}
            Life::Frozen => tab.waiting.push(Waiting::Channel(serial, batch)),
            _ => {
                channel.syncing = false;
                self.takes(index, &batch, true);
            }
        }
    }

    fn takes(&mut self, index: usize, batch: &Batch, over_channel: bool) {
        let does = self.tabs[index].take(batch.clone());
        self.note(|| {
            format!(
                "tab {index} takes {}..+{} of {}: {does:?}",
                batch.first,
                batch.events.len(),
                batch.epoch
            )
        });
        self.recorder.batch(index, batch, over_channel, &does);
        self.does(index, does);
    }

    fn does(&mut self, index: usize, does: Vec<Does>) {
        for each in does {
            match each {
                Does::Want(from, to) => self.say(index, ToWorker::Want { from, to }),
                Does::OpenChannel(name) => self.open_channel(index, name),
                Does::Dispatch(id, data) => {
                    self.report.dispatched(&data);
                    let tab = &mut self.tabs[index];
                    let outcome = tab.ledger.given(&id, &data, &self.server.logs);
                    self.check(outcome);
                }
                Does::Gap { from, to } => {
                    self.report.gaps += 1;
                    self.tabs[index].ledger.told_of_gap(&from, &to);
                }
                Does::AnswerToken(request) => {
                    let newest = self.server.newest_token;
                    let tab = &mut self.tabs[index];
                    tab.token = newest;
                    let token = Some(format!("{}:{newest}", tab.user));
                    self.say(index, ToWorker::Token { request, token });
                }
            }
        }
    }

    fn open_channel(&mut self, index: usize, name: Rc<str>) {
        let now = self.clock.now;
        // A browser does not say when a channel has begun to listen.
        let listens_from = now + self.random.within(0, 40);
        let tab = &mut self.tabs[index];
        let serial = tab
            .channel
            .as_ref()
            .map_or(0, |channel| channel.serial + 1)
            .max(tab.port << 32);
        tab.channel = Some(Channel {
            name,
            serial,
            listens_from,
            syncing: true,
        });
        self.say(index, ToWorker::Sync);
        self.after(SYNC_INTERVAL, Happening::Syncs(index, serial));
    }

    pub(crate) fn syncs(&mut self, index: usize, serial: u64) {
        let tab = &mut self.tabs[index];
        let Some(channel) = tab.channel.as_ref().filter(|own| own.serial == serial) else {
            return;
        };
        if !channel.syncing {
            return;
        }
        if tab.life == Life::Frozen {
            tab.waiting.push(Waiting::Sync(serial));
            return;
        }
        self.say(index, ToWorker::Sync);
        self.after(SYNC_INTERVAL, Happening::Syncs(index, serial));
    }

    pub(crate) fn join(&mut self, tab: Tab) {
        self.tabs.push(tab);
        self.link(self.tabs.len() - 1);
    }

    pub(crate) fn thaw(&mut self, index: usize) {
        let tab = &mut self.tabs[index];
        if tab.life != Life::Frozen {
            return;
        }
        tab.life = Life::Running;
        tab.told_at = self.clock.now;
        let mut waiting = std::mem::take(&mut tab.waiting);
        // Each kind in its order; of the two kinds either may come first.
        if self.random.one_in(2) {
            waiting.sort_by_key(|each| matches!(each, Waiting::Channel(..)));
        }
        for each in waiting {
            self.happens(match each {
                Waiting::Port(port, what) => Happening::Reaches(index, port, what),
                Waiting::Channel(serial, batch) => Happening::ChannelReaches(index, serial, batch),
                Waiting::WorkerGone(port) => Happening::WorkerGone(index, port),
                Waiting::Sync(serial) => Happening::Syncs(index, serial),
            });
        }
        // A change of the network that it slept through is told now.
        let online = self.online;
        self.say(index, ToWorker::Network { online });
        self.say(index, ToWorker::Sync);
        // So long it takes to arrive; see `World::go`.
        self.advance(13);
    }

    /// The page is loaded, or shown again out of the cache.
    pub(crate) fn loaded(&mut self, index: usize) {
        if self.tabs[index].life == Life::Away {
            self.tabs[index].life = Life::Running;
            self.link(index);
        }
    }
}
