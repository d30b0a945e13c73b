//! The event stream parser: bytes in, events out, as
//! [WHATWG HTML 9.2.5 and 9.2.6][standard] say.
//!
//! It exists apart from the browser's own because a stream read with `fetch` comes as
//! bytes, and because a connection that must tell the truth has to see what `EventSource`
//! hides: comments, `retry`, ids of blocks without data.
//!
//! The bytes may be split anywhere. The events do not depend on where, and an event is
//! handed over as soon as the last byte of its block is there.
//!
//! ```
//! use std::ops::ControlFlow;
//! use tabcast_core::parser::Parser;
//!
//! let mut parser = Parser::default();
//! let mut seen = Vec::new();
//! for chunk in [&b"id: 7\nevent: news\nda"[..], b"ta: one\ndata: two\n\n"] {
//!     parser.feed(chunk, |event| {
//!         seen.push((event.event_type.to_owned(), event.data.to_text().into_owned()));
//!         ControlFlow::Continue(())
//!     })?;
//! }
//! assert_eq!(seen, [("news".to_owned(), "one\ntwo".to_owned())]);
//! assert_eq!(parser.last_event_id(), "7");
//! # Ok::<(), tabcast_core::parser::ParseError>(())
//! ```
//!
//! [standard]: https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream

mod aside;
mod block;
mod data;
mod event;
mod field;
mod line;
mod mark;

use std::ops::ControlFlow;
use std::time::Duration;

use memchr::memchr2;

use aside::Aside;
use block::Block;
use line::{Ended, OpenLine};
use mark::ByteOrderMark;

pub use data::Data;
pub use event::{Event, Limits, MAX_RETRY, ParseError};

/// Reads one event stream, that is the body of one response.
///
/// A new response needs a new parser, made with [`resuming`](Self::resuming).
#[derive(Debug, Default)]
pub struct Parser {
    limits: Limits,
    mark: ByteOrderMark,
    /// The last byte read was a CR: an LF that follows belongs to the same line end.
    after_cr: bool,
    /// A line of which the end has not come yet.
    line: OpenLine,
    /// The fields since the last blank line.
    block: Block,
    last_event_id: String,
    aside: Aside,
    end: End,
}

/// What events are handed to.
type Sink<'s> = dyn FnMut(Event<'_>) -> ControlFlow<()> + 's;

/// Whether, and why, nothing more is read.
#[derive(Clone, Copy, Debug, Default)]
enum End {
    #[default]
    Reading,
    Closed,
    Failed(ParseError),
}

