//! What a stream says beside its events.

use std::time::Duration;

use super::block::Block;
use super::field;

/// What lines say about the connection rather than about an event.
#[derive(Debug, Default)]
pub(super) struct Aside {
    pub(super) retry: Option<Duration>,
    pub(super) comments: u64,
}

impl Aside {
    /// Reads a line that is not data (9.2.6, "process the field").
    pub(super) fn read(&mut self, line: &[u8], block: &mut Block) {
        if line.starts_with(b":") {
            self.comments += 1;
        } else if let Some(value) = field::value(line, "event") {
            block.set_event_type(value);
        } else if let Some(value) = field::value(line, "id") {
            block.set_id(value);
        } else if let Some(value) = field::value(line, "retry") {
            self.retry = field::milliseconds(value).or(self.retry);
        }
    }
}
