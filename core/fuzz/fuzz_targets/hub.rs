//! The hub on any inputs in any order: it must not panic, and keep its invariants. In `core/`,
//! with a nightly compiler and cargo-fuzz:
//!
//! `cargo +nightly fuzz run -s none hub -- -max_len=4096 -max_total_time=1800`
//!
//! A finding belongs into `tests/hub/` as a scenario.
#![no_main]

#[path = "../../tests/hub_support/mod.rs"]
mod hub_support;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| hub_support::run(input));
