//! One tab, with the rules of `page/membership.ts` and `page/link.ts`.

use crate::clock::Millis;
use crate::promises::Ledger;
use crate::seen::Seen;
use crate::sequence::{Batch, Sequence};
use crate::server::{Data, User};
use std::rc::Rc;
use tabcast_core::messages::{FromWorker, Gap, Resume};
use tabcast_core::{ReadyState, Status};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Life {
    Running,
    /// No task of it runs; what comes over its port waits.
    Frozen,
    /// In the back/forward cache.
    Away,
    Gone,
}

#[derive(Debug)]
pub(crate) struct Tab {
    pub(crate) user: User,
    pub(crate) life: Life,
    pub(crate) visible: bool,
    pub(crate) provides_token: bool,
    pub(crate) token: u32,
    pub(crate) wants_pings: bool,
    /// The present port; another one for each worker, 0 before the first.
    pub(crate) port: u64,
    /// The worker behind the port, while the tab believes in it.
    pub(crate) worker: Option<u64>,
    pub(crate) alive: bool,
    pub(crate) restarts: u32,
    pub(crate) failed: bool,
    pub(crate) sequence: Option<Sequence>,
    pub(crate) last_event_id: Rc<str>,
    pub(crate) seen: Seen,
    /// What the page before a reload left behind.
    pub(crate) found: Option<Resume>,
    pub(crate) channel: Option<Channel>,
    pub(crate) status: Option<Status>,
    pub(crate) told_at: Millis,
    /// What waits for a frozen tab.
    pub(crate) waiting: Vec<Waiting>,
    pub(crate) ledger: Ledger,
    pub(crate) to_worker_at: Millis,
    pub(crate) from_worker_at: Millis,
    pub(crate) channel_at: Millis,
}

#[derive(Debug)]
pub(crate) struct Channel {
    pub(crate) name: Rc<str>,
    /// Counts the tab's channels.
    pub(crate) serial: u64,
    pub(crate) listens_from: Millis,
    /// No message has come yet: the tab asks for one again and again.
    pub(crate) syncing: bool,
}

/// What reaches a tab.
#[derive(Clone, Debug)]
pub(crate) enum ToTab {
    Alive,
    Message(Rc<FromWorker>),
    Batch(Batch),
}

#[derive(Clone, Debug)]
pub(crate) enum Waiting {
    Port(u64, ToTab),
    Channel(u64, Batch),
    WorkerGone(u64),
    Sync(u64),
}

/// What a page does because of a message.
#[derive(Debug, PartialEq)]
pub(crate) enum Does {
    Want(u64, u64),
    OpenChannel(Rc<str>),
    Dispatch(Rc<str>, Data),
    Gap { from: Rc<str>, to: Rc<str> },
    AnswerToken(u64),
}

impl Tab {
    pub(crate) fn new(user: User, token: u32) -> Self {
        Self {
            user,
            life: Life::Running,
            visible: true,
            provides_token: false,
            token,
            wants_pings: false,
            port: 0,
            worker: None,
            alive: false,
            restarts: 0,
            failed: false,
            sequence: None,
            last_event_id: Rc::default(),
            seen: Seen::default(),
            found: None,
            channel: None,
            status: None,
            told_at: 0,
            waiting: Vec::new(),
            ledger: Ledger::new(user),
            to_worker_at: 0,
            from_worker_at: 0,
            channel_at: 0,
        }
    }

    pub(crate) fn resume(&self) -> Option<Resume> {
        let sequence = self.sequence.as_ref()?;
        Some(Resume {
            epoch: sequence.epoch.to_string(),
            next: sequence.next,
            last_event_id: self.last_event_id.to_string(),
            recent: self.seen.told(),
        })
    }

    /// The page is loaded anew: it keeps only what it left behind.
    pub(crate) fn reload(&mut self) {
        // A reload before the welcome passes on what the one before left behind.
        self.found = self.resume().or(self.found.take());
        self.sequence = None;
        self.seen = self.seen.left_behind();
        // A gap that the server tells of counts from there.
        self.last_event_id = self
            .found
            .as_ref()
            .map_or("", |found| &found.last_event_id)
            .into();
        self.restarts = 0;
        self.failed = false;
    }

