//! An event stream read with `fetch`: it sees the status, sets headers, counts every byte as a
//! sign of life, and is parsed by the core.

use crate::clock::wall_clock;
use crate::decode::Decoder;
use crate::http::{Request, failure_of, with_query};
use crate::payload::Payload;
use crate::runtime::Shared;
use js_sys::{Reflect, Uint8Array};
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
    let parameters = [
        ("client_id", &*request.client_id),
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
    let reading = Reading::after(
        connection,
        if standard { &request.last_event_id } else { "" },
    );
    spawn_local(async move {
        let failure = match read(response, &shared, reading).await {
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
    mut reading: Reading,
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
        let inputs = reading.take(&chunk)?;
        let Some(shared) = shared.upgrade() else {
            break;
        };
        shared.handle_all(inputs);
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

/// The decoder, and what of it was told already.
struct Reading {
    connection: ConnectionId,
    decoder: Decoder,
    retry: Option<Duration>,
    last_event_id: String,
}

impl Reading {
    fn after(connection: ConnectionId, last_event_id: &str) -> Self {
        Self {
            connection,
            decoder: Decoder::resuming(last_event_id),
            retry: None,
            last_event_id: last_event_id.to_owned(),
        }
    }

    fn take(&mut self, chunk: &Uint8Array) -> Result<Vec<Input<Payload>>, Failure> {
        let connection = self.connection;
        let mut inputs = vec![Input::Activity { connection }];
        let fed = self.decoder.feed(chunk, wall_clock(), |event, own_id| {
            inputs.push(Input::Event {
                connection,
                event,
                own_id,
            });
        });
        // What came before the limit was broken is lost with the connection, and sent again.
        fed.map_err(|_| Failure::TooLarge)?;
        let last_event_id = self.decoder.last_event_id();
        if last_event_id != self.last_event_id {
            last_event_id.clone_into(&mut self.last_event_id);
            let id = last_event_id.into();
            inputs.push(Input::LastEventId { connection, id });
        }
        if let Some(time) = self.decoder.retry()
            && self.retry.replace(time) != Some(time)
        {
            inputs.push(Input::ReconnectionTime { connection, time });
        }
        Ok(inputs)
    }
}
