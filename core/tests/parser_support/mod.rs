//! What the parser's tests share: a stream read to the end, kept as owned values.

#![allow(dead_code, reason = "each test binary uses a part of this")]
#![allow(
    unreachable_pub,
    reason = "a module of test binaries, and of the fuzz target"
)]

pub mod reference;

use std::ops::ControlFlow;

use tabcast_core::parser::{Limits, ParseError, Parser};

/// An event, owned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    pub event_type: String,
    pub data: String,
    pub last_event_id: String,
    pub has_own_id: bool,
}

/// All that a stream comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    pub events: Vec<Seen>,
    pub last_event_id: String,
    pub retry: Option<u64>,
    pub comments: u64,
}

/// Feeds one chunk and keeps its events.
pub fn feed(parser: &mut Parser, chunk: &[u8], events: &mut Vec<Seen>) -> Result<(), ParseError> {
    parser.feed(chunk, |event| {
        if let Some(range) = event.data.range_in_chunk() {
            assert_eq!(&chunk[range], event.data.as_bytes());
        }
        assert_eq!(event.data.is_empty(), event.data.as_bytes().is_empty());
        events.push(Seen {
            event_type: event.event_type.to_owned(),
            data: event.data.to_text().into_owned(),
            last_event_id: event.last_event_id.to_owned(),
            has_own_id: event.has_own_id,
        });
        ControlFlow::Continue(())
    })
}

/// The state of `parser` after `events`.
pub fn outcome(parser: &Parser, events: &[Seen]) -> Outcome {
    Outcome {
        events: events.to_vec(),
        last_event_id: parser.last_event_id().to_owned(),
        retry: parser
            .retry()
            .map(|retry| u64::try_from(retry.as_millis()).unwrap()),
        comments: parser.comments(),
    }
}

/// Reads `chunks` as one stream and ends it.
pub fn read<'c>(
    limits: Limits,
    resume_after: &str,
    chunks: impl IntoIterator<Item = &'c [u8]>,
) -> (Outcome, Result<(), ParseError>) {
    let mut parser = Parser::resuming(limits, resume_after);
    let mut events = Vec::new();
    let mut result = Ok(());
    for chunk in chunks {
        result = result.and_then(|()| feed(&mut parser, chunk, &mut events));
    }
    parser.close();
    (outcome(&parser, &events), result)
}

/// Asserts that after each chunk the parser has said exactly what the plain reading says
/// of the bytes so far: nothing missing, nothing early, nothing late.
pub fn assert_agrees<'c>(chunks: impl IntoIterator<Item = &'c [u8]>) {
    let mut parser = Parser::default();
    let mut events = Vec::new();
    let mut bytes = Vec::new();
    for chunk in chunks {
        bytes.extend_from_slice(chunk);
        feed(&mut parser, chunk, &mut events).expect("the default limits hold any test");
        assert_eq!(
            outcome(&parser, &events),
            reference::read(&bytes, ""),
            "after {:?}, of which the last chunk was {:?}",
            bytes.escape_ascii().to_string(),
            chunk.escape_ascii().to_string(),
        );
    }
}
