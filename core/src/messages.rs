//! What pages and the worker say to each other over a tab's port. Their TypeScript twins are in
//! `worker/messages.ts`. Batches of events travel apart, encoded by the shell.

use crate::options::Options;
use crate::status::Status;
use serde::{Deserialize, Serialize};

/// The protocol's version, part of the worker's name: pages of another version have another
/// worker.
pub const PROTOCOL: u32 = 1;

/// A page's first message, or its first after it was away (back/forward cache).
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Hello {
    /// The name of the Web Lock that the tab holds, or will: it says so with [`ToWorker::Held`]. The
    /// lock is freed when the tab ends. Empty where tab and runtime are one page and end together.
    pub lock: String,
    /// The absolute URL of the event stream.
    pub url: String,
    /// Whose stream it is: a digest, never a token.
    pub identity: String,
    /// The options, as the page has checked them.
    pub options: Options,
    /// The token to start with.
    #[serde(default)]
    pub token: Option<String>,
    /// Whether the page can give a fresh token when asked.
    #[serde(default)]
    pub provides_token: bool,
    /// The browser's client id, the same in all tabs; empty for none.
    #[serde(default)]
    pub client_id: String,
    /// The event types that the tab listens for; `*` for all.
    pub types: Vec<String>,
    /// Whether the tab is visible.
    pub visible: bool,
    /// Whether the browser has a network, as the page knows.
    pub online: bool,
    /// Where the tab left off.
    #[serde(default)]
    pub resume: Option<Resume>,
    /// How many of the latest events that the tab listens for it wants, where it begins.
    #[serde(default)]
    pub replay: u32,
    /// The event types of which the tab wants the last event, where it begins.
    #[serde(default)]
    pub sticky: Vec<String>,
}

/// A tab's mirror of the cursor.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Resume {
    /// The life of the stream that `next` belongs to.
    pub epoch: String,
    /// The sequence number that the tab waits for.
    pub next: u64,
    /// The last event ID that the tab saw; empty for none.
    pub last_event_id: String,
    /// The IDs of the events that it saw lately, in the server's order.
    #[serde(default)]
    pub recent: Vec<String>,
}

/// A message from a page: `{"listen": {"types": [...]}}`, or `"sync"` where there is nothing more
/// to say. (A `type` member, as in [`FromWorker`], would have serde buffer each message, at a
/// fifth of the WebAssembly's size.)
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum ToWorker {
    /// The tab joins.
    Hello(Box<Hello>),
    /// The tab holds its lock.
    Held,
    /// All the event types that the tab now listens for.
    Listen {
        /// The types; `*` for all.
        types: Vec<String>,
    },
    /// The tab listens on the channel and wants to know how far the stream is.
    Sync,
    /// The tab lacks the events from `from` up to, not including, `to`.
    Want {
        /// The first sequence number lacking.
        from: u64,
        /// The first sequence number not lacking.
        to: u64,
    },
    /// The answer to a token request; no token where the page could not get one.
    Token {
        /// The request's number.
        request: u64,
        /// The token.
        #[serde(default)]
        token: Option<String>,
    },
    /// The tab was shown or hidden.
    Visibility {
        /// Whether it is visible now.
        visible: bool,
    },
    /// The browser's network came or went.
    Network {
        /// Whether it is there now.
        online: bool,
    },
    /// Open a new connection now.
    Reconnect,
    /// Show the tab what there is in the worker.
    Inspect {
        /// To be repeated in the answer.
        request: u64,
    },
    /// Ask for a fresh token, and connect with it.
    RefreshToken,
    /// The tab leaves.
    Leave,
}

/// A message to one page.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(
    tag = "type",
    rename_all = "kebab-case",
    rename_all_fields = "camelCase"
)]
pub enum FromWorker {
    /// The tab has joined, or the stream has begun another life.
    Welcome {
        /// This life of the stream.
        epoch: String,
        /// The sequence number of the first event that is this tab's to see.
        next: u64,
        /// The BroadcastChannel that batches come over.
        channel: String,
        /// The stream's status.
        status: Status,
        /// Whether the stream runs with other options than this tab asked for.
        options_differ: bool,
        /// The IDs of the latest events before `next`, the oldest first. None of them is for the
        /// tab, should the stream go back to them. Empty where the tab keeps its place.
        recent: Vec<String>,
        /// Where what the tab lacks is not known. In the welcome itself: over the channel the
        /// next event may overtake any further message.
        gap: Option<Gap>,
    },
    /// The status changed.
    Status {
        /// The new status.
        status: Status,
    },
    /// Events that the tab lacks cannot be had back.
    Gap {
        /// The life of the stream that `next` belongs to.
        epoch: String,
        /// The sequence number to go on from.
        next: u64,
        /// What is lost.
        gap: Gap,
    },
    /// Give a fresh token.
    TokenRequest {
        /// To be repeated in the answer.
        request: u64,
    },
}

/// A stretch of events that is lost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Gap {
    /// The last event ID before it; empty where unknown.
    pub from_id: String,
    /// The event ID of the first event after it; empty where unknown.
    pub to_id: String,
    /// Why.
    pub reason: GapReason,
}

/// Why events cannot be had back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum GapReason {
    /// The worker's relay log no longer reaches that far.
    RelayLog,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{from_value, json};
    use std::time::Duration;

    #[test]
    fn a_hello_with_nothing_optional_takes_the_defaults() {
        let hello = json!({
            "lock": "l", "url": "http://a/events", "identity": "i",
            "options": {}, "types": ["message"], "visible": true, "online": true,
        });
        let hello = json!({ "hello": hello });
        let ToWorker::Hello(hello) = from_value(hello).expect("a well-formed hello") else {
            panic!("not a hello");
        };
        assert_eq!(hello.options, Options::default());
        assert_eq!(hello.resume, None);
    }

    #[test]
    fn options_cross_as_milliseconds() {
        let options: Options = from_value(json!({
            "backoff": {"base": 10, "maxAttempts": 3},
            "watchdog": {"silence": 1500.5},
            "poll": {"url": "http://a/poll"},
            "pauseWhenHidden": 2000,
            "transport": "fetch",
        }))
        .expect("well-formed options");
        assert_eq!(options.backoff.base, Duration::from_millis(10));
        assert_eq!(options.backoff.max_attempts, Some(3));
        assert_eq!(options.backoff.cap, Duration::from_secs(30));
        assert_eq!(options.watchdog.silence, Duration::from_micros(1_500_500));
        let poll = options.poll.expect("a poll");
        assert_eq!(poll.interval, Duration::from_secs(5));
        assert_eq!(options.pause_when_hidden, Some(Duration::from_secs(2)));
    }

    #[test]
    fn what_is_malformed_is_an_error_and_not_a_panic() {
        for bad in [
            json!(null),
            json!(1),
            json!({}),
            json!("no-such"),
            json!({"no-such": {}}),
            json!({"want": {"from": -1, "to": 2}}),
            json!({"want": {"from": "1", "to": 2}}),
            json!({"hello": {}}),
            json!("hello"),
            json!({"listen": {"types": [1]}}),
            json!({"visibility": {}}),
            json!({"want": {"from": 1, "to": 2}, "leave": {}}),
        ] {
            assert!(from_value::<ToWorker>(bad.clone()).is_err(), "{bad}");
        }
        for bad in [json!(-1), json!(1e300), json!("1s")] {
            assert!(from_value::<Options>(json!({"connectTimeout": bad})).is_err());
        }
    }
}
