//! Limits, and that nothing comes after the end of a stream.

mod parser_support;

use std::ops::ControlFlow;

use parser_support::{feed, read};
use tabcast_core::parser::{Limits, ParseError, Parser};

const SMALL: Limits = Limits { line: 12, event: 9 };
const LINE: ParseError = ParseError::LineTooLong { limit: 12 };
const EVENT: ParseError = ParseError::EventTooLong { limit: 9 };

/// The result of a stream under [`SMALL`], which must not depend on the split.
fn result(stream: &str) -> Result<usize, ParseError> {
    let stream = stream.as_bytes();
    let whole = read(SMALL, "", [stream]);
    for at in 0..stream.len() {
        assert_eq!(
            read(SMALL, "", [&stream[..at], &stream[at..]]),
            whole,
            "split at {at}"
        );
    }
    assert_eq!(read(SMALL, "", stream.chunks(1)), whole, "byte by byte");
    whole.1.map(|()| whole.0.events.len())
}

#[test]
fn a_line_may_be_as_long_as_the_limit() {
    assert_eq!(result("foo:89012345\n\n"), Ok(0));
    assert_eq!(result("foo:890123456\n\n"), Err(LINE));
    assert_eq!(result(":23456789012\n"), Ok(0));
    assert_eq!(result(":234567890123\n"), Err(LINE));
    assert_eq!(result("id: 56789012\n\n"), Ok(0));
    assert_eq!(result("id: 567890123\n\n"), Err(LINE));
}

#[test]
fn a_line_end_does_not_count() {
    assert_eq!(result("foo:89012345\r\nfoo:89012345\r\n\r\n"), Ok(0));
}

#[test]
fn a_byte_order_mark_does_not_count() {
    assert_eq!(result("\u{FEFF}foo:89012345\n\n"), Ok(0));
}

#[test]
fn an_event_may_be_as_long_as_the_limit() {
    assert_eq!(result("data:1234\ndata:6789\n\n"), Ok(1));
    assert_eq!(result("data:1234\ndata:67890\n\n"), Err(EVENT));
}

#[test]
fn the_line_feeds_between_lines_of_data_count() {
    assert_eq!(result("data\n".repeat(10).as_str()), Ok(0));
    assert_eq!(result("data\n".repeat(11).as_str()), Err(EVENT));
    assert_eq!(result("data: \n".repeat(11).as_str()), Err(EVENT));
}

#[test]
fn each_event_has_the_whole_limit() {
    assert_eq!(result("data:1234\ndata:6789\n\n".repeat(5).as_str()), Ok(5));
}

#[test]
fn a_line_that_never_ends_fails_as_soon_as_it_is_too_long() {
    assert_eq!(result("data:89012345678901234567"), Err(LINE));
    assert_eq!(result("data:1234567\ndata:xy"), Err(EVENT));
}

#[test]
fn a_byte_that_breaks_both_limits_breaks_the_lines() {
    let limits = Limits { line: 12, event: 7 };
    let stream = b"data:12345678\n\n";
    for size in 1..=stream.len() {
        assert_eq!(
            read(limits, "", stream.chunks(size)).1,
            Err(LINE),
            "by {size}"
        );
    }
}

#[test]
fn the_events_before_a_failure_are_handed_over() {
    let (outcome, result) = read(
        SMALL,
        "",
        [&b"id:1\ndata: a\n\ndata: b\n\nfoo:890123456"[..]],
    );
    assert_eq!(outcome.events.len(), 2);
    assert_eq!(outcome.last_event_id, "1");
    assert_eq!(result, Err(LINE));
}

#[test]
fn after_a_failure_each_call_says_the_same() {
    let mut parser = Parser::new(SMALL);
    let mut events = Vec::new();
    assert_eq!(feed(&mut parser, b"foo:890123456", &mut events), Err(LINE));
    assert!(parser.is_closed());
    assert_eq!(feed(&mut parser, b"\ndata: a\n\n", &mut events), Err(LINE));
    parser.close();
    assert_eq!(feed(&mut parser, b"\ndata: a\n\n", &mut events), Err(LINE));
    assert_eq!(events, []);
}

#[test]
fn the_default_limits_are_sixteen_mebibytes() {
    const MEBIBYTE: usize = 1 << 20;
    let limits = Limits::default();
    assert_eq!((limits.line, limits.event), (16 * MEBIBYTE, 16 * MEBIBYTE));
}

#[test]
fn an_error_says_what_to_do() {
    let line = LINE.to_string();
    assert!(
        line.contains("12 bytes") && line.contains("raise the line limit"),
        "{line}"
    );
    let event = EVENT.to_string();
    assert!(
        event.contains("9 bytes") && event.contains("raise the event limit"),
        "{event}"
    );
}

#[test]
fn a_sink_that_breaks_closes_the_stream_at_once() {
    let mut parser = Parser::default();
    let mut seen = 0;
    let result = parser.feed(b"id: 1\ndata: a\n\nid: 2\ndata: b\n\nretry: 5\n:\n", |_| {
        seen += 1;
        ControlFlow::Break(())
    });
    assert_eq!((result, seen), (Ok(()), 1));
    assert!(parser.is_closed());
    assert_eq!(parser.last_event_id(), "1");
    assert_eq!((parser.retry(), parser.comments()), (None, 0));
}

#[test]
fn nothing_comes_after_close() {
    let mut parser = Parser::default();
    let mut events = Vec::new();
    feed(
        &mut parser,
        b"id: 1\ndata: a\n\nid: 2\ndata: b\n",
        &mut events,
    )
    .unwrap();
    assert!(!parser.is_closed());
    parser.close();
    assert!(parser.is_closed());
    feed(&mut parser, b"\ndata: c\n\nretry: 5\n:\n", &mut events).unwrap();
    assert_eq!(events.len(), 1);
    assert_eq!(parser.last_event_id(), "1");
    assert_eq!((parser.retry(), parser.comments()), (None, 0));
}

#[test]
fn data_on_one_line_of_a_chunk_is_not_copied() {
    let mut ranges = Vec::new();
    let mut parser = Parser::default();
    for chunk in [
        &b"\xEF\xBB\xBFdata: in\n\nevent: e\ndata:in\nid: 1\n\ndata: a\ndata: b\n\nda"[..],
        b"ta: a\n\ndata: in\r\n\rdata: a\n",
        b"\ndata\n\n",
    ] {
        let read = parser.feed(chunk, |event| {
            ranges.push(event.data.range_in_chunk());
            ControlFlow::Continue(())
        });
        read.unwrap();
    }
    let expected = [
        Some(9..11),
        Some(27..29),
        None,
        None,
        Some(13..15),
        None,
        Some(5..5),
    ];
    assert_eq!(ranges, expected);
}
