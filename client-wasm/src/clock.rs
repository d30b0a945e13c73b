//! The two clocks of a browser: one that only goes forward, one that says what time it is.

use std::cell::Cell;
use tabcast_core::Instant;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn performance_now() -> f64;

    #[wasm_bindgen(thread_local_v2, js_namespace = performance, js_name = timeOrigin)]
    static TIME_ORIGIN: f64;
}

/// How far the clocks may drift apart before the machine is taken to have slept, in milliseconds.
const SLEPT: f64 = 5_000.0;

/// The monotonic clock stops in some browsers while the machine sleeps; the wall clock does not.
#[derive(Debug)]
pub(crate) struct Clock {
    drift: Cell<f64>,
}

impl Clock {
    pub(crate) fn new() -> Self {
        Self {
            drift: Cell::new(wall_clock() - performance_now()),
        }
    }

    pub(crate) fn now(&self) -> Instant {
        Instant::from_millis(performance_now())
    }

    /// Whether the machine slept since this was asked last.
    pub(crate) fn slept(&self) -> bool {
        let drift = wall_clock() - performance_now();
        drift - self.drift.replace(drift) > SLEPT
    }
}

/// Milliseconds of Unix time that never go back, as the wall clock may.
pub(crate) fn steady_unix_time() -> u64 {
    let origin = TIME_ORIGIN.with(|origin| *origin);
    (origin + performance_now()) as u64
}

/// Milliseconds of Unix time.
pub(crate) fn wall_clock() -> f64 {
    js_sys::Date::now()
}
