//! Neighbouring events of a chunk, decoded together: the browser decodes one long text many times
//! faster than its lines one by one.

use crate::payload::Payload;
use js_sys::JsString;
use std::ops::Range;
use std::rc::Rc;
use wasm_bindgen::prelude::*;

/// No more bytes than this are carried along between the data of two events. The relay log keeps a
/// span as long as one of its events, and counts only their data.
const MAX_BETWEEN: usize = 1_024;

#[wasm_bindgen]
extern "C" {
    #[derive(Debug)]
    type TextDecoder;
    #[wasm_bindgen(constructor)]
    fn new(label: &str, options: &JsValue) -> TextDecoder;
    #[wasm_bindgen(method)]
    fn decode(this: &TextDecoder, bytes: &[u8]) -> JsString;
}

/// The browser's decoder of UTF-8.
#[derive(Debug)]
pub(crate) struct Utf8(TextDecoder);

impl Default for Utf8 {
    fn default() -> Self {
        // A byte order mark within a stream is text.
        let options = js_sys::Object::new();
        let _ = js_sys::Reflect::set(&options, &"ignoreBOM".into(), &JsValue::TRUE);
        Self(TextDecoder::new("utf-8", &options))
    }
}

impl Utf8 {
    pub(crate) fn decode(&self, bytes: &[u8]) -> JsString {
        self.0.decode(bytes)
    }
}

/// Where a chunk has data: each span is to be decoded as one text.
#[derive(Debug, Default)]
pub(crate) struct Spans(Vec<Range<usize>>);

impl Spans {
    /// Adds the data of one event, behind what was added before.
    pub(crate) fn add(&mut self, data: &Range<usize>) {
        match self.0.last_mut() {
            Some(span) if data.start - span.end <= MAX_BETWEEN => span.end = data.end,
            _ => self.0.push(data.clone()),
        }
    }

    pub(crate) fn into_texts<'a>(
        self,
        chunk: &'a [u8],
        utf8: &'a Utf8,
    ) -> impl Iterator<Item = SpanText<'a>> {
        self.0
            .into_iter()
            .map(move |span| SpanText::decode(chunk, span, utf8))
    }
}

/// A decoded span. It is asked for its events' data one after the other.
#[derive(Debug)]
pub(crate) struct SpanText<'a> {
    chunk: &'a [u8],
    span: Range<usize>,
    utf8: &'a Utf8,
    text: Rc<JsString>,
    units: Units,
}

/// How bytes of the chunk become UTF-16 units of the text.
#[derive(Debug)]
enum Units {
    /// One by one: it is ASCII.
    Bytes,
    /// Counted so far: this byte of the chunk is this unit of the text.
    Counted { byte: usize, unit: u32 },
    /// It is not UTF-8: how many units became of what is broken is not known.
    Unknown,
}

impl<'a> SpanText<'a> {
    fn decode(chunk: &'a [u8], span: Range<usize>, utf8: &'a Utf8) -> Self {
        let bytes = &chunk[span.clone()];
        let text = Rc::new(utf8.decode(bytes));
        let units = if text.length() as usize == bytes.len() {
            Units::Bytes
        } else if str::from_utf8(bytes).is_ok() {
            Units::Counted {
                byte: span.start,
                unit: 0,
            }
        } else {
            Units::Unknown
        };
        Self {
            chunk,
            span,
            utf8,
            text,
            units,
        }
    }

    /// Whether the data that stands at these bytes of the chunk comes in a later span.
    pub(crate) fn is_before(&self, data: &Range<usize>) -> bool {
        data.end > self.span.end
    }

    /// The data that stands at these bytes of the chunk.
    pub(crate) fn payload(&mut self, data: &Range<usize>) -> Payload {
        let (start, end) = match &mut self.units {
            Units::Bytes => (
                (data.start - self.span.start) as u32,
                (data.end - self.span.start) as u32,
            ),
            Units::Counted { byte, unit } => {
                let start = *unit + utf16_len(&self.chunk[*byte..data.start]);
                let end = start + utf16_len(&self.chunk[data.clone()]);
                (*byte, *unit) = (data.end, end);
                (start, end)
            }
            Units::Unknown => return self.utf8.decode(&self.chunk[data.clone()]).into(),
        };
        Payload::Part {
            of: self.text.clone(),
            start,
            end,
        }
    }
}

/// How many UTF-16 units this UTF-8 has: one for each character, two for those of four bytes.
fn utf16_len(bytes: &[u8]) -> u32 {
    bytes
        .iter()
        .map(|&byte| u32::from(byte & 0xC0 != 0x80) + u32::from(byte >= 0xF0))
        .sum()
}
