//! A line that is spread over chunks.

use super::block::{Block, KEPT_CAPACITY};
use super::{Limits, ParseError};

/// As many bytes as tell a data line and the space before its value.
const DATA_AND_SPACE: usize = b"data: ".len();

/// A line of which the end has not come yet.
#[derive(Debug, Default)]
pub(super) struct OpenLine {
    kind: Kind,
    /// Bytes of the line so far.
    length: usize,
    /// The line so far, while its kind is [`Kind::Other`]. Kept for the next open line.
    text: Vec<u8>,
}

/// What is known of an open line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Kind {
    /// There is none: the next byte begins a line.
    #[default]
    None,
    /// A `data` line: its value so far is in the block, so that it is copied only once.
    Data,
    /// A comment: its text is not kept.
    Comment,
    /// Another line, or one too short to tell.
    Other,
}

/// What an open line turned out to be at its end.
#[derive(Debug)]
pub(super) enum Ended<'a> {
    /// A `data` line, already in the block.
    Data,
    Comment,
    /// The whole line. It is a `data` line only where that is very short.
    Other(&'a [u8]),
}

impl OpenLine {
    pub(super) fn is_open(&self) -> bool {
        self.kind != Kind::None
    }

    /// Adds bytes without a line end to the line.
    ///
    /// # Errors
    ///
    /// Where the bytes break both limits, the one that is broken first, so that the error
    /// does not depend on how the stream is split.
    pub(super) fn extend(
        &mut self,
        mut bytes: &[u8],
        block: &mut Block,
        limits: Limits,
    ) -> Result<(), ParseError> {
        while !bytes.is_empty() {
            let (piece, rest) = bytes.split_at(self.next_piece(bytes.len()));
            self.take(piece, block, limits)?;
            bytes = rest;
        }
        Ok(())
    }

    /// Ends the line, and says what it was.
    pub(super) fn end(&mut self) -> Ended<'_> {
        self.length = 0;
        match std::mem::take(&mut self.kind) {
            Kind::Data => Ended::Data,
            Kind::Comment => Ended::Comment,
            Kind::None | Kind::Other => Ended::Other(&self.text),
        }
    }

    /// How many of the next `available` bytes to take before looking at the kind again.
    fn next_piece(&self, available: usize) -> usize {
        match self.kind {
            Kind::None => 1,
            Kind::Other if self.length < DATA_AND_SPACE => {
                available.min(DATA_AND_SPACE - self.length)
            }
            _ => available,
        }
    }

    fn take(&mut self, piece: &[u8], block: &mut Block, limits: Limits) -> Result<(), ParseError> {
        let line_room = limits.line - self.length;
        if self.kind == Kind::Data {
            let event_room = limits.event.saturating_sub(block.data_len());
            if piece.len() > event_room && event_room < line_room {
                return Err(ParseError::EventTooLong {
                    limit: limits.event,
                });
            }
        }
        if piece.len() > line_room {
            return Err(ParseError::LineTooLong { limit: limits.line });
        }
        self.length += piece.len();
        match self.kind {
            Kind::None if piece == b":" => self.kind = Kind::Comment,
            Kind::None => {
                self.kind = Kind::Other;
                self.text.clear();
                self.text.shrink_to(KEPT_CAPACITY);
                self.text.extend_from_slice(piece);
            }
            Kind::Data => block.extend(piece),
            Kind::Comment => {}
            Kind::Other => {
                self.text.extend_from_slice(piece);
                if self.length == DATA_AND_SPACE {
                    return self.decide(block, limits);
                }
            }
        }
        Ok(())
    }

    fn decide(&mut self, block: &mut Block, limits: Limits) -> Result<(), ParseError> {
        let Some(value) = self.text.strip_prefix(b"data:") else {
            return Ok(());
        };
        self.kind = Kind::Data;
        block.begin_data_line();
        if value == b" " {
            return Ok(());
        }
        block.extend(value);
        block.check(limits)
    }
}
