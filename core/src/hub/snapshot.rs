//! What a tab is shown of the whole worker. Nothing in it is a secret: of URLs no query and no
//! user, and of what belongs to other identities no more than state and figures.

use super::counters::Counters;
use super::history::Transition;
use super::stream::Stream;
use super::{Hub, StreamId, Tab, TabId};
use crate::connection::{Mark, Timer};
use crate::status::Status;
use crate::time::Instant;
use std::rc::Rc;

/// No more streams, and no more tabs, than this are shown.
const MAX_SHOWN: usize = 256;
/// No more event types of one tab than this are shown.
const MAX_TYPES_SHOWN: usize = 64;

/// The hub at one moment, as one of its tabs may see it.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// The moment.
    pub at: Instant,
    /// The streams, the oldest first.
    pub streams: Vec<StreamSnapshot>,
    /// The tabs, the oldest first.
    pub tabs: Vec<TabSnapshot>,
    /// The last 200 transitions, the oldest first.
    pub transitions: Vec<Transition>,
}

/// A stream in a [`Snapshot`].
#[derive(Clone, Debug, PartialEq)]
pub struct StreamSnapshot {
    /// The stream.
    pub id: StreamId,
    /// Whether it belongs to the identity that looks.
    pub own: bool,
    /// Its URL without user and query; of another identity's stream the origin alone.
    pub url: String,
    /// Where it stands; without the last event ID where it is another identity's.
    pub status: Status,
    /// What it waits for, and until when.
    pub timers: Vec<(Timer, Instant)>,
    /// How many events the relay log keeps.
    pub kept: u64,
    /// What it has counted.
    pub counters: Counters,
}

/// A tab in a [`Snapshot`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TabSnapshot {
    /// The tab.
    pub id: TabId,
    /// Its stream.
    pub stream: StreamId,
    /// Whether it is visible.
    pub visible: bool,
    /// Whether it can give a fresh token.
    pub provides_token: bool,
    /// What it listens for, as far as it is of the identity that looks.
    pub types: Vec<Rc<str>>,
}

impl<P: Clone + Default + PartialEq> Hub<P> {
    /// What `viewer` may see of everything at `now`; nothing for a tab that is gone.
    #[must_use]
    pub fn snapshot(&self, now: Instant, viewer: TabId) -> Snapshot {
        let mut shown = Snapshot {
            at: now,
            streams: Vec::new(),
            tabs: Vec::new(),
            transitions: Vec::new(),
        };
        let viewers = self.tabs.get(&viewer).map(|tab| tab.stream);
        let Some(viewers) = viewers.and_then(|id| self.streams.get(&id)) else {
            return shown;
        };
        let is_own = |stream: &Stream<P>| stream.key.identity() == viewers.key.identity();
        for (&id, stream) in self.streams.iter().take(MAX_SHOWN) {
            let own = is_own(stream);
            shown.streams.push(stream.snapshot(now, id, own));
        }
        for (&id, tab) in self.tabs.iter().take(MAX_SHOWN) {
            let own = self.streams.get(&tab.stream).is_some_and(is_own);
            shown.tabs.push(tab.snapshot(id, own));
        }
        shown.transitions = self.history.to_vec();
        shown
    }
}

impl<P: Clone + Default + PartialEq> Stream<P> {
    fn snapshot(&self, now: Instant, id: StreamId, own: bool) -> StreamSnapshot {
        let mut status = self.status(now);
        if !own {
            status.last_event_id.clear();
        }
        StreamSnapshot {
            id,
            own,
            url: shown_url(self.key.url(), own),
            status,
            timers: self.connection.timers(),
            kept: self.log.next() - self.log.first(),
            counters: self.counters.clone(),
        }
    }
}

impl Tab {
    /// A mark is asked for as an event type is, and is none.
    fn listened_for(&self) -> impl Iterator<Item = &Rc<str>> {
        self.types.keys().filter(|name| !Mark::is_type(name))
    }

    fn snapshot(&self, id: TabId, own: bool) -> TabSnapshot {
        let shown = if own { MAX_TYPES_SHOWN } else { 0 };
        TabSnapshot {
            id,
            stream: self.stream,
            visible: self.visible,
            provides_token: self.provides_token,
            types: self.listened_for().take(shown).cloned().collect(),
        }
    }
}

/// An absolute URL without what may be secret: user and query always, the path unless `with_path`.
/// (By bytes: `str`'s own searching would be the largest part of all this in WebAssembly.)
fn shown_url(url: &str, with_path: bool) -> String {
    let bytes = url.as_bytes();
    let find = |from: usize, any_of: &[u8]| {
        let mut at = from;
        while at < bytes.len() && !any_of.contains(&bytes[at]) {
            at += 1;
        }
        at
    };
    let authority = (find(0, b"/") + 2).min(bytes.len());
    let path = find(authority, b"/?#");
    let mut host = authority;
    loop {
        let at = find(host, b"@");
        if at >= path {
            break;
        }
        host = at + 1;
    }
    let end = if with_path { find(path, b"?#") } else { path };
    let mut shown = String::new();
    for part in [url.get(..authority), url.get(host..end)] {
        shown.push_str(part.unwrap_or_default());
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::shown_url;

    #[test]
    fn a_shown_url_has_no_user_and_no_query() {
        for (url, whole, origin) in [
            (
                "https://ann:pw@a.test:1/e/7?access_token=s#f",
                "https://a.test:1/e/7",
                "https://a.test:1",
            ),
            (
                "http://a.test?ticket=s@b/c",
                "http://a.test",
                "http://a.test",
            ),
            ("http://a.test/x@y", "http://a.test/x@y", "http://a.test"),
            ("http://u:p@w@a.test/", "http://a.test/", "http://a.test"),
        ] {
            assert_eq!(shown_url(url, true), whole);
            assert_eq!(shown_url(url, false), origin);
        }
    }
}
