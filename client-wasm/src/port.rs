//! A tab's port: its messages become inputs. What is malformed is dropped with a warning; one bad
//! tab must not hurt the others.

use crate::from_js::from_js;
use crate::locks;
use crate::runtime::Shared;
use crate::untrusted::is_plain_data;
use gloo_timers::callback::Timeout;
use std::cell::RefCell;
use std::rc::Rc;
use tabcast_core::messages::{Hello, ToWorker};
use tabcast_core::{Input, TabId};
use wasm_bindgen::prelude::*;
use web_sys::{MessageEvent, MessagePort, console};

/// What every lock of a tab is called, so that no message can make the worker queue on a lock of
/// the application's own.
const LOCK_PREFIX: &str = "tabcast/";

/// How long a tab may take to hold its lock, in milliseconds, which the browser gives it also while it
/// is busy. One that ended before is gone then.
const PATIENCE: u32 = 3_000;

/// The tab that a port stands for; another one after each hello.
struct Tab {
    id: TabId,
    /// Its lock, as long as the tab need not hold it yet, and what ends the wait for it.
    unheld: Option<(String, Timeout)>,
}

/// Listens to a tab until it is gone. The listener belongs to the port and is collected with it.
pub(crate) fn serve(shared: &Rc<Shared>, port: &MessagePort) {
    let weak = Rc::downgrade(shared);
    let tab = RefCell::new(None::<Tab>);
    let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        let Some(shared) = weak.upgrade() else { return };
        if !is_plain_data(&event.data()) {
            return warn("dropped a message that is not small plain data");
        }
        let Ok(message) = from_js::<ToWorker>(event.data()) else {
            return warn("dropped a malformed message");
        };
        let known = tab.borrow().as_ref().map(|tab| tab.id);
        match message {
            ToWorker::Hello(hello) => {
                let port: Option<MessagePort> = event.target().map(JsCast::unchecked_into);
                if let Some(old) = tab.take() {
                    shared.tab_left(old.id);
                }
                tab.replace(port.and_then(|port| join(&shared, port, hello)));
            }
            ToWorker::Held => {
                let tab = &mut *tab.borrow_mut();
                if let Some(Tab { id, unheld }) = tab
                    && let Some((lock, _)) = unheld.take()
                {
                    watch(&shared, *id, &lock);
                }
            }
            message => match known {
                Some(tab) => shared.handle(Input::TabSaid { tab, message }),
                // It left before it knew who it is.
                None if message == ToWorker::Leave => {}
                None => warn("dropped a message from a tab that has not said hello"),
            },
        }
    });
    port.set_onmessage(Some(on_message.into_js_value().unchecked_ref()));
}

fn join(shared: &Rc<Shared>, port: MessagePort, hello: Box<Hello>) -> Option<Tab> {
    if web_sys::Url::new(&hello.url).is_err() {
        warn("dropped a hello with a malformed URL");
        return None;
    }
    // A page that runs the runtime for itself alone has none.
    if !hello.lock.is_empty() && !hello.lock.starts_with(LOCK_PREFIX) {
        warn("dropped a hello whose lock is not a tab's");
        return None;
    }
    let lock = hello.lock.clone();
    let id = shared.add_port(port);
    shared.handle(Input::TabJoined { tab: id, hello });
    let unheld = (!lock.is_empty()).then(|| {
        let weak = Rc::downgrade(shared);
        let name = lock.clone();
        let timeout = Timeout::new(PATIENCE, move || {
            if let Some(shared) = weak.upgrade() {
                watch(&shared, id, &name);
            }
        });
        (lock, timeout)
    });
    Some(Tab { id, unheld })
}

/// Learns of the tab's end by its lock.
fn watch(shared: &Rc<Shared>, tab: TabId, lock: &str) {
    let weak = Rc::downgrade(shared);
    let left = move || {
        if let Some(shared) = weak.upgrade() {
            shared.tab_left(tab);
        }
    };
    if locks::when_freed(lock, &shared.ended.signal(), left).is_err() {
        warn("could not watch a tab's lock");
        shared.tab_left(tab);
    }
}

fn warn(message: &str) {
    console::warn_1(&format!("tabcast: {message}").into());
}
