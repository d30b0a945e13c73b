//! The fields since the last blank line: the standard's buffers (9.2.6).

use super::field::decode;
use super::{Data, Limits, ParseError};

/// Memory that one large event needed is given back beyond this size, in bytes: a worker
/// lives for days, and most events are small.
pub(super) const KEPT_CAPACITY: usize = 256 * 1024;

#[derive(Debug, Default)]
pub(super) struct Block {
    /// The data lines joined by LF, as bytes: a character may be split over two chunks.
    /// The standard ends each line with an LF and takes the last one off again.
    data: Vec<u8>,
    /// Tells no `data` field from one empty `data` field, which is an event.
    has_data: bool,
    event_type: String,
    id: String,
    has_id: bool,
}

impl Block {
    /// Adds a `data` line.
    pub(super) fn keep_bytes(&mut self, value: &[u8]) {
        self.begin_data_line();
        self.data.extend_from_slice(value);
    }

    /// Adds a `data` line, if there is one, that was borrowed so far.
    pub(super) fn keep(&mut self, borrowed: Option<Data<'_>>) {
        if let Some(data) = borrowed {
            self.keep_bytes(data.as_bytes());
        }
    }

    /// Begins a `data` line, of which the value comes with [`extend`](Self::extend).
    pub(super) fn begin_data_line(&mut self) {
        if self.has_data {
            self.data.push(b'\n');
        }
        self.has_data = true;
    }

    pub(super) fn extend(&mut self, value: &[u8]) {
        self.data.extend_from_slice(value);
    }

    pub(super) fn has_data(&self) -> bool {
        self.has_data
    }

    pub(super) fn data_len(&self) -> usize {
        self.data.len()
    }

    pub(super) fn check(&self, limits: Limits) -> Result<(), ParseError> {
        if self.data.len() > limits.event {
            return Err(ParseError::EventTooLong {
                limit: limits.event,
            });
        }
        Ok(())
    }

    pub(super) fn set_event_type(&mut self, value: &[u8]) {
        self.event_type.clear();
        self.event_type.push_str(&decode(value));
    }

    /// An id with a NUL is ignored: it could not be sent back in a header.
    pub(super) fn set_id(&mut self, value: &[u8]) {
        if !value.contains(&0) {
            self.id.clear();
            self.id.push_str(&decode(value));
            self.has_id = true;
        }
    }

    /// Makes the block's id, if it had one, the `last` event id.
    pub(super) fn take_id(&mut self, last: &mut String) -> bool {
        let has_id = std::mem::take(&mut self.has_id);
        if has_id {
            std::mem::swap(last, &mut self.id);
        }
        has_id
    }

    pub(super) fn event_type(&self) -> &str {
        if self.event_type.is_empty() {
            "message"
        } else {
            &self.event_type
        }
    }

    /// The block's data: `borrowed` if that is all of it, else what was kept.
    pub(super) fn data<'a>(&'a self, borrowed: Option<Data<'a>>) -> Option<Data<'a>> {
        borrowed.or_else(|| self.has_data.then(|| Data::kept(&self.data)))
    }

    /// Forgets the data and the event type.
    pub(super) fn clear(&mut self) {
        self.has_data = false;
        self.data.clear();
        self.event_type.clear();
        self.data.shrink_to(KEPT_CAPACITY);
    }
}
