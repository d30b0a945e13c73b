//! What a page is told about its stream: the state, and the reason for it.

use crate::options::Transport;
use serde::Serialize;

/// Where a stream stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReadyState {
    /// No connection is wanted: paused while all tabs are hidden.
    Idle,
    /// A connection is being opened.
    Connecting,
    /// The stream is open.
    Open,
    /// The next attempt has a time.
    Waiting,
    /// Events come by polling while the stream is probed in the background.
    Polling,
    /// The browser has no network.
    Offline,
    /// The server wants a fresh token.
    NeedsAuth,
    /// No attempt will be made until somebody asks for one.
    Closed,
}

/// Why a stream is not plainly open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// The stream opened but nothing came through it.
    Muted,
    /// Data came, and then nothing for longer than the watchdog allows.
    Silent,
    /// An open stream ended or was reset.
    Cut,
    /// No connection could be made.
    Refused,
    /// The connection took too long to open.
    Timeout,
    /// 401 or 403.
    Unauthorized,
    /// 204: the server asks clients to stop.
    ServerClosed,
    /// A 4xx that a new attempt will not change.
    Rejected,
    /// 408, 425, 429 or 5xx.
    Unavailable,
    /// The response is no `text/event-stream`.
    WrongContentType,
    /// A line or an event exceeds the limit.
    TooLarge,
    /// The browser reports no network.
    Offline,
    /// The machine slept; the stream is made anew.
    Woke,
    /// All tabs are hidden.
    Hidden,
    /// A newer connection of the same user took this one's place.
    Superseded,
    /// The limit of attempts is reached.
    Exhausted,
    /// A page asked for a new connection.
    Requested,
}

impl Reason {
    /// What a developer can do about it, in a sentence.
    #[must_use]
    pub fn advice(self) -> &'static str {
        match self {
            Self::Muted => {
                "The stream opened but no event came through: a proxy is probably buffering it. nginx: set `proxy_buffering off;` and `proxy_read_timeout 1h;`, or answer with `X-Accel-Buffering: no`. Cloudflare: answer with `Cache-Control: no-store, no-transform` and exclude the path from compression and caching rules."
            }
            Self::Silent => {
                "No event came for longer than `watchdog.silence`: have the server send a `ping` event more often than that, and check the proxy's idle time-out."
            }
            Self::Cut => {
                "The open stream ended: the server restarted, or a proxy ended it (nginx: `proxy_read_timeout`)."
            }
            Self::Refused => {
                "No connection could be made: check that the server runs, the URL, and the CORS headers of its answer."
            }
            Self::Timeout => {
                "The server did not answer within `connectTimeout`: check its load, and that no proxy holds back the response's head."
            }
            Self::Unauthorized => {
                "The server answered 401 or 403: give `token` as a function that returns a fresh one, or sign in again."
            }
            Self::ServerClosed => {
                "The server answered 204, which asks clients to stop; `reconnect()` tries again."
            }
            Self::Rejected => {
                "The server refused the request for good: check the URL and the parameters; `reconnect()` tries again."
            }
            Self::Unavailable => {
                "The server is overloaded or failing; the stream is tried again with growing waits."
            }
            Self::WrongContentType => {
                "The response is no `text/event-stream`: check the URL, and that no login page or proxy error page answers in the server's place."
            }
            Self::TooLarge => {
                "A line or an event is larger than 16 MiB: send a reference to the data instead of the data."
            }
            Self::Offline => "The browser has no network; the stream resumes when it is back.",
            Self::Woke => {
                "The machine slept or changed networks; the stream is opened anew and resumes."
            }
            Self::Hidden => {
                "All tabs are hidden (`pauseWhenHidden`); the stream resumes when one is shown."
            }
            Self::Superseded => {
                "A newer connection of this user took this one's place; `reconnect()` or showing a tab brings it back."
            }
            Self::Exhausted => {
                "`backoff.maxAttempts` attempts in a row failed; `reconnect()` tries again."
            }
            Self::Requested => "A page asked for a new connection.",
        }
    }
}

/// A stream's status as it is sent to pages.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// Where the stream stands.
    pub state: ReadyState,
    /// How many attempts in a row have failed.
    pub attempt: u32,
    /// Milliseconds until the next attempt, where one has a time.
    pub retry_in: Option<u64>,
    /// Why the stream is not plainly open.
    pub reason: Option<Reason>,
    /// The HTTP status that is behind the reason, where there was one.
    pub http_status: Option<u16>,
    /// What can be done about the reason.
    pub advice: Option<&'static str>,
    /// How the stream is read.
    pub transport: Transport,
    /// The last event ID.
    pub last_event_id: String,
}
