//! The short way to a reader that lacks nothing: whoever delivers an event
//! writes it to the socket, and the stream's task sleeps on.
//!
//! A stream's task opens the lane when it has nothing to do, and closes it
//! whenever it runs. Whatever is not plain (a reader that does not keep up, an
//! event that goes ahead of others or is not in the log) closes the lane and is
//! the task's business.

use std::sync::Arc;

use socket2::SockRef;
use tokio::net::TcpStream;

use crate::{cursor::Position, event::Event, queue::Queue};

/// Bytes written at a time.
const CHUNK: usize = 64 << 10;

/// A stream's lane. It is guarded by the lock of the stream's queue.
#[derive(Debug, Default)]
pub(crate) struct Lane {
    /// None where something is between the stream and its socket: TLS, HTTP/2.
    pub(crate) socket: Option<Arc<TcpStream>>,
    open: bool,
    /// Whether somebody is about to write what is queued.
    due: bool,
    /// All up to here was written, and what the socket did not take is below.
    low: Position,
    unsent: Vec<u8>,
}

impl Lane {
    /// All up to `low` was written, and nothing is queued.
    pub(crate) fn open(&mut self, low: Position) {
        self.open = self.socket.is_some();
        self.low = low;
    }

    /// Gives what the socket did not take; it goes before all else.
    pub(crate) fn close(&mut self) -> Vec<u8> {
        self.open = false;
        std::mem::take(&mut self.unsent)
    }

    pub(crate) fn is_open(&self) -> bool {
        self.open
    }

    pub(crate) fn low(&self) -> Position {
        self.low
    }

    /// Whether somebody has to be found who writes.
    pub(crate) fn becomes_due(&mut self) -> bool {
        self.open && !std::mem::replace(&mut self.due, true)
    }

    /// Writes what is queued; says whether the task has to go on. `scratch` is
    /// room for several events.
    pub(crate) fn write(
        &mut self,
        queue: &mut Queue,
        scratch: &mut Vec<u8>,
        mut written: impl FnMut(&Event),
    ) -> bool {
        self.due = false;
        if !self.open {
            return false;
        }
        while self.open
            && let Some(event) = queue.pop_plain()
        {
            self.low = event.position;
            written(&event);
            scratch.clear();
            while scratch.len() < CHUNK
                && let Some(more) = queue.pop_plain()
            {
                if scratch.is_empty() {
                    scratch.extend_from_slice(event.chunk());
                }
                scratch.extend_from_slice(more.chunk());
                self.low = more.position;
                written(&more);
            }
            self.send(if scratch.is_empty() {
                event.chunk()
            } else {
                scratch
            });
        }
        self.open &= queue.is_empty() && !queue.overflowed();
        !self.open
    }

    fn send(&mut self, bytes: &[u8]) {
        let Some(socket) = &self.socket else { return };
        // What is wrong with it, the task will find.
        let count = SockRef::from(&**socket).send(bytes).unwrap_or(0);
        if count < bytes.len() {
            self.unsent.extend_from_slice(&bytes[count..]);
            self.open = false;
        }
    }
}
