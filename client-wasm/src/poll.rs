//! Short requests beside the stream: polls while it is mute, and the diagnosis of a connection
//! that the browser gave up without a word.

use crate::clock::wall_clock;
use crate::event_source::url_of;
use crate::http::{Request, failure_of, query_token, with_query};
use crate::payload::Payload;
use crate::runtime::Shared;
use js_sys::{Array, JSON, JsString, Object, Reflect};
use std::rc::{Rc, Weak};
use tabcast_core::{ConnectionId, Event, Failure, Input, PollRequest, StreamRequest};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::Response;

/// Polls once. The request ends when what is returned is dropped.
pub(crate) fn poll(
    shared: &Rc<Shared>,
    poll: ConnectionId,
    request: &PollRequest,
) -> Result<Request, JsValue> {
    let token = request.token.as_deref();
    let parameters = [
        ("access_token", query_token(&request.options, token)),
        ("last_event_id", &*request.last_event_id),
        // Who has no place yet asks only where the log stands, not for its history.
        (
            "limit",
            if request.last_event_id.is_empty() {
                "0"
            } else {
                ""
            },
        ),
    ];
    let url = with_query(&request.url, &parameters)?;
    let handle = Request::new(&request.options, token)?;
    let response = handle.get(&url.href(), "application/json", &request.options)?;
    let origin: Rc<str> = url.origin().into();
    let shared = Rc::downgrade(shared);
    spawn_local(async move {
        let result = read_events(response, &shared, poll, &origin).await;
        if let Some(shared) = shared.upgrade() {
            shared.request_ended(poll);
            shared.handle(Input::PollEnded { poll, result });
        }
    });
    Ok(handle)
}

/// Hands in the events of a response and says whether there are more at once.
async fn read_events(
    response: JsFuture,
    shared: &Weak<Shared>,
    poll: ConnectionId,
    origin: &Rc<str>,
) -> Result<bool, Failure> {
    let response = response.await.map_err(|_| Failure::Network)?;
    let response: Response = response.unchecked_into();
    if let Some(failure) = failure_of(&response, "application/json") {
        return Err(failure);
    }
    let body = response.json().map_err(|_| Failure::ContentType)?;
    let body = JsFuture::from(body)
        .await
        .map_err(|_| Failure::ContentType)?;
    let get = |from: &JsValue, name: &str| {
        Reflect::get(from, &name.into()).map_err(|_| Failure::ContentType)
    };
    let items = get(&body, "data")?;
    if !Array::is_array(&items) {
        return Err(Failure::ContentType);
    }
    let hand_in = |event_type: &str, id: &str, data: JsString| {
        let data = Payload::from(data);
        let event = Event {
            event_type: event_type.into(),
            id: id.into(),
            size: data.units() as usize,
            data,
            received_at: wall_clock(),
        };
        let origin = origin.clone();
        let input = Input::PollEvent {
            poll,
            event,
            origin,
        };
        Shared::input(shared, input);
    };
    if get(&body, "recovered")? == false {
        // Among the events, as a stream tells it: over the ports they would overtake it, and the
        // relay log would not have it for a tab that is away.
        let told = body_without_events(&body)?;
        let data = JSON::stringify(&told);
        hand_in(
            "connection_confirmed",
            "",
            data.map_err(|_| Failure::ContentType)?,
        );
    }
    for item in Array::from(&items).iter() {
        let data = get(&item, "data")?;
        let data = match data.dyn_into::<JsString>() {
            Ok(text) => text,
            Err(value) => JSON::stringify(&value).map_err(|_| Failure::ContentType)?,
        };
        let text = |name| Ok::<_, Failure>(get(&item, name)?.as_string());
        let event_type = text("event_type")?;
        let id = text("event_id")?.unwrap_or_default();
        hand_in(event_type.as_deref().unwrap_or("message"), &id, data);
    }
    let last_event_id = get(&body, "last_event_id")?
        .as_string()
        .unwrap_or_default()
        .into();
    let position = Input::PollPosition {
        poll,
        last_event_id,
    };
    Shared::input(shared, position);
    Ok(get(&body, "has_more")?.is_truthy())
}

/// What an answer says beside its events.
fn body_without_events(body: &JsValue) -> Result<Object, Failure> {
    let rest = Object::new();
    for name in ["recovered", "earliest"] {
        Reflect::get(body, &name.into())
            .and_then(|value| Reflect::set(&rest, &name.into(), &value))
            .map_err(|_| Failure::ContentType)?;
    }
    Ok(rest)
}

/// Asks for the same stream with a `fetch`, which sees the status that an `EventSource` hides,
/// and lets go of it as soon as its head is there.
pub(crate) fn diagnose(
    shared: &Rc<Shared>,
    connection: ConnectionId,
    request: &StreamRequest,
) -> Result<Request, JsValue> {
    let handle = Request::new(&request.options, request.token.as_deref())?;
    let url = url_of(request)?;
    let response = handle.get(&url.href(), "text/event-stream", &request.options)?;
    let shared = Rc::downgrade(shared);
    spawn_local(async move {
        let failure = match response.await {
            Ok(response) => {
                // A healthy answer now: what went wrong before has passed.
                failure_of(response.unchecked_ref(), "text/event-stream")
                    .unwrap_or(Failure::Network)
            }
            Err(_) => Failure::Network,
        };
        let input = Input::Failed {
            connection,
            failure,
        };
        Shared::input(&shared, input);
    });
    Ok(handle)
}
