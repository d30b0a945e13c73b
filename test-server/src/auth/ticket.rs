//! Tickets: good for one stream, and only for a moment.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use async_nats::jetstream::kv::{Operation, Store as Bucket};
use sha2::{Digest as _, Sha256};

use super::token::Valid;
use crate::{
    cluster::Link,
    error::{ApiError, StartError},
    store::lock,
};

pub(super) const TICKET_LIFETIME: Duration = Duration::from_secs(30);

/// The tickets that were given out and not used.
#[derive(Debug)]
pub(crate) enum Tickets {
    Here(Mutex<HashMap<String, (Valid, Instant)>>),
    /// Of all servers; JetStream forgets them in time.
    Shared(Box<Bucket>),
}

impl Tickets {
    pub(crate) async fn new(link: Option<&Arc<Link>>) -> Result<Self, StartError> {
        match link {
            None => Ok(Self::Here(Mutex::default())),
            Some(link) => {
                let bucket = link.short_lived("tabcast-tickets", TICKET_LIFETIME).await;
                bucket.map(|bucket| Self::Shared(Box::new(bucket)))
            }
        }
    }

    pub(super) async fn issue(&self, identity: Valid) -> Result<String, ApiError> {
        let ticket = format!("{:032x}", rand::random::<u128>());
        match self {
            Self::Here(open) => {
                lock(open).insert(ticket.clone(), (identity, Instant::now()));
            }
            Self::Shared(bucket) => {
                let identity = serde_json::to_vec(&identity).map_err(ApiError::internal)?;
                let put = bucket.put(key(&ticket), identity.into()).await;
                put.map_err(unavailable)?;
            }
        }
        Ok(ticket)
    }

    /// Takes a ticket; it cannot be used again, by whatever came of it.
    pub(super) async fn redeem(&self, ticket: &str) -> Result<Valid, ApiError> {
        let identity = match self {
            Self::Here(open) => lock(open)
                .remove(ticket)
                .filter(|(_, since)| since.elapsed() < TICKET_LIFETIME)
                .map(|(identity, _)| identity),
            Self::Shared(bucket) => take(bucket, ticket).await?,
        };
        identity.ok_or_else(|| {
            ApiError::unauthorized("invalid_ticket", "The ticket was used, or is too old.")
        })
    }

    /// Forgets those that are too old.
    pub(crate) fn tidy(&self) {
        if let Self::Here(open) = self {
            lock(open).retain(|_, (_, since)| since.elapsed() < TICKET_LIFETIME);
        }
    }
}

async fn take(bucket: &Bucket, ticket: &str) -> Result<Option<Valid>, ApiError> {
    let key = key(ticket);
    let entry = bucket.entry(&key).await.map_err(unavailable)?;
    let Some(entry) = entry.filter(|entry| entry.operation == Operation::Put) else {
        return Ok(None);
    };
    // Of several who take it at once, one finds it as it was.
    let taken = bucket.delete_expect_revision(&key, Some(entry.revision));
    if taken.await.is_err() {
        return Ok(None);
    }
    Ok(serde_json::from_slice(&entry.value).ok())
}

// Whoever reads the bucket finds no ticket in it.
fn key(ticket: &str) -> String {
    let digest = Sha256::digest(ticket);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unavailable(cause: impl std::fmt::Display) -> ApiError {
    tracing::debug!(%cause, "tickets cannot be reached");
    ApiError::unavailable("log_unavailable", "The server cannot reach NATS.")
}
