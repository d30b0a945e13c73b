//! A batch as it travels to pages: one text, one string of IDs and the places of each event in
//! them. A browser clones two long strings and two typed arrays far faster than many small
//! strings, and a page cuts out only what a listener asks for. Its TypeScript twin is `Batch` in
//! `worker/messages.ts`.

use crate::payload::Payload;
use js_sys::{Array, Float64Array, JsString, Object, Reflect, Uint32Array};
use std::rc::Rc;
use tabcast_core::{Batch, Event};
use wasm_bindgen::JsValue;

/// How many numbers tell an event's places.
const NUMBERS: usize = 5;

/// The message that carries `batch`.
///
/// # Errors
/// None in a browser that is whole.
pub fn encode(batch: &Batch<Payload>) -> Result<Object, JsValue> {
    let mut columns = Columns::default();
    let mut previous = None;
    for event in &batch.events {
        columns.add(event, previous.replace(event));
    }
    let message = Object::new();
    let set = |name: &str, value: &JsValue| Reflect::set(&message, &name.into(), value);
    set("type", &"batch".into())?;
    set("epoch", &JsValue::from_str(&batch.epoch))?;
    set("first", &JsValue::from_f64(batch.first as f64))?;
    set("via", &batch.via.name().into())?;
    set("origin", &JsValue::from_str(&batch.origin))?;
    set("text", &columns.text.finish())?;
    set("ids", &JsValue::from_str(&columns.ids))?;
    set("types", &columns.types())?;
    set("places", &Uint32Array::from(&*columns.places))?;
    set("times", &Float64Array::from(&*columns.times))?;
    Ok(message)
}

#[derive(Default)]
struct Columns {
    text: Text,
    ids: String,
    /// The length of `ids`, in UTF-16 units.
    id_units: u32,
    types: Vec<Rc<str>>,
    /// Of each event: the number of its type, where its data starts and ends, where its ID does.
    places: Vec<u32>,
    times: Vec<f64>,
}

impl Columns {
    /// `previous` is the event added before: most have its type, many its ID.
    fn add(&mut self, event: &Event<Payload>, previous: Option<&Event<Payload>>) {
        let last = previous.zip(self.places.last_chunk::<NUMBERS>().copied());
        let type_number = match last {
            Some((previous, [number, ..])) if previous.event_type == event.event_type => number,
            _ => self.type_number(&event.event_type),
        };
        let [id_start, id_end] = match last {
            Some((previous, [.., start, end])) if previous.id == event.id => [start, end],
            _ => self.add_id(&event.id),
        };
        let [data_start, data_end] = self.text.add(&event.data);
        self.places
            .extend([type_number, data_start, data_end, id_start, id_end]);
        self.times.push(event.received_at);
    }

    fn type_number(&mut self, event_type: &Rc<str>) -> u32 {
        let known = self.types.iter().position(|known| known == event_type);
        let number = known.unwrap_or_else(|| {
            self.types.push(event_type.clone());
            self.types.len() - 1
        });
        number as u32
    }

    fn add_id(&mut self, id: &str) -> [u32; 2] {
        let start = self.id_units;
        self.ids.push_str(id);
        self.id_units += if id.is_ascii() {
            id.len() as u32
        } else {
            id.encode_utf16().count() as u32
        };
        [start, self.id_units]
    }

    fn types(&self) -> Array {
        self.types
            .iter()
            .map(|name| JsValue::from_str(name))
            .collect()
    }
}

/// The data of all events, put together with as few cuts as can be: neighbours in the text of a
/// chunk stay together, with the few characters between them.
#[derive(Default)]
struct Text {
    pieces: Array,
    units: u32,
    open: Option<Piece>,
}

struct Piece {
    of: Rc<JsString>,
    start: u32,
    end: u32,
}

impl Text {
    /// Gives where the data starts and ends.
    fn add(&mut self, data: &Payload) -> [u32; 2] {
        match data {
            Payload::Whole { text, units } => {
                self.close();
                self.pieces.push(text);
                let start = self.units;
                self.units += units;
                [start, self.units]
            }
            Payload::Part { of, start, end } => {
                let piece = match self.open.take() {
                    Some(open) if Rc::ptr_eq(&open.of, of) && open.end <= *start => {
                        self.units += end - open.end;
                        Piece { end: *end, ..open }
                    }
                    other => {
                        self.open = other;
                        self.close();
                        self.units += end - start;
                        Piece {
                            of: of.clone(),
                            start: *start,
                            end: *end,
                        }
                    }
                };
                self.open = Some(piece);
                [self.units - (end - start), self.units]
            }
        }
    }

    fn close(&mut self) {
        if let Some(Piece { of, start, end }) = self.open.take() {
            self.pieces.push(&of.slice(start, end));
        }
    }

    fn finish(&mut self) -> JsValue {
        self.close();
        if self.pieces.length() == 1 {
            self.pieces.get(0)
        } else {
            self.pieces.join("").into()
        }
    }
}
