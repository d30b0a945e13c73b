//! Tickets: good for one stream, and only for a moment.

use std::{
    collections::HashMap,
    sync::Mutex,
    time::{Duration, Instant},
};

use super::token::Valid;
use crate::{error::ApiError, store::lock};

pub(super) const TICKET_LIFETIME: Duration = Duration::from_secs(30);

/// The tickets that were given out and not used.
#[derive(Debug, Default)]
pub(crate) struct Tickets {
    open: Mutex<HashMap<String, (Valid, Instant)>>,
}

impl Tickets {
    pub(super) fn issue(&self, identity: Valid) -> String {
        let ticket = format!("{:032x}", rand::random::<u128>());
        let mut open = lock(&self.open);
        open.insert(ticket.clone(), (identity, Instant::now()));
        ticket
    }

    /// Takes a ticket; it cannot be used again, by whatever came of it.
    pub(super) fn redeem(&self, ticket: &str) -> Result<Valid, ApiError> {
        lock(&self.open)
            .remove(ticket)
            .filter(|(_, since)| since.elapsed() < TICKET_LIFETIME)
            .map(|(identity, _)| identity)
            .ok_or_else(|| {
                ApiError::unauthorized("invalid_ticket", "The ticket was used, or is too old.")
            })
    }

    /// Forgets those that are too old.
    pub(crate) fn tidy(&self) {
        lock(&self.open).retain(|_, (_, since)| since.elapsed() < TICKET_LIFETIME);
    }
}
