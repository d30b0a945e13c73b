//! One event of the log, encoded once; every stream that sends it shares the bytes.

use std::time::Instant;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::{
    clock::Millis,
    cursor::{Position, Sent},
};

/// An event as it goes over the wire.
#[derive(Debug)]
pub(crate) struct Event {
    pub(crate) position: Position,
    pub(crate) event_type: String,
    pub(crate) priority: Priority,
    /// For an event that is not in the log: what makes its id unique. Its
    /// position is then where the log ended when it was sent.
    mark: Option<String>,
    pub(crate) accepted: Instant,
    /// From then on it is for nobody any more.
    pub(crate) expire_at: Option<Millis>,
    /// `frame` as HTTP/1.1 sends a part of an answer: size, bytes, end.
    chunk: Bytes,
    /// `id:` line, then `body`.
    frame: Bytes,
    body: Bytes,
}

impl Event {
    pub(crate) fn logged(
        epoch: &str,
        position: Position,
        event_type: String,
        priority: Priority,
        data: &str,
    ) -> Self {
        let id = format!("{epoch}-{position}");
        Self::encode(&id, position, event_type, priority, None, data)
    }

    pub(crate) fn until(mut self, expire_at: Option<Millis>) -> Self {
        self.expire_at = expire_at;
        self
    }

    /// An event that only streams open right now get.
    pub(crate) fn transient(
        id: &str,
        position: Position,
        mark: String,
        event_type: String,
        priority: Priority,
        data: &str,
    ) -> Self {
        Self::encode(id, position, event_type, priority, Some(mark), data)
    }

    fn encode(
        id: &str,
        position: Position,
        event_type: String,
        priority: Priority,
        mark: Option<String>,
        data: &str,
    ) -> Self {
        let mut frame = String::with_capacity(data.len() + event_type.len() + 64);
        push_field(&mut frame, "id", id);
        let body_at = frame.len();
        push_body(&mut frame, &event_type, data);
        let head = format!("{:x}\r\n", frame.len());
        let chunk = Bytes::from([&head, &*frame, "\r\n"].concat());
        let frame = chunk.slice(head.len()..head.len() + frame.len());
        let body = frame.slice(body_at..);
        Self {
            position,
            event_type,
            priority,
            mark,
            accepted: Instant::now(),
            expire_at: None,
            chunk,
            frame,
            body,
        }
    }

    pub(crate) fn is_logged(&self) -> bool {
        self.mark.is_none()
    }

    /// Bytes on the wire, about.
    pub(crate) fn size(&self) -> usize {
        self.frame.len()
    }

    /// The frame for a stream that has sent all up to this event, as a chunk of
    /// HTTP/1.1.
    pub(crate) fn chunk(&self) -> &[u8] {
        &self.chunk
    }

    /// The bytes for a stream that has sent `sent`, which includes this event.
    pub(crate) fn frame(&self, epoch: &str, sent: &Sent) -> Bytes {
        if *sent == Sent::up_to(self.position) {
            return self.frame.clone();
        }
        let id = match &self.mark {
            Some(mark) => sent.marked_id(epoch, mark),
            None => sent.id(epoch, self.position),
        };
        let mut bytes = format!("id: {id}\n").into_bytes();
        bytes.extend_from_slice(&self.body);
        bytes.into()
    }
}

/// Where events wait for a reader, a higher one goes first, and when some must
/// be dropped, a lower one goes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "u8", try_from = "u8")]
pub(crate) enum Priority {
    #[default]
    Normal = 0,
    High = 1,
    Urgent = 2,
}

impl From<Priority> for u8 {
    fn from(priority: Priority) -> Self {
        priority as Self
    }
}

impl TryFrom<u8> for Priority {
    type Error = &'static str;

    fn try_from(number: u8) -> Result<Self, Self::Error> {
        match number {
            0 => Ok(Self::Normal),
            1 => Ok(Self::High),
            2 => Ok(Self::Urgent),
            _ => Err("priority is 0 (normal), 1 (high) or 2 (urgent)"),
        }
    }
}

/// A frame that is not in the log.
pub(crate) fn frame(id: Option<&str>, event_type: &str, data: &str) -> Bytes {
    let mut text = String::with_capacity(data.len() + 64);
    if let Some(id) = id {
        push_field(&mut text, "id", id);
    }
    push_body(&mut text, event_type, data);
    text.into()
}

fn push_body(text: &mut String, event_type: &str, data: &str) {
    push_field(text, "event", event_type);
    // Each of CR LF, CR and LF ends a line of the stream, so each starts a new `data:`.
    // https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
    for line in data.replace("\r\n", "\n").split(['\n', '\r']) {
        push_field(text, "data", line);
    }
    text.push('\n');
}

fn push_field(text: &mut String, name: &str, value: &str) {
    text.push_str(name);
    text.push_str(": ");
    text.push_str(value);
    text.push('\n');
}

/// The types that only the server itself sends.
pub(crate) const RESERVED: [&str; 7] = [
    "connection_confirmed",
    "connected",
    "ping",
    "gap",
    "superseded",
    "open",
    "error",
];

/// Whether a client may name an event so. Longest: 64 bytes.
pub(crate) fn check_type(event_type: &str) -> Result<(), String> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.:".contains(&byte);
    if event_type.is_empty() || event_type.len() > 64 || !event_type.bytes().all(allowed) {
        return Err("an event type is 1 to 64 of the characters A-Z a-z 0-9 _ - . :".into());
    }
    if RESERVED.contains(&event_type) {
        return Err(format!("the event type {event_type} is the server's own"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_of_several_lines_cannot_forge_a_field() {
        let bytes = frame(None, "note", "a\r\nid: 9\rb\n");
        assert_eq!(
            &bytes[..],
            b"event: note\ndata: a\ndata: id: 9\ndata: b\ndata: \n\n"
        );
    }
}
