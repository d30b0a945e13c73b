//! An event stream read with `fetch`: it sees the status, sets headers, counts every byte as a
//! sign of life, and is parsed by the core.

use crate::clock::wall_clock;
use crate::decode::Decoder;
use crate::http::{Request, asked_at, failure_of, with_query};
use crate::payload::Payload;
use crate::runtime::{Gather, Shared};
use js_sys::{Reflect, Uint8Array};
use std::cell::RefCell;
use std::rc::{Rc, Weak};
use std::time::Duration;
use tabcast_core::{ConnectionId, Failure, Input, StreamRequest};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{ReadableStreamDefaultReader, Response, Url};

/// Opens the stream. It ends when what is returned is dropped.
pub(crate) fn open(
    shared: &Rc<Shared>,
    connection: ConnectionId,
    request: &StreamRequest,
) -> Result<Request, JsValue> {
    let standard = request.options.standard;
    let asked_at = asked_at(&request.client_id);
    let parameters = [
        ("client_id", &*request.client_id),
        ("asked_at", &asked_at),
        // The standard's request has it in the header alone.
        (
            "last_event_id",
            if standard { "" } else { &request.last_event_id },
        ),
    ];
    let url = with_query(&request.url, &parameters)?.href();
    let handle = Request::new(&request.options, request.token.as_deref())?;
    handle.header("Last-Event-ID", &request.last_event_id)?;
    let response = handle.stream(&url, &request.options)?;
    let shared = Rc::downgrade(shared);
    // Tabcast's own rules want to know which IDs this response brought; the standard goes on with
    // the one before.
    let reading = Rc::new(Reading::after(
        connection,
        if standard { &request.last_event_id } else { "" },
    ));
    spawn_local(async move {
        let failure = match read(response, &shared, &reading).await {
            Ok(()) => Failure::Ended,
            Err(failure) => failure,
        };
        let input = Input::Failed {
            connection,
            failure,
        };
        Shared::input(&shared, input);
    });
    Ok(handle)
}

/// Hands in what the stream gives, to its end.
async fn read(
    response: JsFuture,
    shared: &Weak<Shared>,
    reading: &Rc<Reading>,
) -> Result<(), Failure> {
    let connection = reading.connection;
    let response = response.await.map_err(|_| Failure::Network)?;
    let response: Response = response.unchecked_into();
    if let Some(failure) = failure_of(&response, "text/event-stream") {
        return Err(failure);
    }
    // After redirects this is where the stream really comes from.
    let origin = Url::new(&response.url()).map(|url| url.origin());
    let origin: Rc<str> = origin.unwrap_or_default().into();
    Shared::input(shared, Input::Opened { connection, origin });
    let body = response.body().ok_or(Failure::Network)?;
    let reader: ReadableStreamDefaultReader = body.get_reader().unchecked_into();
    while let Some(chunk) = next_chunk(&reader).await? {
        let Some(shared) = shared.upgrade() else {
            break;
        };
        if reading.take(chunk) {
            shared.gather(reading.clone());
        }
    }
    Ok(())
}

async fn next_chunk(reader: &ReadableStreamDefaultReader) -> Result<Option<Uint8Array>, Failure> {
    let lost = |_| Failure::Network;
    let result = JsFuture::from(reader.read()).await.map_err(lost)?;
    if Reflect::get(&result, &"done".into())
        .map_err(lost)?
        .is_truthy()
    {
        return Ok(None);
    }
    let value = Reflect::get(&result, &"value".into()).map_err(lost)?;
    Ok(Some(value.unchecked_into()))
}

/// What comes, until it is handed in.
struct Reading {
    connection: ConnectionId,
    chunks: RefCell<Vec<Uint8Array>>,
    state: RefCell<State>,
}

/// The decoder, and what of it was told already.
struct State {
    decoder: Decoder,
    retry: Option<Duration>,
    last_event_id: String,
}

impl Reading {
    fn after(connection: ConnectionId, last_event_id: &str) -> Self {
        let state = State {
            decoder: Decoder::resuming(last_event_id),
            retry: None,
            last_event_id: last_event_id.to_owned(),
        };
        Self {
            connection,
            chunks: RefCell::default(),
            state: RefCell::new(state),
        }
    }

    /// Takes in a chunk. True where it is the first since they were handed in.
    fn take(&self, chunk: Uint8Array) -> bool {
        let mut chunks = self.chunks.borrow_mut();
        chunks.push(chunk);
        chunks.len() == 1
    }
}

impl Gather for Reading {
    fn hand_in(&self, sink: &mut dyn FnMut(Input<Payload>)) {
        let connection = self.connection;
        let chunks = self.chunks.take();
        let State {
            decoder,
            retry,
            last_event_id,
        } = &mut *self.state.borrow_mut();
        sink(Input::Activity { connection });
        let fed = decoder.feed(&chunks, wall_clock(), |event, own_id| {
            sink(Input::Event {
                connection,
                event,
                own_id,
            });
        });
        if fed.is_err() {
            let failure = Failure::TooLarge;
            return sink(Input::Failed {
                connection,
                failure,
            });
        }
        if decoder.last_event_id() != last_event_id {
            decoder.last_event_id().clone_into(last_event_id);
            let id = decoder.last_event_id().into();
            sink(Input::LastEventId { connection, id });
        }
        if let Some(time) = decoder.retry()
            && retry.replace(time) != Some(time)
        {
            sink(Input::ReconnectionTime { connection, time });
        }
    }
}
