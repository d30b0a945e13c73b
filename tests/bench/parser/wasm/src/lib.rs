//! The parser by itself, and the decoder of the `fetch` transport, as the benchmark calls them.

use js_sys::{Object, Uint8Array};
use std::ops::ControlFlow;
use std::rc::Rc;
use tabcast_client_wasm::batch::encode;
use tabcast_client_wasm::decode::Decoder;
use tabcast_core::parser::{Limits, Parser};
use tabcast_core::{Batch, Via};
use wasm_bindgen::prelude::*;

fn to_js(error: impl std::fmt::Display) -> JsValue {
    JsValue::from_str(&error.to_string())
}

/// Bytes in, the places of events out.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Places {
    parser: Parser,
    bytes: Vec<u8>,
    events: u32,
    units: f64,
}

#[wasm_bindgen]
impl Places {
    /// A stream at its start.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new() -> Self {
        Self {
            parser: Parser::new(Limits::default()),
            bytes: Vec::new(),
            events: 0,
            units: 0.0,
        }
    }

    /// Takes in a chunk.
    ///
    /// # Errors
    /// Where an event exceeds the limits.
    pub fn feed(&mut self, chunk: &Uint8Array) -> Result<(), JsValue> {
        self.bytes.resize(chunk.length() as usize, 0);
        chunk.copy_to(&mut self.bytes);
        let (mut events, mut bytes) = (0, 0);
        let fed = self.parser.feed(&self.bytes, |event| {
            events += 1;
            bytes += event.data.len();
            ControlFlow::Continue(())
        });
        self.events += events;
        self.units += bytes as f64;
        fed.map_err(to_js)
    }

    /// How many events there were.
    #[must_use]
    pub fn events(&self) -> u32 {
        self.events
    }

    /// How long their data was in all, in bytes.
    #[must_use]
    pub fn units(&self) -> f64 {
        self.units
    }
}

impl Default for Places {
    fn default() -> Self {
        Self::new()
    }
}

/// Bytes in, batches out, as the runtime sends them to pages.
#[wasm_bindgen]
#[derive(Debug, Default)]
pub struct Batches {
    decoder: Decoder,
}

#[wasm_bindgen]
impl Batches {
    /// A stream at its start.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in a chunk and gives the batch of its events; nothing where it completes none.
    ///
    /// # Errors
    /// Where an event exceeds the limits.
    pub fn feed(&mut self, chunk: &Uint8Array) -> Result<Option<Object>, JsValue> {
        let mut events = Vec::new();
        self.decoder
            .feed(std::slice::from_ref(chunk), 0.0, |event, _| {
                events.push(event)
            })
            .map_err(to_js)?;
        if events.is_empty() {
            return Ok(None);
        }
        encode(&Batch {
            epoch: Rc::default(),
            first: 1,
            via: Via::Stream,
            origin: Rc::default(),
            events,
        })
        .map(Some)
    }
}
