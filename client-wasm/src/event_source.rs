//! The browser's own `EventSource`, closed when dropped. Its first error ends it, because the hub
//! knows better when to try again and from where; it is left to reconnect by itself only where the
//! stream is to behave as the standard says.

use crate::clock::wall_clock;
use crate::http::{asked_at, query_token, with_query};
use crate::payload::Payload;
use crate::runtime::{Gather, Shared};
use js_sys::{Function, JsString};
use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use tabcast_core::{ConnectionId, Event, Failure, Input, OwnId, StreamRequest};
use wasm_bindgen::prelude::*;
use web_sys::{EventSourceInit, MessageEvent};

type Listener = Closure<dyn FnMut(web_sys::Event)>;

#[wasm_bindgen(module = "/src/gathered.js")]
extern "C" {
    /// The events since they were last taken.
    type Gathered;
    #[wasm_bindgen(constructor)]
    fn new(begun: &Function) -> Gathered;
    #[wasm_bindgen(method)]
    fn listener(this: &Gathered, event_type: u32) -> Function;
    #[wasm_bindgen(method, getter)]
    fn origin(this: &Gathered) -> String;
    #[wasm_bindgen(method, getter)]
    fn text(this: &Gathered) -> JsString;
    #[wasm_bindgen(method, getter)]
    fn ends(this: &Gathered) -> Vec<u32>;
    #[wasm_bindgen(method, getter)]
    fn types(this: &Gathered) -> Vec<u32>;
    #[wasm_bindgen(method, getter)]
    fn ids(this: &Gathered) -> String;
    #[wasm_bindgen(method)]
    fn clear(this: &Gathered);
}

/// A server may call its events `open` and `error` too: they come to the same listeners, and are
/// told apart by being messages.
fn is_from_server(event: &web_sys::Event) -> bool {
    event.has_type::<MessageEvent>()
}

#[must_use]
pub(crate) struct EventSource {
    inner: web_sys::EventSource,
    events: Rc<Events>,
    listeners: RefCell<Vec<Function>>,
    _on_open: Listener,
    _on_error: Listener,
    _begun: Closure<dyn FnMut()>,
}

/// What comes, until it is handed in.
struct Events {
    connection: ConnectionId,
    gathered: Gathered,
    /// The types that are listened for, by their numbers.
    types: RefCell<Vec<Rc<str>>>,
    /// No event has come since it opened: redirects may have led to another origin.
    origin_is_assumed: Cell<bool>,
}

impl std::fmt::Debug for EventSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("EventSource")
            .field(&self.events.connection)
            .finish()
    }
}

impl EventSource {
    pub(crate) fn open(
        shared: &Rc<Shared>,
        connection: ConnectionId,
        request: &StreamRequest,
    ) -> Result<Self, JsValue> {
        let url = url_of(request)?;
        let origin: Rc<str> = url.origin().into();
        let init = EventSourceInit::new();
        init.set_with_credentials(request.options.with_credentials);
        let inner = web_sys::EventSource::new_with_event_source_init_dict(&url.href(), &init)?;

        let (events, begun) = Events::of(shared, connection);
        let on_open = {
            let shared = Rc::downgrade(shared);
            let events = events.clone();
            Listener::new(move |event: web_sys::Event| {
                if is_from_server(&event) {
                    return;
                }
                events.origin_is_assumed.set(true);
                let origin = origin.clone();
                Shared::input(&shared, Input::Opened { connection, origin });
            })
        };
        inner.set_onopen(Some(on_open.as_ref().unchecked_ref()));

        let on_error = {
            let shared = Rc::downgrade(shared);
            let inner = inner.clone();
            let standard = request.options.standard;
            Listener::new(move |event: web_sys::Event| {
                if is_from_server(&event) {
                    return;
                }
                let gave_up = inner.ready_state() == web_sys::EventSource::CLOSED;
                let failure = if gave_up {
                    Failure::Unknown
                } else if standard {
                    Failure::Interrupted
                } else {
                    inner.close();
                    Failure::Network
                };
                let input = Input::Failed {
                    connection,
                    failure,
                };
                Shared::input(&shared, input);
            })
        };
        inner.set_onerror(Some(on_error.as_ref().unchecked_ref()));

        let source = Self {
            inner,
            events,
            listeners: RefCell::default(),
            _on_open: on_open,
            _on_error: on_error,
            _begun: begun,
        };
        for event_type in &request.types {
            source.listen(event_type)?;
        }
        Ok(source)
    }

