//! The browser's own `EventSource`, closed when dropped. Its first error ends it, because the hub
//! knows better when to try again and from where; it is left to reconnect by itself only where the
//! stream is to behave as the standard says.

use crate::clock::wall_clock;
use crate::http::{query_token, with_query};
use crate::payload::Payload;
use crate::runtime::Shared;
use js_sys::JsString;
use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use tabcast_core::{ConnectionId, Event, Failure, Input, OwnId, StreamRequest};
use wasm_bindgen::prelude::*;
use web_sys::{EventSourceInit, MessageEvent};

type Listener = Closure<dyn FnMut(web_sys::Event)>;

/// A server may call its events `open` and `error` too: they come to the same listeners, and are
/// told apart by being messages.
fn is_from_server(event: &web_sys::Event) -> bool {
    event.has_type::<MessageEvent>()
}

#[must_use]
pub(crate) struct EventSource {
    inner: web_sys::EventSource,
    connection: ConnectionId,
    shared: Weak<Shared>,
    listeners: RefCell<Vec<(Rc<str>, Listener)>>,
    /// No event has come since it opened: redirects may have led to another origin.
    origin_is_assumed: Rc<Cell<bool>>,
    _on_open: Listener,
    _on_error: Listener,
}

impl std::fmt::Debug for EventSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("EventSource")
            .field(&self.connection)
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

        let origin_is_assumed = Rc::new(Cell::new(true));
        let on_open = {
            let shared = Rc::downgrade(shared);
            let origin_is_assumed = origin_is_assumed.clone();
            Listener::new(move |event: web_sys::Event| {
                if is_from_server(&event) {
                    return;
                }
                origin_is_assumed.set(true);
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
            connection,
            shared: Rc::downgrade(shared),
            listeners: RefCell::default(),
            origin_is_assumed,
            _on_open: on_open,
            _on_error: on_error,
        };
        for event_type in &request.types {
            source.listen(event_type)?;
        }
        Ok(source)
    }

    pub(crate) fn listen(&self, event_type: &Rc<str>) -> Result<(), JsValue> {
        let shared = self.shared.clone();
        let connection = self.connection;
        let name = event_type.clone();
        let origin_is_assumed = self.origin_is_assumed.clone();
        let listener = Listener::new(move |event: web_sys::Event| {
            let Ok(event) = event.dyn_into::<MessageEvent>() else {
                return;
            };
            if origin_is_assumed.take() {
                let origin = event.origin().into();
                Shared::input(&shared, Input::Origin { connection, origin });
            }
            let data = Payload::from(event.data().unchecked_into::<JsString>());
            let event = Event {
                event_type: name.clone(),
                id: event.last_event_id().into(),
                size: data.units() as usize,
                data,
                received_at: wall_clock(),
            };
            let input = Input::Event {
                connection,
                event,
                own_id: OwnId::Unknown,
            };
            Shared::input(&shared, input);
        });
        self.inner
            .add_event_listener_with_callback(event_type, listener.as_ref().unchecked_ref())?;
        self.listeners
            .borrow_mut()
            .push((event_type.clone(), listener));
        Ok(())
    }
}

impl Drop for EventSource {
    fn drop(&mut self) {
        self.inner.set_onopen(None);
        self.inner.set_onerror(None);
        // Where one of the types is `error`, its listener would still be called for the error that
        // led here, and be gone.
        for (event_type, listener) in self.listeners.borrow().iter() {
            let listener = listener.as_ref().unchecked_ref();
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
            ("last_event_id", &request.last_event_id),
        ],
    )
}
