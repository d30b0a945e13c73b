//! What a page asks of its stream, with the documented defaults.

use crate::time::millis;
use serde::Deserialize;
use std::time::Duration;

/// The options of one stream. The page validates them and says what is wrong in the user's
/// words; here they are only read. Durations cross as milliseconds.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Options {
    /// How the event stream is read.
    pub transport: Transport,
    /// Whether cookies travel with requests to another origin.
    pub with_credentials: bool,
    /// Whether the connection behaves as the standard says of an `EventSource`, in place of
    /// Tabcast's own rules: what those would have read (backoff, time-outs, polls) is not.
    pub standard: bool,
    /// The last event ID to start from where no tab brings a cursor; empty for none.
    pub last_event_id: String,
    /// How long to wait before each new attempt.
    pub backoff: Backoff,
    /// How long a connection may take to open.
    #[serde(deserialize_with = "millis::deserialize")]
    pub connect_timeout: Duration,
    /// How long an open stream may be mute.
    pub watchdog: Watchdog,
    /// Where to poll while the stream is mute; none: reconnect instead.
    pub poll: Option<Poll>,
    /// How long all tabs may be hidden before the stream is paused; none: for ever.
    #[serde(deserialize_with = "millis::optional::deserialize")]
    pub pause_when_hidden: Option<Duration>,
    /// Request headers, names and values by turns (`fetch` transport only).
    pub headers: Vec<String>,
    /// Request method (`fetch` transport only).
    pub method: String,
    /// Request body (`fetch` transport only).
    pub body: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            transport: Transport::default(),
            with_credentials: false,
            standard: false,
            last_event_id: String::new(),
            backoff: Backoff::default(),
            connect_timeout: Duration::from_secs(10),
            watchdog: Watchdog::default(),
            poll: None,
            pause_when_hidden: None,
            headers: Vec::new(),
            method: "GET".to_owned(),
            body: None,
        }
    }
}

/// How the event stream is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    /// The browser's own `EventSource`.
    #[default]
    EventSource,
    /// A streaming `fetch`, read by [`crate::parser`].
    Fetch,
}

/// Exponential backoff with jitter ("Exponential Backoff And Jitter", AWS Architecture Blog,
/// 2015). Before attempt `n` (from 1) the ceiling is `min(cap, base * factor^(n - 1))`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Backoff {
    /// The first ceiling.
    #[serde(deserialize_with = "millis::deserialize")]
    pub base: Duration,
    /// What each ceiling is of the one before, at least 1.
    pub factor: f64,
    /// The highest ceiling.
    #[serde(deserialize_with = "millis::deserialize")]
    pub cap: Duration,
    /// The share of the ceiling that is left to chance, from 0 (none) to 1 (full jitter).
    pub jitter: f64,
    /// How long a stream must have been open, with data, for the count to start anew.
    #[serde(deserialize_with = "millis::deserialize")]
    pub reset_after: Duration,
    /// How many attempts in a row may fail after the first; none: no limit.
    pub max_attempts: Option<u32>,
}

impl Default for Backoff {
    fn default() -> Self {
        Self {
            base: Duration::from_secs(1),
            factor: 2.0,
            cap: Duration::from_secs(30),
            jitter: 1.0,
            reset_after: Duration::from_secs(10),
            max_attempts: None,
        }
    }
}

impl Backoff {
    /// The wait before attempt `attempt` (from 1), for a `chance` in `[0, 1)`, never under
    /// `floor`.
    pub(crate) fn delay(&self, attempt: u32, chance: f64, floor: Duration) -> Duration {
        let exponent = attempt.saturating_sub(1).min(1_000);
        let grown = self.base.as_secs_f64() * self.factor.max(1.0).powi(exponent.cast_signed());
        let ceiling = grown.min(self.cap.as_secs_f64());
        let steady = ceiling * (1.0 - self.jitter.clamp(0.0, 1.0));
        let low = steady.max(floor.as_secs_f64());
        let high = ceiling.max(low);
        Duration::from_secs_f64(low + chance * (high - low))
    }
}

/// How long an open stream may stay without data.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Watchdog {
    /// From opening to the first event (on `fetch`: the first byte).
    #[serde(deserialize_with = "millis::deserialize")]
    pub first_data: Duration,
    /// From one event (on `fetch`: byte) to the next.
    #[serde(deserialize_with = "millis::deserialize")]
    pub silence: Duration,
}

impl Default for Watchdog {
    fn default() -> Self {
        Self {
            first_data: Duration::from_secs(15),
            // 2.5 heartbeats of 30 s.
            silence: Duration::from_secs(75),
        }
    }
}

/// Where events are fetched from while the stream is mute.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Poll {
    /// The absolute URL to poll; the last event ID is added as `last_event_id`.
    pub url: String,
    /// From the end of one poll to the next.
    #[serde(
        default = "Poll::default_interval",
        deserialize_with = "millis::deserialize"
    )]
    pub interval: Duration,
}

impl Poll {
    fn default_interval() -> Duration {
        Duration::from_secs(5)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NO_FLOOR: Duration = Duration::ZERO;

    #[test]
    fn full_jitter_is_uniform_up_to_a_ceiling_that_doubles_to_the_cap() {
        let backoff = Backoff::default();
        let ceilings: Vec<u64> = (1..=7)
            .map(|attempt| backoff.delay(attempt, 1.0, NO_FLOOR).as_secs())
            .collect();
        assert_eq!(ceilings, [1, 2, 4, 8, 16, 30, 30]);
        assert_eq!(backoff.delay(5, 0.0, NO_FLOOR), Duration::ZERO);
        assert_eq!(backoff.delay(5, 0.5, NO_FLOOR), Duration::from_secs(8));
        assert_eq!(backoff.delay(u32::MAX, 1.0, NO_FLOOR).as_secs(), 30);
    }

    #[test]
    fn a_floor_holds_whatever_chance_says() {
        let backoff = Backoff::default();
        let floor = Duration::from_secs(3);
        assert_eq!(backoff.delay(1, 0.0, floor), floor);
        assert_eq!(backoff.delay(1, 0.99, floor), floor);
        assert_eq!(backoff.delay(4, 0.0, floor), floor);
        assert_eq!(backoff.delay(4, 1.0, floor), Duration::from_secs(8));
    }

    #[test]
    fn without_jitter_the_ceiling_is_the_wait() {
        let backoff = Backoff {
            jitter: 0.0,
            ..Backoff::default()
        };
        assert_eq!(backoff.delay(3, 0.0, NO_FLOOR), Duration::from_secs(4));
    }
}
