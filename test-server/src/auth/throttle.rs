//! Guessing passwords is slow: after some wrong ones an address must wait.

use std::{
    collections::HashMap,
    sync::Mutex,
    time::{Duration, Instant},
};

use axum::http::StatusCode;

use crate::{error::ApiError, store::lock};

const FAILURES: u32 = 10;
const WINDOW: Duration = Duration::from_secs(60);
/// Addresses remembered at once. Above it all are forgotten, so that a
/// flood of made-up addresses costs no memory.
const ADDRESSES: usize = 10_000;

/// Failed logins, by address. Right ones are never counted.
#[derive(Debug, Default)]
pub(crate) struct Throttle {
    failures: Mutex<HashMap<String, (u32, Instant)>>,
}

impl Throttle {
    pub(super) fn check(&self, address: &str) -> Result<(), ApiError> {
        let failures = lock(&self.failures);
        let Some((count, since)) = failures.get(address) else {
            return Ok(());
        };
        let left = WINDOW.saturating_sub(since.elapsed());
        if *count < FAILURES || left.is_zero() {
            return Ok(());
        }
        let mut error = ApiError::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too_many_logins",
            "Too many failed logins; try again later.",
        );
        error.retry_after = Some(left.as_secs() + 1);
        Err(error)
    }

    pub(super) fn failed(&self, address: String) {
        let mut failures = lock(&self.failures);
        if failures.len() >= ADDRESSES {
            failures.retain(|_, (_, since)| since.elapsed() < WINDOW);
        }
        if failures.len() >= ADDRESSES {
            failures.clear();
        }
        let entry = failures.entry(address).or_insert((0, Instant::now()));
        if entry.1.elapsed() >= WINDOW {
            *entry = (0, Instant::now());
        }
        entry.0 += 1;
    }
}
