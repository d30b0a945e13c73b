//! Random streams with random splits: the parser against a plain reading of the standard.

mod parser_support;

use parser_support::{assert_agrees, read};
use proptest::prelude::*;
use tabcast_core::parser::Limits;

/// Parts of streams that rules turn on. Their random sequences reach what random bytes
/// would not reach in a lifetime.
fn part() -> impl Strategy<Value = Vec<u8>> {
    let parts: &[&[u8]] = &[
        b"data",
        b"data:",
        b"data: ",
        b"event",
        b"event:",
        b"event: ",
        b"id",
        b"id:",
        b"id: ",
        b"retry",
        b"retry:",
        b"retry: ",
        b":",
        b" ",
        b"\n",
        b"\r",
        b"\r\n",
        b"\n\n",
        b"\r\r",
        b"\r\n\r\n",
        b"\0",
        b"0",
        b"12",
        b"9999999999",
        b"x",
        b"message",
        b"\xEF\xBB\xBF",
        b"\xEF",
        b"\xBB",
        b"\xBF",
        b"\xF0\x9F\x98\x80",
        b"\xF0\x9F",
        b"\xC3\xA9",
        b"\xE2\x80",
        b"\xFF",
        b"\xED\xA0\x80",
        b"data: x\n",
        b"data: x\n\n",
        b"id: 7\n",
        b"event: e\n",
        b": c\n",
    ];
    prop_oneof![
        9 => proptest::sample::select(parts).prop_map(<[u8]>::to_vec),
        1 => proptest::collection::vec(any::<u8>(), 1..4),
    ]
}

/// A stream in random chunks, some of them empty.
fn chunks() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let stream = proptest::collection::vec(part(), 0..24).prop_map(|parts| parts.concat());
    let cuts = proptest::collection::vec(any::<proptest::sample::Index>(), 0..8);
    (stream, cuts).prop_map(|(stream, cuts)| {
        let mut ends: Vec<usize> = cuts.iter().map(|cut| cut.index(stream.len() + 1)).collect();
        ends.push(stream.len());
        ends.sort_unstable();
        let mut start = 0;
        ends.into_iter()
            .map(|end| stream[std::mem::replace(&mut start, end)..end].to_vec())
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn agrees_with_the_plain_reading(chunks in chunks()) {
        assert_agrees(chunks.iter().map(Vec::as_slice));
    }

    #[test]
    fn agrees_byte_by_byte(chunks in chunks()) {
        assert_agrees(chunks.concat().chunks(1));
    }

    #[test]
    fn limits_do_not_depend_on_the_split(chunks in chunks(), line in 0usize..14, event in 0usize..14) {
        let limits = Limits { line, event };
        let stream = chunks.concat();
        let whole = read(limits, "", [&stream[..]]);
        prop_assert_eq!(&read(limits, "", chunks.iter().map(Vec::as_slice)), &whole);
        prop_assert_eq!(&read(limits, "", stream.chunks(1)), &whole);
    }
}
