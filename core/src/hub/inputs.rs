//! What each input does.

use super::history::TransitionKind;
use super::io::{ConnectionId, Input, Output, StreamId, TabId};
use super::stream::{Key, Stream, Types};
use super::{Hub, Tab};
use crate::connection::Connection;
use crate::event::{Batch, Event, OwnId, Via};
use crate::messages::{FromWorker, Gap, GapReason, Hello, Resume, ToWorker};
use crate::random::Random;
use crate::time::Instant;
use std::rc::Rc;

impl<P: Clone + Default + PartialEq> Hub<P> {
    /// Takes in what happened at `now`. Inputs of tabs, streams or connections that are gone are
    /// dropped.
    pub fn handle_input(&mut self, now: Instant, input: Input<P>) {
        self.history.set_now(now);
        match input {
            Input::TabJoined { tab, hello } => self.join(now, tab, &hello),
            Input::TabLeft { tab } => self.leave(now, tab),
            Input::TabSaid { tab, message } => self.tab_said(now, tab, message),
            Input::Opened { connection, origin } => {
                if let Some(stream) = self.live(connection) {
                    stream.set_origin(origin);
                    stream.connection.opened(now);
                }
            }
            Input::Origin { connection, origin } => {
                if let Some(stream) = self.live(connection) {
                    stream.set_origin(origin);
                }
                return;
            }
            Input::Event {
                connection,
                event,
                own_id,
            } => return self.event(now, connection, event, own_id),
            Input::Activity { connection } => {
                if let Some(stream) = self.live(connection) {
                    stream.connection.data(now);
                }
            }
            Input::LastEventId { connection, id } => {
                if let Some(stream) = self.live(connection) {
                    stream.advance_cursor(&id);
                }
            }
            Input::ReconnectionTime { connection, time } => {
                if let Some(stream) = self.live(connection) {
                    stream.connection.reconnection_time(time);
                }
            }
            Input::Failed {
                connection,
                failure,
            } => {
                if let Some(stream) = self.live(connection) {
                    stream.connection.failed(now, failure);
                }
            }
            Input::PollEvent {
                poll,
                event,
                origin,
            } => self.poll_event(now, poll, event, origin),
            Input::PollPosition {
                poll,
                last_event_id,
            } => {
                if let Some(stream) = self.polling(poll)
                    && stream.polled_to(&last_event_id)
                    && stream.connection.current().is_some()
                {
                    stream.connection.connect(now);
                }
            }
            Input::PollEnded { poll, result } => {
                if let Some(stream) = self.polling(poll) {
                    stream.connection.polled(now, result);
                }
            }
            Input::FlushDue => {
                let ids: Vec<StreamId> = self.streams.keys().copied().collect();
                ids.into_iter().for_each(|id| self.flush(id));
            }
            Input::Woke => {
                for (_, stream) in self.streams.iter_mut() {
                    stream.connection.woke(now);
                }
            }
        }
        self.settle(now);
    }

    /// The stream of a connection that is still its present one.
    fn live(&mut self, id: ConnectionId) -> Option<&mut Stream<P>> {
        let stream = self.streams.get_mut(&id.stream)?;
        (stream.connection.current() == Some(id.serial)).then_some(stream)
    }

    fn polling(&mut self, id: ConnectionId) -> Option<&mut Stream<P>> {
        let stream = self.streams.get_mut(&id.stream)?;
        (stream.connection.current_poll() == Some(id.serial)).then_some(stream)
    }

    fn event(&mut self, now: Instant, id: ConnectionId, event: Event<P>, own_id: OwnId) {
        let Some(stream) = self.live(id) else { return };
        let first_sign_of_life = stream.connection.data(now);
        let standard = stream.connection.options().standard;
        let superseded = !standard && &*event.event_type == "superseded";
        if stream.must_flush_before(Via::Stream, &stream.origin().clone()) {
            self.flush(id.stream);
        }
        let relay = standard || &*event.event_type != "ping" || self.is_wanted(id.stream, "ping");
        self.gather(id.stream, |stream| stream.take_in(event, own_id, relay));
        if superseded && let Some(stream) = self.streams.get_mut(&id.stream) {
            stream.connection.superseded();
        }
        if first_sign_of_life || superseded {
            self.settle(now);
        }
    }

    fn poll_event(&mut self, now: Instant, id: ConnectionId, event: Event<P>, origin: Rc<str>) {
        let Some(stream) = self.polling(id) else {
            return;
        };
        if stream.must_flush_before(Via::Poll, &origin) {
            self.flush(id.stream);
        }
        self.gather(id.stream, |stream| {
            if stream.take_in_polled(event, origin) && stream.connection.current().is_some() {
                stream.connection.connect(now);
            }
        });
    }

