//! One line of a stream: its field and value (9.2.6).

use std::borrow::Cow;
use std::time::Duration;

use super::MAX_RETRY;

/// The value, if the line is a `data` field. Apart from [`value`] because nearly every
/// line is one.
#[inline]
pub(super) fn data(line: &[u8]) -> Option<&[u8]> {
    match line {
        [b'd', b'a', b't', b'a', b':', b' ', value @ ..]
        | [b'd', b'a', b't', b'a', b':', value @ ..] => Some(value),
        b"data" => Some(b""),
        _ => None,
    }
}

/// The value, if the line is the field `name`: what follows the colon and one space.
/// A line without a colon is a field with an empty value.
pub(super) fn value<'a>(line: &'a [u8], name: &str) -> Option<&'a [u8]> {
    match line.strip_prefix(name.as_bytes())? {
        [b':', b' ', value @ ..] | [b':', value @ ..] => Some(value),
        [] => Some(b""),
        _ => None,
    }
}

/// A `retry` value: ASCII digits and nothing else, at least one (an empty one changes
/// nothing in any engine, see web-platform-tests).
pub(super) fn milliseconds(value: &[u8]) -> Option<Duration> {
    if value.is_empty() || !value.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let number = value.iter().fold(0u64, |number, digit| {
        number
            .saturating_mul(10)
            .saturating_add(u64::from(digit - b'0'))
    });
    Some(Duration::from_millis(number).min(MAX_RETRY))
}

/// Text as the standard's UTF-8 decoder reads it: one U+FFFD for each maximal part of a
/// broken sequence. Decoding value by value equals decoding the whole stream, since a
/// broken sequence never swallows a colon, a space or a line end.
///
/// Copies only what has to be repaired.
pub(super) fn decode(bytes: &[u8]) -> Cow<'_, str> {
    // `from_utf8_lossy` alone looks at each byte; this goes word by word over ASCII.
    match str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => String::from_utf8_lossy(bytes),
    }
}
