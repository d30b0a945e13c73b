//! The life of one stream: confirm, replay, then live.

use std::time::Duration;

use async_stream::stream;
use bytes::Bytes;
use futures::Stream;
use serde_json::json;
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep};

use super::{
    Greeting,
    frame::{Frame, Kind},
    open::Registered,
};
use crate::{
    clock::Millis,
    conn::{Conn, End, Taken},
    cursor::{Position, Sent},
    error::ApiError,
    event::{self, Event},
    guard::Guard,
    hub::DEFAULT,
    queue::Next,
    state::AppState,
    store::{
        inbox::MarkSent,
        log::{self, Logged, Page, Reader},
    },
};

/// Events read from the log at a time.
const CHUNK: usize = 256;

pub(super) struct Session {
    state: AppState,
    guard: Guard,
    reader: Reader,
    hello: Vec<Frame>,
    sent: Sent,
    /// Up to here the log is read; what comes after is in the queue.
    boundary: Position,
    expires: Millis,
    marks: u64,
}

impl Session {
    pub(super) fn new(
        state: AppState,
        registered: Registered,
        expires: Millis,
        greeting: Greeting,
    ) -> Self {
        let conn = &registered.guard.conn;
        let mut session = Self {
            state,
            reader: Reader {
                user: conn.user,
                only_group: conn.only_group.clone(),
                wanted: conn.wanted.clone(),
            },
            sent: registered.from,
            boundary: registered.bounds.end,
            guard: registered.guard,
            hello: Vec::new(),
            expires,
            marks: 0,
        };
        let earliest = registered.bounds.earliest();
        let earliest = Sent::up_to(earliest).id(session.state.store.epoch(), earliest);
        let conn = session.conn();
        let data = json!({
            "type": greeting.as_str(),
            "user_id": conn.user,
            "timestamp": Millis::now().rfc3339(),
            "connected_chats": registered.chats,
            "connection_id": &*conn.id.0,
            "client_id": conn.client_id,
            "group": conn.only_group.as_deref().unwrap_or(DEFAULT),
            "recovered": registered.missing.is_none(),
            "earliest": earliest,
        });
        session.greet(greeting.as_str(), 'c', &data);
        if let Some(missing) = registered.missing {
            let data = json!({
                "type": "gap",
                "from": session.conn().came_with,
                "to": earliest,
                "reason": missing.as_str(),
            });
            session.greet("gap", 'g', &data);
        }
        session
    }

    fn greet(&mut self, event_type: &str, kind: char, data: &serde_json::Value) {
        let id = self.marked_id(kind);
        let bytes = event::frame(Some(&id), event_type, &data.to_string());
        self.hello.push(Frame::control(bytes));
    }

    fn conn(&self) -> &Conn {
        &self.guard.conn
    }

    fn marked_id(&mut self, kind: char) -> String {
        self.marks += 1;
        let mark = format!("{kind}{}.{}", self.marks, self.conn().id.0);
        self.sent.marked_id(self.state.store.epoch(), &mark)
    }

    /// The next of the log. What is raised in all of the log goes first, then
    /// the rest in order.
    async fn replay(&mut self) -> Result<Vec<Frame>, ApiError> {
        let (reader, boundary) = (self.reader.clone(), self.boundary);
        let (mut sent, end) = (self.sent.clone(), self.state.hub.delivered());
        let read = self.state.store.read(move |conn| {
            let room = sent.room();
            let raised = if room > 0 {
                log::raised(conn, &reader, &sent, end, room)?
            } else {
                Vec::new()
            };
            for event in &raised {
                sent.skip_ahead(event.position);
            }
            let page = log::page(conn, &reader, &sent, boundary, CHUNK)?;
            Ok((raised, page))
        });
        let (raised, Page { events, up_to }) = read.await?;
        let mut frames = Vec::with_capacity(raised.len() + events.len());
        for event in raised {
            self.sent.skip_ahead(event.position);
            frames.push(self.replayed(event));
        }
        for event in events {
            self.sent.raise(event.position);
            frames.push(self.replayed(event));
        }
        self.sent.raise(up_to);
        self.state.metrics.handed_over(self.conn(), frames.len());
        Ok(frames)
    }

    fn replayed(&self, logged: Logged) -> Frame {
        self.event(&Event::logged(
            self.state.store.epoch(),
            logged.position,
            logged.event_type,
            logged.priority,
            &logged.data,
        ))
    }

    /// After a replay: the user's own events in it have been sent.
    fn note_sent(&self) {
        let (store, user, up_to) = (self.state.store.clone(), self.reader.user, self.boundary);
        tokio::spawn(async move {
            // It is a note; if it fails they count as waiting, and nothing is lost.
            let _ = store.change(MarkSent { user, up_to }).await;
        });
    }

    fn live(&mut self, events: Vec<Next>) -> Vec<Frame> {
        let mut frames = Vec::with_capacity(events.len());
        for Next { event, sent_up_to } in events {
            // The log may have had it, when this went ahead out of a replay.
            let repeated = event.is_logged() && self.sent.contains(event.position);
            match sent_up_to {
                Some(up_to) => self.sent.raise(up_to),
                None if event.is_logged() => self.sent.skip_ahead(event.position),
                None => {}
            }
            if !repeated {
                let waited = event.accepted.elapsed().as_secs_f64();
                self.state.metrics.publish_to_write.observe(waited);
                frames.push(self.event(&event));
            }
        }
        self.state.metrics.handed_over(self.conn(), frames.len());
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
            End::Disconnected => Frame::control(Bytes::from_static(b": disconnected\n\n")),
            End::Lifetime { retry } | End::Shutdown { retry } => {
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
        let longest = session.state.config.max_lifetime;
        let lifetime = sleep(longest.mul_f64(rand::random_range(0.8..1.0)));
        tokio::pin!(lifetime);

        yield std::mem::take(&mut session.hello);
        loop {
            let behind = session.sent.low() < session.boundary;
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
            if behind {
                session.note_sent();
            }
            let conn = session.guard.conn.clone();
            tokio::select! {
                biased;
                end = conn.ended() => {
                    yield vec![session.farewell(end)];
                    return;
                }
                () = &mut expiry => return,
                () = &mut lifetime => {
                    let millis = rand::random_range(100..1000);
                    let retry = Duration::from_millis(millis);
                    session.conn().end(End::Lifetime { retry });
                }
                // A stream that cannot hear of new events must not look alive.
                _ = heartbeat.tick() => if !session.state.store.is_cut_off() {
                    yield vec![session.ping()];
                },
                () = conn.queued() => match conn.take(session.sent.room()) {
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
