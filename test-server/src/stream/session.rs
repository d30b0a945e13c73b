//! The life of one stream: confirm, replay, then live.

use async_stream::stream;
use bytes::{Bytes, BytesMut};
use futures::Stream;
use serde_json::json;
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep};

use super::Registered;
use crate::{
    clock::Millis,
    conn::{Conn, End, Taken},
    cursor::{Position, Sent},
    error::ApiError,
    event::{self, Event},
    hub::Guard,
    state::AppState,
    store::log::{self, Page},
};

/// Events read from the log, or taken from the queue, at a time.
const CHUNK: usize = 256;

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
    fn control(bytes: Bytes) -> Self {
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

pub(super) struct Session {
    state: AppState,
    guard: Guard,
    hello: Vec<Frame>,
    sent: Sent,
    /// Up to here the log is read; what comes after is in the queue.
    boundary: Position,
    expires: Millis,
    marks: u64,
}

impl Session {
    pub(super) fn new(state: AppState, registered: Registered, expires: Millis) -> Self {
        let mut session = Self {
            state,
            sent: registered.from,
            boundary: registered.end,
            guard: registered.guard,
            hello: Vec::new(),
            expires,
            marks: 0,
        };
        let epoch = session.state.store.epoch().clone();
        let earliest = Sent::up_to(registered.start).id(&epoch, registered.start);
        let confirmed = json!({
            "type": "connection_confirmed",
            "user_id": session.conn().user,
            "timestamp": Millis::now().rfc3339(),
            "connected_chats": registered.chats,
            "connection_id": &*session.conn().id.0,
            "recovered": registered.missing.is_none(),
            "earliest": earliest,
        });
        let id = session.marked_id('c');
        session.hello.push(Frame::control(event::frame(
            Some(&id),
            "connection_confirmed",
            &confirmed.to_string(),
        )));
        if let Some(missing) = registered.missing {
            let gap = json!({
                "type": "gap",
                "from": session.conn().came_with,
                "to": earliest,
                "reason": missing.as_str(),
            });
            let id = session.marked_id('g');
            let frame = event::frame(Some(&id), "gap", &gap.to_string());
            session.hello.push(Frame::control(frame));
        }
        session
    }

    fn conn(&self) -> &Conn {
        &self.guard.conn
    }

    fn marked_id(&mut self, kind: char) -> String {
        self.marks += 1;
        let mark = format!("{kind}{}.{}", self.marks, self.conn().id.0);
        self.sent.marked_id(self.state.store.epoch(), &mark)
    }

    async fn replay(&mut self) -> Result<Vec<Frame>, ApiError> {
        let (user, sent, end) = (self.conn().user, self.sent.clone(), self.boundary);
        let Page { events, up_to } = self
            .state
            .store
            .read(move |conn| log::page(conn, user, &sent, end, CHUNK))
            .await?;
        let epoch = self.state.store.epoch().clone();
        let mut frames = Vec::with_capacity(events.len());
        for logged in events {
            self.sent.raise(logged.position);
            if crate::hub::wants(&self.conn().wanted, &logged.event_type) {
                let event = Event::encode(&epoch, logged.position, logged.event_type, &logged.data);
                frames.push(self.event(&event));
            }
        }
        self.sent.raise(up_to);
        Ok(frames)
    }

    fn live(&mut self, events: Vec<std::sync::Arc<Event>>) -> Vec<Frame> {
        let mut frames = Vec::with_capacity(events.len());
        for event in events {
            if !self.sent.contains(event.position) {
                self.sent.raise(event.position);
                frames.push(self.event(&event));
            }
        }
        frames
    }

    fn event(&self, event: &Event) -> Frame {
        Frame {
            kind: Kind::Event,
            bytes: event.frame(self.state.store.epoch(), &self.sent),
        }
    }

    /// A ping carries the place in the log, so that the cursor of a stream
    /// where little happens does not fall behind what the log still has.
    fn ping(&mut self) -> Frame {
        // In this order: what is delivered after the look at the queue is above it.
        let delivered = self.state.hub.delivered();
        if self.conn().queue_is_empty() {
            self.sent.raise(delivered);
        }
        let data = json!({"type": "ping", "timestamp": Millis::now().rfc3339()});
        let id = self.marked_id('p');
        Frame {
            kind: Kind::Ping,
            bytes: event::frame(Some(&id), "ping", &data.to_string()),
        }
    }

    fn farewell(&self, end: End) -> Frame {
        match end {
            End::Superseded => {
                let data = json!({"type": "superseded", "timestamp": Millis::now().rfc3339()});
                Frame::control(event::frame(None, "superseded", &data.to_string()))
            }
            End::Shutdown { retry } => {
                let line = format!("retry: {}\n\n", retry.as_millis());
                Frame::control(line.into())
            }
        }
    }
}

/// What the stream sends, in order; it ends when the server ends the stream.
pub(super) fn frames(mut session: Session) -> impl Stream<Item = Vec<Frame>> {
    stream! {
        let heartbeat = session.state.config.heartbeat;
        let mut heartbeat = interval_at(Instant::now() + heartbeat, heartbeat);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let expiry = sleep(session.expires.until());
        tokio::pin!(expiry);

        yield std::mem::take(&mut session.hello);
        loop {
            while session.sent.low() < session.boundary {
                if session.conn().end_reason().is_some() || expiry.is_elapsed() {
                    break;
                }
                match session.replay().await {
                    Ok(frames) if frames.is_empty() => {}
                    Ok(frames) => yield frames,
                    // The client comes back with its last id, and nothing is lost.
                    Err(_) => return,
                }
            }
            let conn = session.guard.conn.clone();
            tokio::select! {
                biased;
                end = conn.ended() => {
                    yield vec![session.farewell(end)];
                    return;
                }
                () = &mut expiry => return,
                _ = heartbeat.tick() => yield vec![session.ping()],
                () = conn.queued() => match conn.take(CHUNK) {
                    Taken::Events(events) => {
                        let frames = session.live(events);
                        if !frames.is_empty() {
                            yield frames;
                        }
                    }
                    Taken::Overflowed => {
                        session.boundary = session.state.hub.restart_queue(&conn);
                    }
                }
            }
        }
    }
}
