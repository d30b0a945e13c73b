//! The end of the present task. A microtask would not do: the browser runs those after each
//! listener, so that every event of a chunk would become a batch of its own. A message to
//! oneself comes after all that the task still has to do, and is not clamped as timers are.

use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::JsCast as _;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::Closure;
use web_sys::{MessageChannel, MessagePort};

#[must_use]
pub(crate) struct TaskEnd {
    sender: MessagePort,
    receiver: MessagePort,
    /// It is on its way, or being acted upon.
    requested: Rc<Cell<bool>>,
    _on_message: Closure<dyn FnMut()>,
}

impl std::fmt::Debug for TaskEnd {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TaskEnd")
    }
}

impl TaskEnd {
    /// Uses `channel`, which nobody else may.
    pub(crate) fn new(channel: &MessageChannel, mut at_end: impl FnMut() + 'static) -> Self {
        let requested = Rc::new(Cell::new(false));
        let on_message = {
            let requested = requested.clone();
            Closure::<dyn FnMut()>::new(move || {
                at_end();
                requested.set(false);
            })
        };
        let receiver = channel.port1();
        receiver.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        Self {
            sender: channel.port2(),
            receiver,
            requested,
            _on_message: on_message,
        }
    }

    pub(crate) fn request(&self) -> Result<(), JsValue> {
        if self.requested.replace(true) {
            return Ok(());
        }
        self.sender.post_message(&JsValue::UNDEFINED)
    }
}

impl Drop for TaskEnd {
    fn drop(&mut self) {
        self.receiver.set_onmessage(None);
        self.receiver.close();
    }
}
