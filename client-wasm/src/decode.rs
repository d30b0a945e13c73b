//! From the chunks of a `fetch` stream to events: the core's parser finds where each event's data
//! stands, the browser decodes neighbouring events together.

use crate::payload::Payload;
use crate::span::{Spans, Utf8};
use js_sys::Uint8Array;
use std::ops::{ControlFlow, Range};
use std::rc::Rc;
use std::time::Duration;
use tabcast_core::parser::{Limits, ParseError, Parser};
use tabcast_core::{Event, OwnId};

/// The decoder of one stream.
#[derive(Debug)]
pub struct Decoder {
    parser: Parser,
    utf8: Utf8,
    /// The chunks' bytes, in a buffer that is used again.
    bytes: Vec<u8>,
    /// The type and the ID of the event before: most events repeat the one, many the other.
    event_type: Rc<str>,
    id: Rc<str>,
}

impl Default for Decoder {
    fn default() -> Self {
        Self::resuming("")
    }
}

/// An event of which the data may still be bytes.
struct Found {
    event_type: Rc<str>,
    id: Rc<str>,
    own_id: OwnId,
    data: FoundData,
}

enum FoundData {
    /// Bytes of the chunk.
    InChunk(Range<usize>),
    /// It was spread over lines or chunks.
    Apart(Payload),
}

impl Decoder {
    /// The decoder of a response that goes on after `last_event_id`.
    #[must_use]
    pub fn resuming(last_event_id: &str) -> Self {
        Self {
            parser: Parser::resuming(Limits::default(), last_event_id),
            utf8: Utf8::default(),
            bytes: Vec::new(),
            event_type: "message".into(),
            id: last_event_id.into(),
        }
    }

    /// Calls `sink` for each event that the chunks complete. They are read as one: their text is
    /// decoded together.
    ///
    /// # Errors
    /// Where a line or an event exceeds the parser's limits; the stream cannot be read on.
    pub fn feed(
        &mut self,
        chunks: &[Uint8Array],
        received_at: f64,
        mut sink: impl FnMut(Event<Payload>, OwnId),
    ) -> Result<(), ParseError> {
        let length = chunks.iter().map(|chunk| chunk.length() as usize).sum();
        self.bytes.resize(length, 0);
        let mut rest = &mut *self.bytes;
        for chunk in chunks {
            let (place, behind) = rest.split_at_mut(chunk.length() as usize);
            chunk.copy_to(place);
            rest = behind;
        }
        let (found, spans, fed) = self.find();
        let mut texts = spans.into_texts(&self.bytes, &self.utf8);
        let mut text = texts.next();
        for event in found {
            let data = match event.data {
                FoundData::Apart(data) => data,
                FoundData::InChunk(range) => {
                    if text.as_ref().is_some_and(|text| text.is_before(&range)) {
                        text = texts.next();
                    }
                    let Some(text) = &mut text else { break };
                    text.payload(&range)
                }
            };
            let event_type = event.event_type;
            let id = event.id;
            let size = data.units() as usize;
            let own_id = event.own_id;
            let event = Event {
                event_type,
                id,
                data,
                size,
                received_at,
            };
            sink(event, own_id);
        }
        fed
    }

    /// The last event ID, also where a block without data set it.
    #[must_use]
    pub fn last_event_id(&self) -> &str {
        self.parser.last_event_id()
    }

    /// The stream's reconnection time.
    #[must_use]
    pub fn retry(&self) -> Option<Duration> {
        self.parser.retry()
    }

    /// The events that the bytes complete, and where they have their data.
    fn find(&mut self) -> (Vec<Found>, Spans, Result<(), ParseError>) {
        let mut found = Vec::new();
        let mut spans = Spans::default();
        let Self {
            parser,
            utf8,
            bytes,
            event_type,
            id,
        } = self;
        let fed = parser.feed(bytes, |event| {
            if event.event_type != &**event_type {
                *event_type = event.event_type.into();
            }
            if event.last_event_id != &**id {
                *id = event.last_event_id.into();
            }
            let own_id = if event.has_own_id {
                OwnId::Yes
            } else {
                OwnId::No
            };
            let data = match event.data.range_in_chunk() {
                Some(range) => {
                    spans.add(&range);
                    FoundData::InChunk(range)
                }
                None => FoundData::Apart(utf8.decode(event.data.as_bytes()).into()),
            };
            found.push(Found {
                event_type: event_type.clone(),
                id: id.clone(),
                own_id,
                data,
            });
            ControlFlow::Continue(())
        });
        (found, spans, fed)
    }
}
