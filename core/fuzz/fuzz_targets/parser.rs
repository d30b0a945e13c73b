//! The parser against a plain reading of the standard, on any bytes in any split. In
//! `core/`, with a nightly compiler and cargo-fuzz:
//!
//! `cargo +nightly fuzz run -s none parser -- -dict=fuzz/parser.dict -max_total_time=1800`
//!
//! `-s none` because without `unsafe` a sanitizer finds nothing, and costs eight times the
//! speed.
//!
//! A finding belongs into `tests/conformance/` as a case.
#![no_main]

#[path = "../../tests/parser_support/mod.rs"]
mod parser_support;

use libfuzzer_sys::fuzz_target;
use parser_support::{assert_agrees, read};
use tabcast_core::parser::Limits;

fuzz_target!(|input: &[u8]| {
    let Some(([cuts, line, event], stream)) = input.split_first_chunk() else {
        return;
    };
    assert_agrees(split(stream, *cuts));

    let limits = Limits {
        line: usize::from(*line),
        event: usize::from(*event),
    };
    let whole = read(limits, "", [stream]);
    assert_eq!(read(limits, "", split(stream, *cuts)), whole);
    assert_eq!(read(limits, "", stream.chunks(1)), whole);
});

/// Cuts the stream into chunks of sizes that follow from `seed`: from one byte up to 32,
/// now and then none.
fn split(mut stream: &[u8], seed: u8) -> Vec<&[u8]> {
    let mut state = u32::from(seed);
    let mut chunks = Vec::new();
    while !stream.is_empty() {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let bits = (state >> 24) as usize;
        let size = (bits >> (seed % 8)) % 33;
        let (chunk, rest) = stream.split_at(size.min(stream.len()));
        chunks.push(chunk);
        stream = rest;
        if size == 0 && chunks.len() > 4096 {
            chunks.push(std::mem::take(&mut stream));
        }
    }
    chunks
}
