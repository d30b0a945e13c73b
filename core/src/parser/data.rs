//! The data of an event, not yet decoded.

use std::borrow::Cow;
use std::ops::Range;

use super::field;

/// The data of an event as the server sent it.
///
/// It is bytes and not yet text, because in a browser the engine's own decoder turns many
/// events into one string far faster than each is checked here. Such a caller keeps a
/// byte that is not part of a character, say LF, between two events: a sequence that is
/// broken off at the end of one must not join the start of the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Data<'a> {
    bytes: &'a [u8],
    /// Where the bytes stand in the chunk, if they do.
    at: Option<usize>,
}

impl<'a> Data<'a> {
    #[inline]
    pub(super) fn in_chunk(bytes: &'a [u8], at: usize) -> Self {
        Self {
            bytes,
            at: Some(at),
        }
    }

    #[inline]
    pub(super) fn kept(bytes: &'a [u8]) -> Self {
        Self { bytes, at: None }
    }

    /// The bytes as sent, which need not be UTF-8.
    #[inline]
    #[must_use]
    pub fn as_bytes(self) -> &'a [u8] {
        self.bytes
    }

    /// The text, with U+FFFD for what is not UTF-8 (9.2.5: "UTF-8 decode").
    #[inline]
    #[must_use]
    pub fn to_text(self) -> Cow<'a, str> {
        field::decode(self.bytes)
    }

    /// The length in bytes.
    #[inline]
    #[must_use]
    pub fn len(self) -> usize {
        self.bytes.len()
    }

    /// Whether the data is the empty string, which is an event all the same.
    #[inline]
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.bytes.is_empty()
    }

    /// Where the data stands in the chunk that [`feed`](super::Parser::feed) was called
    /// with; `None` if it is spread over several lines or chunks.
    #[inline]
    #[must_use]
    pub fn range_in_chunk(self) -> Option<Range<usize>> {
        self.at.map(|at| at..at + self.bytes.len())
    }
}