    /// Adds to what is gathered, and sees to it that it is sent at the end of the task.
    fn gather(&mut self, id: StreamId, add: impl FnOnce(&mut Stream<P>)) {
        let Some(stream) = self.streams.get_mut(&id) else {
            return;
        };
        let was_empty = !stream.has_gathered();
        add(stream);
        if was_empty && stream.has_gathered() {
            self.outputs.push_back(Output::RequestFlush);
        }
    }

    pub(super) fn is_wanted(&self, stream: StreamId, event_type: &str) -> bool {
        self.tabs_of(stream)
            .any(|(_, tab)| tab.types.contains_key(event_type))
    }

    fn join(&mut self, now: Instant, id: TabId, hello: &Hello) {
        if self.tabs.contains_key(&id) {
            return;
        }
        self.online = hello.online;
        let key = Key::of(hello);
        let known = self
            .streams
            .iter()
            .find_map(|(&id, stream)| (stream.key == key).then_some(id));
        let stream_id = known.unwrap_or_else(|| self.open_stream(hello));
        let mut tab = Tab {
            stream: stream_id,
            types: Types::new(),
            visible: hello.visible,
            provides_token: hello.provides_token,
            had_no_token: 0,
        };
        tab.set_types(hello.types.clone());
        self.tabs.insert(id, tab);
        self.history
            .note(TransitionKind::TabJoined, stream_id, Some(id));
        self.flush(stream_id);
        let Some(stream) = self.streams.get_mut(&stream_id) else {
            return;
        };
        if let Some(resume) = &hello.resume
            && stream.goes_back_to(resume, hello)
        {
            self.begin_again(now, stream_id, id, resume);
        }
        let Some(stream) = self.streams.get_mut(&stream_id) else {
            return;
        };
        let place = stream.place_of(hello);
        if let Some(token) = &hello.token
            && stream.token.as_ref() != Some(token)
        {
            stream.token = Some(token.clone());
            stream.connection.token_received(now);
        }
        stream.connection.joined(now);
        let gap = hello.resume.as_ref().filter(|_| place.is_none());
        let gap = gap.map(|resume| Gap {
            from_id: resume.last_event_id.clone(),
            // Which of the two is ahead is not known here; the next event tells where it goes on.
            to_id: String::new(),
            reason: GapReason::RelayLog,
        });
        let place = place.unwrap_or_else(|| stream.at_the_end());
        stream.sticky.keep(&hello.sticky, &stream.log);
        if hello.resume.is_none() {
            let last = stream.sticky.before(place.next, &hello.sticky);
            if !last.is_empty() {
                // Ahead of the welcome: with that the tab opens its channel, where later ones come.
                let batch = stream.apart(last);
                self.outputs.push_back(Output::Replay { tab: id, batch });
            }
        }
        let options_differ = *stream.connection.options() != hello.options;
        let welcome = stream.welcome(now, place, options_differ, gap);
        self.send(id, welcome);
        self.obey(now, stream_id);
        self.listen(stream_id);
        self.visibility_changed(now, stream_id);
        self.network_changed(now);
    }

    /// A stream begins another life further back, for the tab that joins. The others learn of it,
    /// and know again what they saw.
    fn begin_again(&mut self, now: Instant, id: StreamId, joining: TabId, place: &Resume) {
        let epoch = self.epoch();
        let Some(stream) = self.streams.get_mut(&id) else {
            return;
        };
        stream.begin_again(place, epoch);
        stream.connection.moved(now);
        let name = stream.channel();
        self.outputs
            .push_back(Output::OpenChannel { stream: id, name });
        let tabs: Vec<TabId> = self.tabs_of(id).map(|(tab, _)| tab).collect();
        for tab in tabs.into_iter().filter(|tab| *tab != joining) {
            if let Some(stream) = self.streams.get(&id) {
                let welcome = stream.welcome(now, stream.at_the_end(), false, None);
                self.send(tab, welcome);
            }
        }
    }

    fn epoch(&mut self) -> String {
        format!("{:016x}", self.random.next())
    }

    fn open_stream(&mut self, hello: &Hello) -> StreamId {
        self.last_stream += 1;
        let id = StreamId(self.last_stream);
        let epoch = self.epoch();
        let random = Random::new(self.random.next());
        let connection = Connection::new(hello.options.clone(), random, self.online);
        let stream = Stream::new(hello, epoch, connection);
        let name = stream.channel();
        self.streams.insert(id, stream);
        self.outputs
            .push_back(Output::OpenChannel { stream: id, name });
        id
    }