    pub(crate) fn listen(&self, event_type: &Rc<str>) -> Result<(), JsValue> {
        let number = self.listeners.borrow().len() as u32;
        let listener = self.events.gathered.listener(number);
        self.inner
            .add_event_listener_with_callback(event_type, &listener)?;
        self.events.types.borrow_mut().push(event_type.clone());
        self.listeners.borrow_mut().push(listener);
        Ok(())
    }
}

impl Events {
    /// For a connection; also what has to live as long as its `EventSource`.
    fn of(shared: &Rc<Shared>, connection: ConnectionId) -> (Rc<Self>, Closure<dyn FnMut()>) {
        let of: Rc<RefCell<Weak<Self>>> = Rc::default();
        let begun = {
            let shared = Rc::downgrade(shared);
            let of = of.clone();
            Closure::<dyn FnMut()>::new(move || {
                if let Some((shared, events)) = shared.upgrade().zip(of.borrow().upgrade()) {
                    shared.gather(events);
                }
            })
        };
        let events = Rc::new(Self {
            connection,
            gathered: Gathered::new(begun.as_ref().unchecked_ref()),
            types: RefCell::default(),
            origin_is_assumed: Cell::new(true),
        });
        *of.borrow_mut() = Rc::downgrade(&events);
        (events, begun)
    }
}

impl Gather for Events {
    fn hand_in(&self, sink: &mut dyn FnMut(Input<Payload>)) {
        let connection = self.connection;
        let gathered = &self.gathered;
        if self.origin_is_assumed.take() {
            let origin = gathered.origin().into();
            sink(Input::Origin { connection, origin });
        }
        let text = Rc::new(gathered.text());
        let (ids, ends, numbers) = (gathered.ids(), gathered.ends(), gathered.types());
        gathered.clear();
        let received_at = wall_clock();
        let types = self.types.borrow();
        let mut start = 0;
        let mut last: Rc<str> = Rc::default();
        for ((id, end), number) in ids.split('\n').zip(ends).zip(numbers) {
            let Some(event_type) = types.get(number as usize) else {
                continue;
            };
            if *id != *last {
                last = id.into();
            }
            let data = Payload::Part {
                of: text.clone(),
                start,
                end,
            };
            start = end;
            let event = Event {
                event_type: event_type.clone(),
                id: last.clone(),
                size: data.units() as usize,
                data,
                received_at,
            };
            sink(Input::Event {
                connection,
                event,
                own_id: OwnId::Unknown,
            });
        }
    }
}

impl Drop for EventSource {
    fn drop(&mut self) {
        self.inner.set_onopen(None);
        self.inner.set_onerror(None);
        // Where one of the types is `error`, its listener would still be called for the error that
        // led here, and be gone.
        let types = self.events.types.borrow();
        for (event_type, listener) in types.iter().zip(self.listeners.borrow().iter()) {
            let _ = self
                .inner
                .remove_event_listener_with_callback(event_type, listener);
        }
        self.inner.close();
    }
}

/// The URL to connect to. The token and the last event ID travel in the query: an `EventSource`
/// cannot set headers, and a new one does not know where the one before it stood.
pub(crate) fn url_of(request: &StreamRequest) -> Result<web_sys::Url, JsValue> {
    with_query(
        &request.url,
        &[
            (
                "access_token",
                query_token(&request.options, request.token.as_deref()),
            ),
            ("client_id", &request.client_id),
            ("asked_at", &asked_at(&request.client_id)),
            ("last_event_id", &request.last_event_id),
        ],
    )
}
