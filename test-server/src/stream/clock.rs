//! When something is due in a stream by itself: one timer for all of it.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::time::{Instant, Sleep, sleep_until};

use crate::{clock::Millis, config::Config};

/// For what is due in more than a year: the timer cannot wait for ever.
const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// What is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// The token is no longer valid.
    Expiry,
    /// The stream has lived long enough.
    Lifetime,
    Heartbeat,
}

/// The times of a stream.
#[derive(Debug)]
pub(super) struct Clock {
    expiry: Instant,
    lifetime: Instant,
    heartbeat: Instant,
    every: Duration,
    timer: Pin<Box<Sleep>>,
}

impl Clock {
    pub(super) fn start(config: &Config, expires: Millis) -> Self {
        let now = Instant::now();
        let longest = config.max_lifetime.min(YEAR);
        let mut clock = Self {
            expiry: now + expires.until().min(YEAR),
            lifetime: now + longest.mul_f64(rand::random_range(0.8..1.0)),
            heartbeat: now + config.heartbeat.min(YEAR),
            every: config.heartbeat.min(YEAR),
            timer: Box::pin(sleep_until(now)),
        };
        clock.set();
        clock
    }

    /// What is due first comes first. A lifetime is due once, a heartbeat again
    /// and again, counted from the last.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Due> {
        ready!(self.timer.as_mut().poll(cx));
        let now = Instant::now();
        let due = if self.expiry <= now {
            Due::Expiry
        } else if self.lifetime <= now {
            self.lifetime = now + YEAR;
            Due::Lifetime
        } else {
            self.heartbeat = now + self.every;
            Due::Heartbeat
        };
        self.set();
        Poll::Ready(due)
    }

    fn set(&mut self) {
        let next = self.expiry.min(self.lifetime).min(self.heartbeat);
        self.timer.as_mut().reset(next);
    }
}
