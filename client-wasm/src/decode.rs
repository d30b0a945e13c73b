//! From the chunks of a `fetch` stream to events: the core's parser finds where each event's data
//! stands, the browser decodes the chunk as a whole.

use crate::payload::Payload;
use js_sys::{JsString, Uint8Array};
use std::ops::ControlFlow;
use std::rc::Rc;
use std::time::Duration;
use tabcast_core::parser::{Data, Limits, ParseError, Parser};
use tabcast_core::{Event, OwnId};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[derive(Debug)]
    type TextDecoder;
    #[wasm_bindgen(constructor)]
    fn new() -> TextDecoder;
    #[wasm_bindgen(method)]
    fn decode(this: &TextDecoder, bytes: &Uint8Array) -> JsString;
}

/// The decoder of one stream.
#[derive(Debug)]
pub struct Decoder {
    parser: Parser,
    text: TextDecoder,
    /// The chunk's bytes, in a buffer that is used again.
    bytes: Vec<u8>,
    /// The type and the ID of the event before: most events repeat the one, many the other.
    event_type: Rc<str>,
    id: Rc<str>,
}

impl Default for Decoder {
    fn default() -> Self {
        Self {
            parser: Parser::new(Limits::default()),
            text: TextDecoder::new(),
            bytes: Vec::new(),
            event_type: "message".into(),
            id: Rc::default(),
        }
    }
}

impl Decoder {
    /// Calls `sink` for each event that the chunk completes.
    ///
    /// # Errors
    /// Where a line or an event exceeds the parser's limits; the stream cannot be read on.
    pub fn feed(
        &mut self,
        chunk: &Uint8Array,
        received_at: f64,
        mut sink: impl FnMut(Event<Payload>, OwnId),
    ) -> Result<(), ParseError> {
        self.bytes.resize(chunk.length() as usize, 0);
        chunk.copy_to(&mut self.bytes);
        let mut whole = WholeText::Unread;
        let Self {
            parser,
            text,
            bytes,
            event_type,
            id,
        } = self;
        parser.feed(bytes, |event| {
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
            let data = whole.payload(&event.data, || text.decode(chunk), bytes.len());
            let event = Event {
                event_type: event_type.clone(),
                id: id.clone(),
                size: event.data.len(),
                data,
                received_at,
            };
            sink(event, own_id);
            ControlFlow::Continue(())
        })
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
}

/// A chunk as text, decoded once, and only where an event needs it.
enum WholeText {
    Unread,
    /// One unit a byte: the parser's places are the string's.
    Ascii(Rc<JsString>),
    Other,
}

impl WholeText {
    fn payload(
        &mut self,
        data: &Data<'_>,
        decode: impl FnOnce() -> JsString,
        bytes: usize,
    ) -> Payload {
        let own = || Payload::Whole((&*data.to_text()).into());
        let Some(range) = data.range_in_chunk() else {
            return own();
        };
        if matches!(self, Self::Unread) {
            let text = decode();
            *self = if text.length() as usize == bytes {
                Self::Ascii(Rc::new(text))
            } else {
                Self::Other
            };
        }
        match self {
            Self::Ascii(text) => Payload::Part {
                of: text.clone(),
                start: range.start as u32,
                end: range.end as u32,
            },
            Self::Unread | Self::Other => own(),
        }
    }
}
