//! Web Locks, from which the end of a tab is learnt: it is the one sign that every browser gives.
//! (web-sys has them behind an unstable flag only.)

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = ["navigator", "locks"], js_name = request, catch)]
    fn request(name: &str, granted: &JsValue) -> Result<Promise, JsValue>;
}

/// Calls `then` once the holder of the lock `name` is gone. The lock is given back at once.
pub(crate) fn when_freed(name: &str, then: impl FnOnce() + 'static) -> Result<(), JsValue> {
    let granted = Closure::once_into_js(then);
    let promise = request(name, &granted)?;
    // The promise is rejected only where the worker itself is going away. (An empty `Function` made
    // here would be refused by every content security policy.)
    spawn_local(async {
        let _ = JsFuture::from(promise).await;
    });
    Ok(())
}