    pub(crate) fn state(&self) -> Option<ReadyState> {
        self.status.as_ref().map(|status| status.state)
    }

    pub(crate) fn receive(&mut self, message: &FromWorker) -> Vec<Does> {
        match message {
            FromWorker::Welcome {
                epoch,
                next,
                channel,
                status,
                recent,
                gap,
                ..
            } => {
                self.found = None;
                // In the same life of the stream the tab's own place counts.
                let own = self.sequence.as_ref().filter(|own| *own.epoch == **epoch);
                let next = own.map_or(*next, |own| own.next);
                if own.is_none() {
                    self.seen.begin(recent, gap.is_some());
                    // One that has no place yet has the stream's from here on.
                    let own = Some(&*self.last_event_id).filter(|own| !own.is_empty());
                    let place = recent.last().map(String::as_str).or(own);
                    self.last_event_id = place.unwrap_or(&status.last_event_id).into();
                }
                self.sequence = Some(Sequence::start_at(epoch, next));
                self.told(status);
                let gap = gap.as_ref().map(|gap| self.lost(gap));
                let opens = Does::OpenChannel(channel.as_str().into());
                [opens].into_iter().chain(gap).collect()
            }
            FromWorker::Status { status } => {
                self.told(status);
                Vec::new()
            }
            FromWorker::Gap { epoch, next, gap } => {
                let told = self.lost(gap);
                let Some(sequence) = self.sequence.as_mut().filter(|own| *own.epoch == **epoch)
                else {
                    return Vec::new();
                };
                // What it lacked has come meanwhile.
                if *next <= sequence.next {
                    return Vec::new();
                }
                sequence.skip_to(*next);
                self.seen.skip();
                let mut does = vec![told];
                does.extend(self.drain_held());
                does
            }
            FromWorker::TokenRequest { request } => vec![Does::AnswerToken(*request)],
        }
    }

    fn lost(&self, gap: &Gap) -> Does {
        let from = match &*gap.from_id {
            "" => self.last_event_id.clone(),
            id => id.into(),
        };
        let to = gap.to_id.as_str().into();
        Does::Gap { from, to }
    }

    /// What was held behind a gap has its turn.
    fn drain_held(&mut self) -> Vec<Does> {
        let Some(sequence) = &self.sequence else {
            return Vec::new();
        };
        let beacon = tabcast_core::Batch {
            epoch: sequence.epoch.clone(),
            first: sequence.next,
            via: tabcast_core::Via::Replay,
            origin: Rc::default(),
            events: Vec::new(),
        };
        self.take(Rc::new(beacon))
    }

    fn told(&mut self, status: &Status) {
        if status.state == ReadyState::Open {
            self.restarts = 0;
        }
        self.status = Some(status.clone());
    }

    pub(crate) fn take(&mut self, batch: Batch) -> Vec<Does> {
        let Some(sequence) = &mut self.sequence else {
            return Vec::new();
        };
        let step = sequence.receive(batch);
        let mut does = Vec::new();
        does.extend(step.want.map(|(from, to)| Does::Want(from, to)));
        for (batch, from) in step.dispatch {
            for event in &batch.events[from..] {
                self.dispatch(event.id.clone(), event.data.clone(), &mut does);
            }
        }
        does
    }

    fn dispatch(&mut self, id: Rc<str>, data: Data, does: &mut Vec<Does>) {
        let before = std::mem::replace(&mut self.last_event_id, id.clone());
        if self.seen.is_repeat(&id, &before) {
            return;
        }
        does.push(Does::Dispatch(id, data.clone()));
        if let Data::Confirmed {
            lost: Some(lost), ..
        } = data
            && !before.is_empty()
        {
            let to: Rc<str> = format!("0-{lost}").into();
            // Where the stream went back for another tab, this one may have seen what is gone.
            if self.seen.has(&to) {
                return;
            }
            does.push(Does::Gap { from: before, to });
        }
    }
}
