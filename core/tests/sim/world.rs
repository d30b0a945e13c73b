//! All parts together: what is due happens, one thing after the other, and after each the
//! promises are checked.

use crate::clock::{Clock, Millis};
use crate::network::{Network, Number};
use crate::promises::Broken;
use crate::random::Random;
use crate::report::Report;
use crate::schedule::Plan;
use crate::sequence::Batch;
use crate::server::{Frame, Pending, Server};
use crate::tab::{Tab, ToTab};
use crate::trace::Recorder;
use crate::worker::Worker;
use tabcast_core::messages::{Hello, ToWorker};
use tabcast_core::{ConnectionId, Failure, TabId};

/// What is to happen at some point of time.
#[derive(Debug)]
pub(crate) enum Happening {
    /// A request for a stream reaches the server.
    Requested(Number),
    Head(Number),
    Chunk(Number, Vec<Frame>),
    Ends(Number, Failure),
    Heartbeat(Number),
    Diagnosis(u64, ConnectionId),
    PollReaches(u64, ConnectionId),
    PollAnswers(u64, ConnectionId, Result<Pending, Failure>),
    Flush(u64),
    LockFreed(u64, TabId),
    Says(u64, usize, u64, Box<Said>),
    Reaches(usize, u64, ToTab),
    ChannelReaches(usize, u64, Batch),
    WorkerGone(usize, u64),
    Greets(usize, u64),
    Syncs(usize, u64),
    Loaded(usize),
}

#[derive(Debug)]
pub(crate) enum Said {
    Hello(Box<Hello>),
    Else(ToWorker),
}

#[derive(Debug)]
pub(crate) struct World {
    pub(crate) plan: Plan,
    pub(crate) clock: Clock<Happening>,
    pub(crate) random: Random,
    pub(crate) server: Server,
    pub(crate) network: Network,
    pub(crate) worker: Option<Worker>,
    pub(crate) tabs: Vec<Tab>,
    pub(crate) online: bool,
    pub(crate) report: Report,
    pub(crate) recorder: Recorder,
    /// Since when each user's stream is as it is, as the shell sees it.
    pub(crate) changed_at: [Millis; crate::server::USERS],
    pub(crate) last_worker: u64,
    pub(crate) last_port: u64,
    pub(crate) last_tab: u64,
    pub(crate) broken: Option<Broken>,
    pub(crate) log: Option<Vec<String>>,
}

/// More happenings than this within one step mean that something turns in circles.
const MAX_HAPPENINGS: usize = 50_000;

impl World {
    pub(crate) fn new(plan: Plan, recorder: Recorder, logs: bool) -> Self {
        Self {
            clock: Clock::new(),
            random: Random::new(plan.seed.wrapping_mul(31)),
            server: Server::new(plan.style, plan.heartbeat),
            network: Network::new(),
            worker: None,
            tabs: Vec::new(),
            online: true,
            report: Report::default(),
            recorder,
            changed_at: [0; crate::server::USERS],
            last_worker: 0,
            last_port: 0,
            last_tab: 0,
            broken: None,
            log: logs.then(Vec::new),
            plan,
        }
    }

    pub(crate) fn note(&mut self, line: impl FnOnce() -> String) {
        if let Some(log) = &mut self.log {
            log.push(format!("{:>9} ms  {}", self.clock.now, line()));
        }
    }

    /// Remembers the first promise that was broken.
    pub(crate) fn check(&mut self, outcome: Result<(), Broken>) {
        if let Err(broken) = outcome {
            self.note(|| format!("BROKEN {broken:?}"));
            self.broken.get_or_insert(broken);
        }
    }

    pub(crate) fn latency(&mut self) -> Millis {
        let (low, high) = self.network.latency;
        self.random.within(low, high)
    }

    pub(crate) fn after(&mut self, millis: Millis, what: Happening) {
        self.clock.at(self.clock.now + millis, what);
    }

    /// Lets time pass, from one happening to the next.
    pub(crate) fn advance(&mut self, millis: Millis) {
        let end = self.clock.now + millis;
        for _ in 0..MAX_HAPPENINGS {
            if self.broken.is_some() {
                return;
            }
            let timer = self.worker.as_ref().and_then(Worker::timer);
            let next = self.clock.next_at();
            let timer_is_first = timer.is_some_and(|timer| next.is_none_or(|next| timer <= next));
            let due = if timer_is_first { timer } else { next };
            let Some(due) = due.filter(|&due| due <= end) else {
                self.clock.go_on_to(end);
                return;
            };
            self.clock.go_on_to(due);
            if timer_is_first {
                self.timer_fires();
            } else if let Some(what) = self.clock.pop() {
                self.happens(what);
            }
            self.report.happenings += 1;
            self.check_always();
        }
        self.check(Err(Broken::Stuck(format!(
            "more than {MAX_HAPPENINGS} happenings within {millis} ms"
        ))));
    }

    fn timer_fires(&mut self) {
        let now = self.clock.instant();
        if let Some(worker) = &mut self.worker {
            worker.hub.handle_timeout(now);
        }
        self.obey();
    }

    pub(crate) fn happens(&mut self, what: Happening) {
        match what {
            Happening::Requested(number) => self.requested(number),
            Happening::Head(number) => self.head_arrives(number),
            Happening::Chunk(number, frames) => self.chunk_arrives(number, frames),
            Happening::Ends(number, failure) => self.connection_ends(number, failure),
            Happening::Heartbeat(number) => self.heartbeat(number),
            Happening::Diagnosis(worker, id) => self.diagnosed(worker, id),
            Happening::PollReaches(worker, id) => self.poll_reaches(worker, id),
            Happening::PollAnswers(worker, id, answer) => self.poll_answers(worker, id, answer),
            Happening::Flush(worker) => self.flush(worker),
            Happening::LockFreed(worker, tab) => self.lock_freed(worker, tab),
            Happening::Says(worker, tab, port, said) => self.hears(worker, tab, port, *said),
            Happening::Reaches(tab, port, what) => self.reaches(tab, port, what),
            Happening::ChannelReaches(tab, serial, batch) => {
                self.channel_reaches(tab, serial, batch);
            }
            Happening::WorkerGone(tab, port) => self.worker_gone(tab, port),
            Happening::Greets(tab, port) => self.greets(tab, port),
            Happening::Syncs(tab, serial) => self.syncs(tab, serial),
            Happening::Loaded(tab) => self.loaded(tab),
        }
    }
}