    fn leave(&mut self, now: Instant, id: TabId) {
        let Some(tab) = self.tabs.remove(&id) else {
            return;
        };
        self.history
            .note(TransitionKind::TabLeft, tab.stream, Some(id));
        if self.tabs_of(tab.stream).next().is_some() {
            self.ask_another(now, tab.stream, id);
            self.visibility_changed(now, tab.stream);
            return;
        }
        if let Some(stream) = self.streams.get_mut(&tab.stream) {
            stream.connection.stop();
        }
        self.obey(now, tab.stream);
        self.streams.remove(&tab.stream);
        self.outputs
            .push_back(Output::CloseChannel { stream: tab.stream });
    }

    fn tab_said(&mut self, now: Instant, id: TabId, message: ToWorker) {
        let Some(tab) = self.tabs.get_mut(&id) else {
            return;
        };
        let stream_id = tab.stream;
        match message {
            ToWorker::Hello(_) | ToWorker::Held => {}
            ToWorker::Listen { types } => {
                tab.set_types(types);
                self.listen(stream_id);
            }
            ToWorker::Sync => self.beacon(stream_id),
            ToWorker::Want { from, to } => self.replay(id, stream_id, from, to),
            ToWorker::Token { request, token } => self.token_answered(now, id, request, token),
            ToWorker::Visibility { visible } => {
                tab.visible = visible;
                let kind = if visible {
                    TransitionKind::TabShown
                } else {
                    TransitionKind::TabHidden
                };
                self.history.note(kind, stream_id, Some(id));
                self.visibility_changed(now, stream_id);
            }
            ToWorker::Network { online } => {
                self.online = online;
                self.network_changed(now);
            }
            ToWorker::Reconnect => {
                if let Some(stream) = self.streams.get_mut(&stream_id) {
                    stream.connection.reconnect(now);
                }
            }
            ToWorker::Inspect { request } => {
                let snapshot = Box::new(self.snapshot(now, id));
                self.outputs.push_back(Output::Show {
                    tab: id,
                    request,
                    snapshot,
                });
            }
            ToWorker::RefreshToken => self.ask_for_token(now, stream_id, true),
            ToWorker::Leave => self.leave(now, id),
        }
    }

    /// Has the open connection listened to for what it is not yet.
    fn listen(&mut self, id: StreamId) {
        let wanted = self.wanted_types(id);
        let Some(stream) = self.streams.get_mut(&id) else {
            return;
        };
        let Some(serial) = stream.connection.current() else {
            return;
        };
        let connection = ConnectionId { stream: id, serial };
        for (event_type, ()) in wanted {
            if stream.registered.insert(event_type.clone(), ()).is_none() {
                self.outputs.push_back(Output::Listen {
                    connection,
                    event_type,
                });
            }
        }
    }

    /// Tells the tabs of a stream how far it has come.
    fn beacon(&mut self, id: StreamId) {
        self.flush(id);
        if let Some(stream) = self.streams.get(&id) {
            let next = stream.log.next();
            let batch = stream.replay(next, next);
            self.outputs
                .push_back(Output::Broadcast { stream: id, batch });
        }
    }

    fn replay(&mut self, tab: TabId, id: StreamId, from: u64, to: u64) {
        let Some(stream) = self.streams.get(&id) else {
            return;
        };
        let first = stream.log.first();
        let gap = (from < first).then(|| FromWorker::Gap {
            epoch: stream.epoch.to_string(),
            next: first,
            gap: Gap {
                from_id: String::new(),
                to_id: stream
                    .log
                    .oldest()
                    .map_or_else(String::new, |event| event.id.to_string()),
                reason: GapReason::RelayLog,
            },
        });
        let batch: Batch<P> = stream.replay(from, to);
        if let Some(gap) = gap {
            // What the tab was told is lost must not come behind what follows.
            if let Some(stream) = self.streams.get_mut(&id) {
                stream.recent.clear();
            }
            self.send(tab, gap);
        }
        self.outputs.push_back(Output::Replay { tab, batch });
    }

    fn visibility_changed(&mut self, now: Instant, id: StreamId) {
        let visible = self.tabs_of(id).any(|(_, tab)| tab.visible);
        if let Some(stream) = self.streams.get_mut(&id) {
            stream.connection.set_visible(now, visible);
        }
    }

    fn network_changed(&mut self, now: Instant) {
        for (_, stream) in self.streams.iter_mut() {
            stream.connection.set_online(now, self.online);
        }
    }
}
