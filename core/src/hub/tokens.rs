//! Fresh tokens live in pages: one live tab is asked, another where that one goes away or has none,
//! never two at once.

use super::history::TransitionKind;
use super::{Hub, StreamId, TabId};
use crate::messages::FromWorker;
use crate::time::Instant;

/// A token request that waits for its answer.
#[derive(Debug)]
pub(super) struct Asked {
    request: u64,
    /// The first request of those that ask one tab after the other for the same token.
    first: u64,
    pub(super) tab: TabId,
    /// Connect anew with the answer, even where the stream is open.
    reconnect: bool,
}

impl<P: Clone + Default + PartialEq> Hub<P> {
    pub(super) fn ask_for_token(&mut self, now: Instant, id: StreamId, reconnect: bool) {
        self.ask_since(self.last_request + 1, now, id, reconnect);
    }

    /// Asks a tab that has not been without one since the request `first`.
    fn ask_since(&mut self, first: u64, now: Instant, id: StreamId, reconnect: bool) {
        let silent = self
            .streams
            .get(&id)
            .and_then(|stream| stream.asked.as_ref())
            .map(|asked| asked.tab);
        let tab = self
            .tabs_of(id)
            .filter(|(_, tab)| tab.provides_token && tab.had_no_token < first)
            // One that left a request unanswered is asked last, one that is visible first.
            .min_by_key(|(tab_id, tab)| (Some(*tab_id) == silent, !tab.visible))
            .map(|(tab_id, _)| tab_id);
        self.last_request += 1;
        let request = self.last_request;
        let Some(stream) = self.streams.get_mut(&id) else {
            return;
        };
        let Some(tab) = tab else {
            stream.asked = None;
            stream.connection.token_unavailable(now);
            return;
        };
        stream.asked = Some(Asked {
            request,
            first,
            tab,
            reconnect,
        });
        self.send(tab, FromWorker::TokenRequest { request });
    }

    pub(super) fn token_answered(
        &mut self,
        now: Instant,
        tab: TabId,
        request: u64,
        token: Option<String>,
    ) {
        let Some(id) = self.tabs.get(&tab).map(|tab| tab.stream) else {
            return;
        };
        let Some(stream) = self.streams.get_mut(&id) else {
            return;
        };
        let Some(asked) = stream
            .asked
            .take_if(|asked| asked.request == request && asked.tab == tab)
        else {
            return;
        };
        let Some(token) = token else {
            if let Some(tab) = self.tabs.get_mut(&tab) {
                tab.had_no_token = request;
            }
            self.ask_since(asked.first, now, id, asked.reconnect);
            return;
        };
        stream.token = Some(token);
        self.history.note(TransitionKind::TokenGiven, id, Some(tab));
        if asked.reconnect {
            stream.connection.reconnect(now);
        } else {
            stream.connection.token_received(now);
        }
    }

    /// The asked tab is gone: another one is asked the same.
    pub(super) fn ask_another(&mut self, now: Instant, id: StreamId, gone: TabId) {
        let Some(stream) = self.streams.get_mut(&id) else {
            return;
        };
        if let Some(asked) = stream.asked.take_if(|asked| asked.tab == gone) {
            self.ask_since(asked.first, now, id, asked.reconnect);
        }
    }
}
