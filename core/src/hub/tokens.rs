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
    pub(super) tab: TabId,
    /// The tabs that were asked before it and had none: a page that is being left, for example, has
    /// its requests broken off.
    had_none: Vec<TabId>,
    /// Connect anew with the answer, even where the stream is open.
    reconnect: bool,
}

impl<P: Clone + Default + PartialEq> Hub<P> {
    pub(super) fn ask_for_token(&mut self, now: Instant, id: StreamId, reconnect: bool) {
        self.ask_but(Vec::new(), now, id, reconnect);
    }

    fn ask_but(&mut self, had_none: Vec<TabId>, now: Instant, id: StreamId, reconnect: bool) {
        let silent = self
            .streams
            .get(&id)
            .and_then(|stream| stream.asked.as_ref())
            .map(|asked| asked.tab);
        let tab = self
            .tabs_of(id)
            .filter(|(tab_id, tab)| tab.provides_token && !had_none.contains(tab_id))
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
            tab,
            had_none,
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
        let Some(mut asked) = stream
            .asked
            .take_if(|asked| asked.request == request && asked.tab == tab)
        else {
            return;
        };
        let Some(token) = token else {
            asked.had_none.push(tab);
            self.ask_but(asked.had_none, now, id, asked.reconnect);
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
            self.ask_but(asked.had_none, now, id, asked.reconnect);
        }
    }
}