impl Parser {
    /// A parser for the first response of a stream, with `limits` of its own.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self::resuming(limits, "")
    }

    /// A parser for a response that goes on after `last_event_id`: events carry that id
    /// until the server sends another.
    ///
    /// The standard's letter would clear the id for each response; engines keep it.
    #[must_use]
    pub fn resuming(limits: Limits, last_event_id: impl Into<String>) -> Self {
        Self {
            limits,
            last_event_id: last_event_id.into(),
            ..Self::default()
        }
    }

    /// Reads the next bytes of the response and calls `sink` for each event that they
    /// complete, in order.
    ///
    /// `sink` may break to close the stream: nothing is dispatched after that, not even
    /// what is left of `chunk`, as after `EventSource.close()`.
    ///
    /// An event's data is borrowed from `chunk` where it stands there as one `data` line,
    /// and is copied once where it is spread over lines or chunks.
    ///
    /// # Errors
    ///
    /// [`ParseError`] when a line or an event goes beyond its limit. The events before it
    /// have been handed over, and every later call returns the same error.
    pub fn feed<F>(&mut self, chunk: &[u8], mut sink: F) -> Result<(), ParseError>
    where
        F: FnMut(Event<'_>) -> ControlFlow<()>,
    {
        match self.end {
            End::Reading => {}
            End::Closed => return Ok(()),
            End::Failed(error) => return Err(error),
        }
        let (held_back, start) = self.mark.skip(chunk);
        let result = self
            .line
            .extend(held_back, &mut self.block, self.limits)
            .and_then(|()| self.read(chunk, start, &mut sink));
        if let Err(error) = result {
            self.stop(End::Failed(error));
        }
        result
    }

    /// Ends the stream, because the response ended or nobody wants more of it.
    ///
    /// A block without its blank line is dropped, and so is the id that it set
    /// (9.2.6: "any pending data must be discarded"). Later bytes are ignored.
    pub fn close(&mut self) {
        if matches!(self.end, End::Reading) {
            self.stop(End::Closed);
        }
    }

    /// Whether nothing more is read: after [`close`](Self::close), a sink that broke, or
    /// an error.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        !matches!(self.end, End::Reading)
    }

    /// The id to resume after: of the last block that ended and had one, also where that
    /// block had no data (9.2.6, dispatch, step 1). Empty if there was none.
    #[must_use]
    pub fn last_event_id(&self) -> &str {
        &self.last_event_id
    }

    /// The last valid `retry` field, at most [`MAX_RETRY`]; `None` if there was none.
    #[must_use]
    pub fn retry(&self) -> Option<Duration> {
        self.aside.retry
    }

    /// How many comments have come so far. Servers send them to show that they live, so
    /// growth of this counter between two calls is a sign of life without an event.
    #[must_use]
    pub fn comments(&self) -> u64 {
        self.aside.comments
    }

    /// Reads `chunk` from its byte `at` on. Not generic, so that it is compiled with this crate's
    /// optimisation wherever it is used.
    fn read(&mut self, chunk: &[u8], mut at: usize, sink: &mut Sink<'_>) -> Result<(), ParseError> {
        if self.after_cr && !chunk.is_empty() {
            self.after_cr = false;
            at = usize::from(chunk[0] == b'\n');
        }
        // The data of the block, where it is one line of this chunk: not copied unless
        // the chunk ends before the block does.
        let mut borrowed = None;
        while at < chunk.len() {
            let rest = &chunk[at..];
            let Some(length) = line_length(rest) else {
                self.block.keep(borrowed.take());
                return self.line.extend(rest, &mut self.block, self.limits);
            };
            let line = &rest[..length];
            if self.line.is_open() {
                self.line.extend(line, &mut self.block, self.limits)?;
                self.end_open_line()?;
            } else if line.is_empty() {
                if self.dispatch(borrowed.take(), sink).is_break() {
                    self.close();
                    return Ok(());
                }
            } else {
                self.whole_line(line, at, &mut borrowed)?;
            }
            at += length + 1;
            if rest[length] == b'\r' {
                match chunk.get(at) {
                    Some(b'\n') => at += 1,
                    Some(_) => {}
                    None => self.after_cr = true,
                }
            }
        }
        self.block.keep(borrowed);
        Ok(())
    }

    /// A line that stands in the chunk, at its byte `at`, from its first byte to its end.
    #[inline]
    fn whole_line<'c>(
        &mut self,
        line: &'c [u8],
        at: usize,
        borrowed: &mut Option<Data<'c>>,
    ) -> Result<(), ParseError> {
        if line.len() > self.limits.line {
            return Err(self.first_excess(line, borrowed.take()));
        }
        let Some(value) = field::data(line) else {
            self.aside.read(line, &mut self.block);
            return Ok(());
        };
        let value = Data::in_chunk(value, at + line.len() - value.len());
        if self.block.has_data() || borrowed.is_some() {
            self.block.keep(borrowed.take());
            if self.block.data_len() + 1 + value.len() > self.limits.event {
                return Err(self.first_excess(line, None));
            }
            self.block.keep(Some(value));
        } else if value.len() > self.limits.event {
            return Err(self.first_excess(line, None));
        } else {
            *borrowed = Some(value);
        }
        Ok(())
    }

    /// Reads a line known to break a limit the slow way, which finds the limit that it
    /// breaks first: the error then does not depend on how the stream was split.
    #[cold]
    fn first_excess(&mut self, line: &[u8], borrowed: Option<Data<'_>>) -> ParseError {
        self.block.keep(borrowed);
        let read = self.line.extend(line, &mut self.block, self.limits);
        let limit = self.limits.event;
        read.and_then(|()| self.end_open_line())
            .map_or_else(|error| error, |()| ParseError::EventTooLong { limit })
    }

    fn end_open_line(&mut self) -> Result<(), ParseError> {
        match self.line.end() {
            Ended::Data => {}
            Ended::Comment => self.aside.comments += 1,
            Ended::Other(line) => match field::data(line) {
                Some(value) => self.block.keep_bytes(value),
                None => self.aside.read(line, &mut self.block),
            },
        }
        self.block.check(self.limits)
    }

    /// 9.2.6, "dispatch the event".
    fn dispatch(&mut self, borrowed: Option<Data<'_>>, sink: &mut Sink<'_>) -> ControlFlow<()> {
        let has_own_id = self.block.take_id(&mut self.last_event_id);
        let flow = match self.block.data(borrowed) {
            Some(data) => sink(Event {
                event_type: self.block.event_type(),
                data,
                last_event_id: &self.last_event_id,
                has_own_id,
            }),
            None => ControlFlow::Continue(()),
        };
        self.block.clear();
        flow
    }

    /// Lets go of all that is kept for a block that will never end.
    fn stop(&mut self, end: End) {
        self.end = end;
        self.line = OpenLine::default();
        self.block = Block::default();
    }
}

/// Where the line that `bytes` start with ends, if it ends in them.
#[inline]
fn line_length(bytes: &[u8]) -> Option<usize> {
    // Every second line of a usual stream is blank; a call is dear for that.
    match bytes.first() {
        Some(b'\n' | b'\r') => Some(0),
        _ => memchr2(b'\n', b'\r', bytes),
    }
}
