//! What there is in NATS: the connection, the stream and the buckets.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use async_nats::{
    Client, ConnectOptions, Event,
    jetstream::{
        Context,
        kv::Store as Bucket,
        stream::{self, DiscardPolicy, StorageType, Stream},
    },
};
use sha2::{Digest as _, Sha256};
use tokio::sync::watch;

use crate::{config::Config, error::StartError, metrics::Metrics};

/// The stream of all changes.
pub(super) const STREAM: &str = "TABCAST";
/// What servers write there.
pub(super) const COMMANDS: &str = "tabcast.commands";
/// What other programs write there.
pub(super) const INBOUND: &str = "fechatter.realtime.>";
/// Bytes of the stream; the oldest changes go first, see `snapshot`.
const MAX_BYTES: i64 = 1 << 30;

/// Connects, and keeps `state` true from then on.
pub(super) async fn dial(
    url: &str,
    state: watch::Sender<Option<Instant>>,
    metrics: &Arc<Metrics>,
) -> Result<Client, async_nats::ConnectError> {
    let metrics = metrics.clone();
    let state = Arc::new(state);
    ConnectOptions::new()
        .name("tabcast-server")
        .connection_timeout(Duration::from_secs(5))
        .ping_interval(Duration::from_secs(5))
        .reconnect_delay_callback(|tries| {
            Duration::from_millis(u64::try_from(tries).unwrap_or(u64::MAX).saturating_mul(50))
                .min(Duration::from_secs(1))
        })
        .event_callback(move |event| {
            match event {
                Event::Connected => {
                    state.send_replace(Some(Instant::now()));
                    metrics.log_connected.set(1);
                    tracing::info!("NATS is there");
                }
                Event::Disconnected | Event::Closed => {
                    state.send_replace(None);
                    metrics.log_connected.set(0);
                    tracing::warn!("NATS is away");
                }
                other => tracing::debug!(%other, "NATS"),
            }
            std::future::ready(())
        })
        .connect(url.split(',').collect::<Vec<_>>())
        .await
}

/// What an operator has changed of it stays, except for how long it is kept.
pub(super) async fn stream(jetstream: &Context, config: &Config) -> Result<Stream, StartError> {
    let wanted = stream::Config {
        name: STREAM.into(),
        subjects: vec![COMMANDS.into(), INBOUND.into()],
        max_age: config.retention,
        max_bytes: MAX_BYTES,
        ..stream::Config::default()
    };
    let fail = |error: &dyn std::fmt::Display| broken("cannot make the JetStream stream", error);
    let stream = jetstream
        .get_or_create_stream(wanted)
        .await
        .map_err(|error| fail(&error))?;
    let mut found = stream.cached_info().config.clone();
    if found.max_age == config.retention {
        return Ok(stream);
    }
    found.max_age = config.retention;
    jetstream
        .update_stream(found)
        .await
        .map_err(|error| fail(&error))?;
    jetstream
        .get_stream(STREAM)
        .await
        .map_err(|error| fail(&error))
}

/// A key-value bucket, as it is laid out for all clients:
/// <https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-8.md>
///
/// The client's own way to make one cannot read what NATS 2.9 says of an account.
pub(super) async fn bucket(
    jetstream: &Context,
    name: &str,
    (max_age, storage): (Duration, StorageType),
) -> Result<Bucket, StartError> {
    let wanted = stream::Config {
        name: format!("KV_{name}"),
        subjects: vec![format!("$KV.{name}.>")],
        max_messages_per_subject: 1,
        max_age,
        storage,
        discard: DiscardPolicy::New,
        allow_rollup: true,
        deny_delete: true,
        // What was just put is to be found, so no replica may answer.
        allow_direct: false,
        ..stream::Config::default()
    };
    let fail = |error: &dyn std::fmt::Display| broken("cannot make a JetStream bucket", error);
    jetstream
        .get_or_create_stream(wanted)
        .await
        .map_err(|error| fail(&error))?;
    let bucket = jetstream.get_key_value(name).await;
    bucket.map_err(|error| fail(&error))
}

/// Names a stream; one that was deleted and made anew has another name.
pub(super) fn epoch(info: &stream::Info) -> String {
    let created = info.created.unix_timestamp_nanos().to_be_bytes();
    let digest = Sha256::digest(created);
    digest
        .iter()
        .take(4)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

pub(super) fn broken(what: &str, cause: impl std::fmt::Display) -> StartError {
    StartError::Log(format!("{what}: {cause}"))
}
