//! Tabcast's runtime in the browser: it drives [`tabcast_core::Hub`] with the browser's own
//! objects. Each module wraps one of them; nothing is decided here.

pub mod batch;
mod channel;
mod clock;
pub mod decode;
mod event_source;
mod fetch_source;
mod from_js;
mod http;
mod inspection;
mod locks;
mod outputs;
pub mod payload;
mod poll;
mod port;
mod runtime;
mod span;
mod task_end;
mod to_js;
mod untrusted;

use runtime::Shared;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::MessagePort;

/// The runtime of one worker. There is one for all the tabs that it serves.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Runtime(Rc<Shared>);

#[wasm_bindgen]
impl Runtime {
    /// Starts a runtime without tabs.
    ///
    /// `seed` must be random: it makes epochs unique and spreads retries. `on_panic` is called
    /// with a message if the runtime fails for good; nothing may be called on it afterwards.
    ///
    /// # Errors
    /// Throws what the browser throws where it has no `MessageChannel`.
    #[wasm_bindgen(constructor)]
    pub fn new(seed: u64, on_panic: js_sys::Function) -> Result<Self, JsValue> {
        std::panic::set_hook(Box::new(move |info| {
            let message = JsValue::from_str(&info.to_string());
            // Nobody is left to tell if even this fails.
            let _ = on_panic.call1(&JsValue::NULL, &message);
        }));
        Shared::new(seed).map(Self)
    }

    /// Serves the tab behind `port`, from its hello to its end.
    pub fn serve(&self, port: &MessagePort) {
        port::serve(&self.0, port);
    }

    /// Opens nothing from now on; what is open is closed as the tabs leave.
    pub fn end(&self) {
        self.0.end();
    }
}
