//! A proxy between the browser and the server that holds back what the server writes.

use crate::server::Frame;

/// What a proxy does with the streams that are opened through it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Buffering {
    Off,
    /// The head passes, the body waits until so many frames are there.
    Body(usize),
    /// Head and body wait until the stream ends.
    All,
}

/// One stream's buffer.
#[derive(Debug)]
pub(crate) struct Proxy {
    buffering: Buffering,
    held: Vec<Frame>,
}

impl Proxy {
    pub(crate) fn new(buffering: Buffering) -> Self {
        let held = Vec::new();
        Self { buffering, held }
    }

    pub(crate) fn holds_head(&self) -> bool {
        self.buffering == Buffering::All
    }

    /// Takes in what the server wrote, and gives what goes on.
    pub(crate) fn pass(&mut self, frames: Vec<Frame>) -> Vec<Frame> {
        self.held.extend(frames);
        let holds = match self.buffering {
            Buffering::Off => false,
            Buffering::Body(until) => self.held.len() < until,
            Buffering::All => true,
        };
        if holds {
            Vec::new()
        } else {
            std::mem::take(&mut self.held)
        }
    }
}
