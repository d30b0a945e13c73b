//! The shell around the hub: inputs in, outputs obeyed, one timer armed.

use crate::channel::Channel;
use crate::clock::Clock;
use crate::event_source::EventSource;
use crate::http::Request;
use crate::payload::Payload;
use crate::task_end::TaskEnd;
use gloo_timers::callback::Timeout;
use litemap::LiteMap;
use std::cell::{Cell, Ref, RefCell};
use std::collections::VecDeque;
use std::rc::{Rc, Weak};
use tabcast_core::{ConnectionId, Hub, Input, Instant, Output, StreamId, TabId};
use wasm_bindgen::JsValue;
use web_sys::{AbortController, MessageChannel, MessagePort};

/// What gathers what a connection gives, until the task is over or something else happens.
pub(crate) trait Gather {
    /// Hands in what is there, in order.
    fn hand_in(&self, sink: &mut dyn FnMut(Input<Payload>));
}

impl std::fmt::Debug for dyn Gather {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Gather")
    }
}

/// What all callbacks share.
#[derive(Debug)]
pub(crate) struct Shared {
    hub: RefCell<Hub<Payload>>,
    inbox: RefCell<VecDeque<Input<Payload>>>,
    /// Who has something to hand in.
    gathering: RefCell<Vec<Rc<dyn Gather>>>,
    /// A callback can come while outputs are obeyed; its input then waits its turn.
    driving: Cell<bool>,
    pub(crate) clock: Clock,
    timer: RefCell<Option<(Instant, Timeout)>>,
    /// Aborted where no timer is to be armed any more, and no lock waited for.
    pub(crate) ended: AbortController,
    last_tab: Cell<u64>,
    pub(crate) resources: Resources,
    weak: Weak<Self>,
}

/// The browser's objects, each ended by dropping it.
#[derive(Debug)]
pub(crate) struct Resources {
    pub(crate) ports: RefCell<LiteMap<TabId, MessagePort>>,
    pub(crate) sources: RefCell<LiteMap<ConnectionId, EventSource>>,
    pub(crate) requests: RefCell<LiteMap<ConnectionId, Request>>,
    pub(crate) channels: RefCell<LiteMap<StreamId, Channel>>,
    pub(crate) task_end: TaskEnd,
}

impl Shared {
    pub(crate) fn new(seed: u64) -> Result<Rc<Self>, JsValue> {
        let to_self = MessageChannel::new()?;
        let ended = AbortController::new()?;
        Ok(Rc::new_cyclic(|weak: &Weak<Self>| {
            let at_end = weak.clone();
            let task_end = TaskEnd::new(&to_self, move || Self::input(&at_end, Input::FlushDue));
            Self {
                hub: RefCell::new(Hub::new(seed)),
                inbox: RefCell::default(),
                gathering: RefCell::default(),
                driving: Cell::new(false),
                clock: Clock::new(),
                timer: RefCell::default(),
                ended,
                last_tab: Cell::new(0),
                resources: Resources {
                    ports: RefCell::default(),
                    sources: RefCell::default(),
                    requests: RefCell::default(),
                    channels: RefCell::default(),
                    task_end,
                },
                weak: weak.clone(),
            }
        }))
    }

    /// For callbacks, which may outlive the runtime.
    pub(crate) fn input(shared: &Weak<Self>, input: Input<Payload>) {
        if let Some(shared) = shared.upgrade() {
            shared.handle(input);
        }
    }

    pub(crate) fn add_port(&self, port: MessagePort) -> TabId {
        self.last_tab.set(self.last_tab.get() + 1);
        let tab = TabId(self.last_tab.get());
        self.resources.ports.borrow_mut().insert(tab, port);
        tab
    }

    pub(crate) fn tab_left(&self, tab: TabId) {
        self.resources.ports.borrow_mut().remove(&tab);
        self.handle(Input::TabLeft { tab });
    }

    pub(crate) fn handle(&self, input: Input<Payload>) {
        self.hand_in();
        self.inbox.borrow_mut().push_back(input);
        self.drive();
    }

    /// Has what `source` gathers handed in at the end of the task.
    pub(crate) fn gather(&self, source: Rc<dyn Gather>) {
        self.gathering.borrow_mut().push(source);
        self.obey(Output::RequestFlush);
    }

    /// What came before anything else is handled before it.
    fn hand_in(&self) {
        for source in self.gathering.take() {
            let mut inbox = self.inbox.borrow_mut();
            source.hand_in(&mut |input| inbox.push_back(input));
        }
    }

    fn drive(&self) {
        if self.driving.replace(true) {
            return;
        }
        // Once for all the events of a chunk: to ask a browser for the time costs half a microsecond.
        let now = self.clock.now();
        loop {
            let input = self.inbox.borrow_mut().pop_front();
            let Some(input) = input else { break };
            self.hub.borrow_mut().handle_input(now, input);
            self.obey_all();
        }
        self.driving.set(false);
        self.arm();
    }

    fn obey_all(&self) {
        loop {
            let output = self.hub.borrow_mut().poll_output();
            let Some(output) = output else { return };
            self.obey(output);
        }
    }

    /// Arms the timer for the hub's next deadline. One that is armed for an earlier time is left:
    /// it does nothing when it fires but arm the next, and each event puts the watchdog off.
    fn arm(&self) {
        let due = self.hub.borrow().poll_timeout();
        let mut timer = self.timer.borrow_mut();
        let armed = timer.as_ref().map(|(at, _)| *at);
        let is_armed = due.is_some() && armed.is_some() && armed <= due;
        if is_armed || self.ended.signal().aborted() {
            return;
        }
        *timer = due.map(|due| {
            let wait = due.since(self.clock.now()).as_secs_f64() * 1_000.0;
            let weak = self.weak.clone();
            // Rounded up: a timer that is early does nothing, and would be armed again.
            let timeout = Timeout::new(wait.ceil() as u32, move || {
                if let Some(shared) = weak.upgrade() {
                    shared.timer_fired();
                }
            });
            (due, timeout)
        });
    }

    fn timer_fired(&self) {
        // It has fired; dropping it here would cancel what no longer exists.
        if let Some((_, timeout)) = self.timer.borrow_mut().take() {
            timeout.forget();
        }
        self.hand_in();
        if self.clock.slept() {
            self.inbox.borrow_mut().push_back(Input::Woke);
        }
        self.hub.borrow_mut().handle_timeout(self.clock.now());
        self.obey_all();
        self.drive();
    }

    /// Whatever fails from now on is not tried again: that takes a timer. Nor is a tab's lock waited
    /// for: Chromium drops a page from its back/forward cache in which a callback runs.
    pub(crate) fn end(&self) {
        self.ended.abort();
        self.timer.take();
    }

    pub(crate) fn hub(&self) -> Ref<'_, Hub<Payload>> {
        self.hub.borrow()
    }

    /// A request that is over.
    pub(crate) fn request_ended(&self, id: ConnectionId) {
        self.resources.requests.borrow_mut().remove(&id);
    }

    pub(crate) fn rc(&self) -> Option<Rc<Self>> {
        self.weak.upgrade()
    }
}
