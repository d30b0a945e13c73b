//! A tab's port: its messages become inputs. What is malformed is dropped with a warning; one bad
//! tab must not hurt the others.

use crate::from_js::from_js;
use crate::locks;
use crate::runtime::Shared;
use crate::untrusted::is_plain_data;
use std::cell::Cell;
use std::rc::Rc;
use tabcast_core::messages::{Hello, ToWorker};
use tabcast_core::{Input, TabId};
use wasm_bindgen::prelude::*;
use web_sys::{MessageEvent, MessagePort, console};

/// What every lock of a tab is called, so that no message can make the worker queue on a lock of
/// the application's own.
const LOCK_PREFIX: &str = "tabcast/";

/// Listens to a tab until it is gone. The listener belongs to the port and is collected with it.
pub(crate) fn serve(shared: &Rc<Shared>, port: &MessagePort) {
    let weak = Rc::downgrade(shared);
    // The tab that the port stands for; another one after each hello.
    let tab = Cell::new(None::<TabId>);
    let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        let Some(shared) = weak.upgrade() else { return };
        if !is_plain_data(&event.data()) {
            return warn("dropped a message that is not small plain data");
        }
        let Ok(message) = from_js::<ToWorker>(event.data()) else {
            return warn("dropped a malformed message");
        };
        match message {
            ToWorker::Hello(hello) => {
                let port: Option<MessagePort> = event.target().map(JsCast::unchecked_into);
                if let Some(old) = tab.take() {
                    shared.tab_left(old);
                }
                tab.set(port.and_then(|port| join(&shared, port, hello)));
            }
            message => match tab.get() {
                Some(tab) => shared.handle(Input::TabSaid { tab, message }),
                None => warn("dropped a message from a tab that has not said hello"),
            },
        }
    });
    port.set_onmessage(Some(on_message.into_js_value().unchecked_ref()));
}

fn join(shared: &Rc<Shared>, port: MessagePort, hello: Box<Hello>) -> Option<TabId> {
    if web_sys::Url::new(&hello.url).is_err() {
        warn("dropped a hello with a malformed URL");
        return None;
    }
    let tab = shared.add_port(port);
    if let Err(reason) = watch(shared, tab, &hello.lock) {
        warn(reason);
        shared.tab_left(tab);
        return None;
    }
    shared.handle(Input::TabJoined { tab, hello });
    Some(tab)
}

/// Learns of the tab's end by its lock. A page that runs the runtime for itself alone needs none.
fn watch(shared: &Rc<Shared>, tab: TabId, lock: &str) -> Result<(), &'static str> {
    if lock.is_empty() {
        return Ok(());
    }
    if !lock.starts_with(LOCK_PREFIX) {
        return Err("dropped a hello whose lock is not a tab's");
    }
    let weak = Rc::downgrade(shared);
    let left = move || {
        if let Some(shared) = weak.upgrade() {
            shared.tab_left(tab);
        }
    };
    locks::when_freed(lock, left).map_err(|_| "could not watch a tab's lock")
}

fn warn(message: &str) {
    console::warn_1(&format!("tabcast: {message}").into());
}
