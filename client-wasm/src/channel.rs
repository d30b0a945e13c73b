//! A BroadcastChannel, closed when dropped.

use wasm_bindgen::JsValue;
use web_sys::BroadcastChannel;

#[derive(Debug)]
#[must_use]
pub(crate) struct Channel(BroadcastChannel);

impl Channel {
    pub(crate) fn open(name: &str) -> Result<Self, JsValue> {
        BroadcastChannel::new(name).map(Self)
    }

    pub(crate) fn post(&self, message: &JsValue) -> Result<(), JsValue> {
        self.0.post_message(message)
    }
}

impl Drop for Channel {
    fn drop(&mut self) {
        self.0.close();
    }
}
