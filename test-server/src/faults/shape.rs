//! Faults of a stream that is open: what they do to its bytes.

use std::{collections::VecDeque, io, sync::Arc, time::Duration};

use async_stream::stream;
use bytes::{Bytes, BytesMut};
use futures::{Stream, StreamExt as _};
use tokio::{sync::watch, time::sleep};

use super::Faults;
use crate::{
    conn::Conn,
    stream::{Frame, Kind},
};

/// hyper gathers what it is given in one go into one write; a pause parts them.
const APART: Duration = Duration::from_millis(2);

/// Passes `frames` on as the faults of `conn` want it, which may change at any time.
/// Frames that a fault holds back are sent when it is cleared.
pub(crate) fn shape(
    conn: Arc<Conn>,
    mut changes: watch::Receiver<Arc<Faults>>,
    frames: impl Stream<Item = Vec<Frame>>,
) -> impl Stream<Item = Result<Bytes, io::Error>> {
    stream! {
        tokio::pin!(frames);
        let mut waiting = VecDeque::new();
        let mut held = BytesMut::new();
        let mut greeted = false;
        let mut done = false;
        loop {
            let faults = changes.borrow_and_update().clone();
            let mut progress = Progress::default();
            let mut injected = injections(&faults);
            while !changes.has_changed().unwrap_or(false) {
                if faults.cut_after_bytes.is_some_and(|limit| progress.bytes >= limit) {
                    // What was sent before has to leave first.
                    sleep(APART * 5).await;
                    yield Err(io::Error::new(io::ErrorKind::ConnectionReset, "cut on purpose"));
                    return;
                }
                if faults.mute || faults.stall_after.is_some_and(|limit| progress.frames >= limit) {
                    tokio::select! {
                        _ = changes.changed() => break,
                        _ = conn.ended() => return,
                    }
                }
                if greeted && let Some(frame) = injected.pop() {
                    waiting.push_front(frame);
                }
                if waiting.is_empty() && !done {
                    tokio::select! {
                        biased;
                        _ = changes.changed() => break,
                        next = frames.next() => match next {
                            Some(frames) => waiting.extend(frames),
                            None => done = true,
                        },
                    }
                }
                let Some(frame) = waiting.pop_front() else {
                    if done {
                        if !held.is_empty() {
                            yield Ok(held.split().freeze());
                        }
                        return;
                    }
                    continue;
                };
                greeted = true;
                if faults.no_heartbeat && frame.kind == Kind::Ping {
                    continue;
                }
                if let Some(delay) = faults.delay {
                    sleep(Duration::from_millis(delay)).await;
                }
                progress.frames += 1;
                held.extend_from_slice(&frame.bytes);
                if faults.duplicate && frame.kind == Kind::Event {
                    held.extend_from_slice(&frame.bytes);
                }
                if faults.buffer.is_some_and(|limit| held.len() < limit) {
                    continue;
                }
                if let Some(limit) = faults.cut_after_bytes {
                    let room = usize::try_from(limit - progress.bytes).unwrap_or(usize::MAX);
                    held.truncate(room);
                }
                let (size, pause) = pieces(&faults);
                while !held.is_empty() {
                    let piece = held.split_to(size.min(held.len())).freeze();
                    progress.bytes += piece.len() as u64;
                    yield Ok(piece);
                    if !pause.is_zero() {
                        sleep(pause).await;
                    }
                }
            }
            // A buffer that is no longer wanted gives back what it held.
            if !held.is_empty() {
                yield Ok(held.split().freeze());
            }
        }
    }
}

/// Counted from when the faults were set.
#[derive(Default)]
struct Progress {
    frames: u64,
    bytes: u64,
}

fn injections(faults: &Faults) -> Vec<Frame> {
    let frame = |bytes: Vec<u8>| Frame {
        kind: Kind::Control,
        bytes: bytes.into(),
    };
    let mut frames = Vec::new();
    if faults.bad_utf8 {
        frames.push(frame(b"event: bad_utf8\ndata: \xff\xfe\xc3(\n\n".to_vec()));
    }
    if let Some(size) = faults.huge_event {
        let mut bytes = b"event: huge_event\ndata: ".to_vec();
        bytes.resize(bytes.len() + size, b'x');
        bytes.extend_from_slice(b"\n\n");
        frames.push(frame(bytes));
    }
    frames
}

/// How many bytes go out at a time, and the pause after them.
fn pieces(faults: &Faults) -> (usize, Duration) {
    let split = faults.split.unwrap_or(usize::MAX);
    let Some(rate) = faults.throttle else {
        let pause = if faults.split.is_some() {
            APART
        } else {
            Duration::ZERO
        };
        return (split, pause);
    };
    let size = split.min(usize::try_from((rate / 20).max(1)).unwrap_or(usize::MAX));
    (
        size,
        Duration::from_secs(1) * u32::try_from(size).unwrap_or(u32::MAX)
            / u32::try_from(rate).unwrap_or(u32::MAX),
    )
}
