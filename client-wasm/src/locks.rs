//! Web Locks, from which the end of a tab is learnt: it is the one sign that every browser gives.
//! (web-sys has them behind an unstable flag only.)

use wasm_bindgen::prelude::*;
use web_sys::AbortSignal;

#[wasm_bindgen(module = "/src/locks.js")]
extern "C" {
    #[wasm_bindgen(js_name = whenFreed, catch)]
    fn when_freed_js(name: &str, signal: &AbortSignal, then: &JsValue) -> Result<(), JsValue>;
}

/// Calls `then` once the holder of the lock `name` is gone, unless `signal` was aborted before. The
/// lock is given back at once.
pub(crate) fn when_freed(
    name: &str,
    signal: &AbortSignal,
    then: impl FnOnce() + 'static,
) -> Result<(), JsValue> {
    when_freed_js(name, signal, &Closure::once_into_js(then))
}
