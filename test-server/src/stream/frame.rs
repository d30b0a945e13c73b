//! Frames: what a stream is made of.

use bytes::{Bytes, BytesMut};

/// One frame on its way out.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    pub(crate) kind: Kind,
    pub(crate) bytes: Bytes,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Out of the log.
    Event,
    Ping,
    /// The server's own word about the stream.
    Control,
}

impl Frame {
    pub(super) fn control(bytes: Bytes) -> Self {
        Self {
            kind: Kind::Control,
            bytes,
        }
    }
}

/// Several frames as one run of bytes; one alone keeps its shared bytes.
pub(super) fn join(mut frames: Vec<Frame>) -> Bytes {
    if frames.len() == 1
        && let Some(frame) = frames.pop()
    {
        return frame.bytes;
    }
    let mut all = BytesMut::with_capacity(frames.iter().map(|frame| frame.bytes.len()).sum());
    for frame in frames {
        all.extend_from_slice(&frame.bytes);
    }
    all.freeze()
}
