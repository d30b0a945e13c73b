//! The parsers, each behind the same call.

use std::convert::Infallible;
use std::hint::black_box;
use std::ops::ControlFlow;

use eventsource_stream::Eventsource;
use futures::TryStreamExt;
use futures::executor::block_on_stream;
use tabcast_core::parser::{Event, Parser};

/// What a parser handed over.
#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) events: usize,
    pub(crate) bytes: usize,
}

/// Reads the chunks as one stream.
pub(crate) type Read = fn(&[Vec<u8>]) -> Seen;

pub(crate) const PARSERS: &[(&str, Read)] = &[
    ("tabcast, owned text", tabcast_owned),
    ("tabcast, borrowed text", tabcast_text),
    ("tabcast, bytes", tabcast_bytes),
    ("tabcast, bytes in one buffer", tabcast_batch),
    ("eventsource-stream 0.2", eventsource_stream),
    ("sse-codec 0.3", sse_codec),
];

fn tabcast_text(chunks: &[Vec<u8>]) -> Seen {
    tabcast(chunks, |event| black_box(event.data.to_text()).len())
}

fn tabcast_bytes(chunks: &[Vec<u8>]) -> Seen {
    tabcast(chunks, |event| black_box(event.data.as_bytes()).len())
}

/// Each event as three strings of its own, as the others give it.
fn tabcast_owned(chunks: &[Vec<u8>]) -> Seen {
    tabcast(chunks, |event| {
        let owned = (
            event.event_type.to_owned(),
            event.data.to_text().into_owned(),
            event.last_event_id.to_owned(),
        );
        black_box(owned).1.len()
    })
}

fn tabcast(chunks: &[Vec<u8>], mut take: impl FnMut(Event<'_>) -> usize) -> Seen {
    let mut parser = Parser::default();
    let mut seen = Seen::default();
    for chunk in chunks {
        let read = parser.feed(chunk, |event| {
            seen.events += 1;
            seen.bytes += take(event);
            ControlFlow::Continue(())
        });
        read.expect("no limit is reached");
    }
    seen
}

/// The data of each chunk's events as one buffer with an array of ends, for a decoder of
/// the browser's own.
fn tabcast_batch(chunks: &[Vec<u8>]) -> Seen {
    let mut parser = Parser::default();
    let mut seen = Seen::default();
    let mut text = Vec::new();
    let mut ends = Vec::new();
    for chunk in chunks {
        let read = parser.feed(chunk, |event| {
            text.extend_from_slice(event.data.as_bytes());
            ends.push(text.len());
            ControlFlow::Continue(())
        });
        read.expect("no limit is reached");
        seen.events += ends.len();
        seen.bytes += black_box(&text).len();
        text.clear();
        ends.clear();
    }
    seen
}

fn eventsource_stream(chunks: &[Vec<u8>]) -> Seen {
    let chunks = futures::stream::iter(chunks.iter().map(Ok::<_, Infallible>));
    let mut seen = Seen::default();
    for event in block_on_stream(chunks.eventsource()) {
        seen.events += 1;
        seen.bytes += black_box(event.expect("the stream is text")).data.len();
    }
    seen
}

fn sse_codec(chunks: &[Vec<u8>]) -> Seen {
    let chunks = futures::stream::iter(chunks.iter().map(Ok));
    let mut seen = Seen::default();
    for event in block_on_stream(sse_codec::decode_stream(chunks.into_async_read())) {
        if let sse_codec::Event::Message { data, .. } = black_box(event.expect("it is text")) {
            seen.events += 1;
            seen.bytes += data.len();
        }
    }
    seen
}
