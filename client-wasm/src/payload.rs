//! What an event carries: the JavaScript string as the browser gave it. It never enters
//! WebAssembly's memory.

use js_sys::JsString;

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Payload(pub(crate) JsString);

impl Payload {
    /// Its length in UTF-16 units.
    pub(crate) fn size(&self) -> usize {
        self.0.length() as usize
    }
}
