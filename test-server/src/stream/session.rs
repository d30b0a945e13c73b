//! The life of one stream: confirm, replay, then live.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use futures::{Stream, future::BoxFuture};
use serde_json::json;

use super::{
    Greeting,
    clock::{Clock, Due},
    frame::{Frame, Kind},
    open::Registered,
};
use crate::{
    audience::DEFAULT,
    clock::Millis,
    conn::{Conn, End, Taken},
    cursor::{Position, Sent},
    error::ApiError,
    event::{self, Event},
    guard::Guard,
    queue::Next,
    state::AppState,
    store::{
        inbox::MarkSent,
        log::{self, Logged, Page, Reader},
    },
};

/// Events read from the log at a time.
const CHUNK: usize = 256;

/// A stream of what is to be sent, in order; it ends when the server ends it.
pub(super) struct Session {
    state: AppState,
    guard: Guard,
    hello: Vec<Frame>,
    sent: Sent,
    /// Up to here the log is read; what comes after is in the queue.
    boundary: Position,
    /// The next of the log, while it is read.
    reading: Option<BoxFuture<'static, Result<Read, ApiError>>>,
    clock: Clock,
    done: bool,
    marks: u64,
}

/// What was read of the log.
struct Read {
    /// These go ahead of their turn.
    raised: Vec<Logged>,
    page: Page,
}

impl Session {
    pub(super) fn new(
        state: AppState,
        registered: Registered,
        expires: Millis,
        greeting: Greeting,
    ) -> Self {
        let mut session = Self {
            clock: Clock::start(&state.config, expires),
            state,
            boundary: if registered.guard.conn.is_caught_up() {
                registered.from.low()
            } else {
                registered.bounds.end
            },
            sent: registered.from,
            guard: registered.guard,
            hello: Vec::new(),
            reading: None,
            done: false,
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

    /// Reads the next of the log. What is raised in all of the log goes first,
    /// then the rest in order.
    fn read(&self) -> BoxFuture<'static, Result<Read, ApiError>> {
        let (store, conn) = (self.state.store.clone(), self.guard.conn.clone());
        let (mut sent, boundary) = (self.sent.clone(), self.boundary);
        let end = self.state.hub.delivered();
        Box::pin(async move {
            let read = store.read(move |db| {
                let reader = Reader {
                    user: conn.user,
                    only_group: conn.only_group.clone(),
                    wanted: conn.wanted.clone(),
                };
                let room = sent.room();
                let raised = if room > 0 {
                    log::raised(db, &reader, &sent, end, room)?
                } else {
                    Vec::new()
                };
                for event in &raised {
                    sent.skip_ahead(event.position);
                }
                let page = log::page(db, &reader, &sent, boundary, CHUNK)?;
                Ok(Read { raised, page })
            });
            read.await
        })
    }

    fn replay(&mut self, Read { raised, page }: Read) -> Vec<Frame> {
        let mut frames = Vec::with_capacity(raised.len() + page.events.len());
        for event in raised {
            self.sent.skip_ahead(event.position);
            frames.push(self.replayed(event));
        }
        for event in page.events {
            self.sent.raise(event.position);
            frames.push(self.replayed(event));
        }
        self.sent.raise(page.up_to);
        if !self.is_behind() {
            self.note_sent();
        }
        self.state.metrics.handed_over(self.conn(), frames.len());
        frames
    }

    fn is_behind(&self) -> bool {
        self.sent.low() < self.boundary
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
        let (store, user, up_to) = (self.state.store.clone(), self.conn().user, self.boundary);
        tokio::spawn(async move {
            // It is a note; if it fails they count as waiting, and nothing is lost.
            let _ = store.change(MarkSent { user, up_to }).await;
        });
    }

    fn live(&mut self, events: Vec<Next>) -> Vec<Frame> {
        let mut frames = Vec::with_capacity(events.len());
        let mut accepted = Vec::with_capacity(events.len());
        for Next { event, sent_up_to } in events {
            // The log may have had it, when this went ahead out of a replay.
            let repeated = event.is_logged() && self.sent.contains(event.position);
            match sent_up_to {
                Some(up_to) => self.sent.raise(up_to),
                None if event.is_logged() => self.sent.skip_ahead(event.position),
                None => {}
            }
            if !repeated {
                // What came before the stream did not wait for it.
                if event.accepted >= self.conn().opened {
                    accepted.push(event.accepted);
                }
                frames.push(self.event(&event));
            }
        }
        self.state.metrics.wrote(&accepted);
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

impl Stream for Session {
    type Item = Vec<Frame>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Vec<Frame>>> {
        let session = &mut *self;
        if !session.hello.is_empty() {
            return Poll::Ready(Some(std::mem::take(&mut session.hello)));
        }
        while !session.done {
            if let Some(reading) = &mut session.reading {
                let read = ready!(reading.as_mut().poll(cx));
                session.reading = None;
                // The client comes back with its last id, and nothing is lost.
                let Ok(read) = read else { break };
                let frames = session.replay(read);
                if !frames.is_empty() {
                    return Poll::Ready(Some(frames));
                }
            }
            let (end, low) = session.conn().watch(cx);
            session.sent.raise(low);
            if let Some(end) = end {
                session.done = true;
                return Poll::Ready(Some(vec![session.farewell(end)]));
            }
            match session.clock.poll(cx) {
                Poll::Ready(Due::Expiry) => break,
                Poll::Ready(Due::Lifetime) => {
                    let millis = rand::random_range(100..1000);
                    let retry = Duration::from_millis(millis);
                    session.conn().end(End::Lifetime { retry });
                    continue;
                }
                // While it replays it is not silent, and a stream that cannot
                // hear of new events must not look alive.
                Poll::Ready(Due::Heartbeat) => {
                    if !session.is_behind() && !session.state.store.is_cut_off() {
                        return Poll::Ready(Some(vec![session.ping()]));
                    }
                }
                Poll::Pending => {}
            }
            if session.is_behind() {
                session.reading = Some(session.read());
                continue;
            }
            match session.conn().take(session.sent.room()) {
                Taken::Events(events) if events.is_empty() => {
                    if session.sent.is_in_order() {
                        session.conn().open_lane(session.sent.low());
                    }
                    return Poll::Pending;
                }
                Taken::Events(events) => {
                    let frames = session.live(events);
                    if !frames.is_empty() {
                        return Poll::Ready(Some(frames));
                    }
                }
                Taken::Overflowed => {
                    session.boundary = session.state.hub.restart_queue(&session.guard.conn);
                }
            }
        }
        session.done = true;
        Poll::Ready(None)
    }
}
