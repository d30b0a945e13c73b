//! Each output of the hub, obeyed.

use crate::batch;
use crate::channel::Channel;
use crate::event_source::EventSource;
use crate::fetch_source;
use crate::inspection;
use crate::payload::Payload;
use crate::poll;
use crate::runtime::Shared;
use crate::to_js::to_js;
use tabcast_core::{
    Batch, ConnectionId, Failure, Input, Output, StreamId, StreamRequest, TabId, Transport,
};
use wasm_bindgen::JsValue;
use web_sys::console;

impl Shared {
    pub(crate) fn obey(&self, output: Output<Payload>) {
        let resources = &self.resources;
        let done = match output {
            Output::OpenStream {
                connection,
                request,
            } => {
                self.open_stream(connection, &request);
                Ok(())
            }
            Output::CloseStream { connection } => {
                resources.sources.borrow_mut().remove(&connection);
                resources.requests.borrow_mut().remove(&connection);
                Ok(())
            }
            Output::Listen {
                connection,
                event_type,
            } => match resources.sources.borrow().get(&connection) {
                Some(source) => source.listen(&event_type),
                None => Ok(()),
            },
            Output::Diagnose {
                connection,
                request,
            } => {
                resources.sources.borrow_mut().remove(&connection);
                self.start(connection, |shared| {
                    poll::diagnose(shared, connection, &request)
                })
            }
            Output::Poll { poll: id, request } => {
                self.start(id, |shared| poll::poll(shared, id, &request))
            }
            Output::AbortPoll { poll } => {
                resources.requests.borrow_mut().remove(&poll);
                Ok(())
            }
            Output::RequestFlush => resources.task_end.request(),
            Output::OpenChannel { stream, name } => Channel::open(&name).map(|channel| {
                resources.channels.borrow_mut().insert(stream, channel);
            }),
            Output::CloseChannel { stream } => {
                resources.channels.borrow_mut().remove(&stream);
                Ok(())
            }
            Output::Broadcast { stream, batch } => {
                batch::encode(&batch).and_then(|message| self.broadcast(stream, &batch, &message))
            }
            Output::Show {
                tab,
                request,
                snapshot,
            } => inspection::encode(tab, request, &snapshot)
                .and_then(|message| self.post(tab, &message)),
            Output::Replay { tab, batch } => {
                batch::encode(&batch).and_then(|message| self.post(tab, &message))
            }
            Output::Send { tab, message } => {
                let message = to_js(&message).map_err(JsValue::from);
                message.and_then(|message| self.post(tab, &message))
            }
        };
        if let Err(error) = done {
            console::error_2(&"tabcast: the browser refused an operation:".into(), &error);
        }
    }

    fn open_stream(&self, connection: ConnectionId, request: &StreamRequest) {
        let Some(shared) = self.rc() else { return };
        let resources = &self.resources;
        let opened = match request.options.transport {
            Transport::EventSource => {
                EventSource::open(&shared, connection, request).map(|source| {
                    resources.sources.borrow_mut().insert(connection, source);
                })
            }
            Transport::Fetch => fetch_source::open(&shared, connection, request).map(|source| {
                resources.requests.borrow_mut().insert(connection, source);
            }),
        };
        match opened {
            Ok(()) => {}
            Err(_) => {
                // The error's own text quotes the URL, and with it the token.
                console::error_1(&"tabcast: the browser refused to open the stream".into());
                let failure = Failure::Network;
                self.handle(Input::Failed {
                    connection,
                    failure,
                });
            }
        }
    }

    fn start(
        &self,
        id: ConnectionId,
        request: impl FnOnce(&std::rc::Rc<Self>) -> Result<crate::http::Request, JsValue>,
    ) -> Result<(), JsValue> {
        let Some(shared) = self.rc() else {
            return Ok(());
        };
        let request = request(&shared)?;
        self.resources.requests.borrow_mut().insert(id, request);
        Ok(())
    }

    /// Over the channel; over its port to a tab that is alone, without the way through the browser's
    /// own process. A beacon always takes the channel: it shows that the tab listens there.
    fn broadcast(
        &self,
        stream: StreamId,
        batch: &Batch<Payload>,
        message: &JsValue,
    ) -> Result<(), JsValue> {
        if !batch.events.is_empty()
            && let Some(tab) = self.hub().only_tab(stream)
        {
            return self.post(tab, message);
        }
        match self.resources.channels.borrow().get(&stream) {
            Some(channel) => channel.post(message),
            None => Ok(()),
        }
    }

    fn post(&self, tab: TabId, message: &JsValue) -> Result<(), JsValue> {
        match self.resources.ports.borrow().get(&tab) {
            Some(port) => port.post_message(message),
            None => Ok(()),
        }
    }
}
