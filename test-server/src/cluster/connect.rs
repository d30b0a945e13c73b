//! The connection to NATS, and the streams and buckets there.

use std::{
    fs, io,
    sync::Arc,
    time::{Duration, Instant},
};

use async_nats::{
    Client, ConnectOptions, Event,
    jetstream::{
        self, Context,
        kv::Store as Bucket,
        stream::{self, DiscardPolicy, StorageType, Stream},
    },
};
use sha2::{Digest as _, Sha256};
use tokio::{
    sync::{mpsc, watch},
    time::{sleep, timeout},
};

use super::{pending::Pending, unavailable};
use crate::{
    config::Config,
    conn::ConnId,
    error::{ApiError, StartError},
    metrics::Metrics,
};

/// The stream of all changes.
pub(super) const STREAM: &str = "TABCAST";
/// What servers write there.
pub(super) const COMMANDS: &str = "tabcast.commands";
/// What other programs write there.
pub(super) const INBOUND: &str = "fechatter.realtime.>";
/// Where what lasts and is small is kept.
const BUCKET: &str = "tabcast";
/// Bytes of the stream; the oldest changes go first, see `snapshot`.
const MAX_BYTES: i64 = 1 << 30;
/// No change is longer; NATS lets a message have 1 MiB unless told otherwise.
const LONGEST: usize = 600 << 10;

/// An answer to a question to NATS takes no longer.
const ANSWER: Duration = Duration::from_secs(2);
/// How long a request waits for this server to catch up.
const CATCH_UP: Duration = Duration::from_secs(2);

/// The log that several servers share.
#[derive(Debug)]
pub(crate) struct Link {
    pub(super) client: Client,
    pub(super) jetstream: Context,
    pub(super) pending: Pending,
    pub(super) metrics: Arc<Metrics>,
    pub(crate) ended: mpsc::UnboundedSender<ConnId>,
    pub(super) bucket: Bucket,
    /// Since when NATS is there; none while it is not.
    pub(super) connected: watch::Receiver<Option<Instant>>,
    /// Whether changes arrive.
    pub(super) following: watch::Sender<bool>,
    /// Up to here all was done here.
    pub(crate) applied: watch::Sender<u64>,
    server: Arc<str>,
    epoch: Arc<str>,
}

impl Link {
    /// Connects, and makes what is missing there.
    pub(crate) async fn connect(
        config: &Config,
        url: &str,
        metrics: Arc<Metrics>,
        ended: mpsc::UnboundedSender<ConnId>,
    ) -> Result<Self, StartError> {
        let (state, connected) = watch::channel(None);
        let client = dial(url, state, &metrics).await;
        let client = client.map_err(|error| broken("cannot connect to NATS", error))?;
        if client.server_info().max_payload < LONGEST {
            let message = format!("its max_payload is below {LONGEST} bytes");
            return Err(broken("cannot use this NATS server", message));
        }
        let jetstream = jetstream::context::ContextBuilder::new()
            .timeout(ANSWER)
            .backpressure_on_inflight(true)
            .build(client.clone());
        let stream = stream(&jetstream, config).await?;
        let lasting = (Duration::ZERO, StorageType::File);
        let bucket = bucket(&jetstream, BUCKET, lasting).await?;
        Ok(Self {
            client,
            jetstream,
            pending: Pending::default(),
            metrics,
            ended,
            bucket,
            connected,
            following: watch::Sender::new(false),
            applied: watch::Sender::new(0),
            server: format!("{:016x}", rand::random::<u64>()).into(),
            epoch: epoch(stream.cached_info()).into(),
        })
    }

    /// Names this run of the process.
    pub(crate) fn server(&self) -> &Arc<str> {
        &self.server
    }

    /// Names the log. Ids of a stream that was deleted and made anew are foreign.
    pub(crate) fn epoch(&self) -> &Arc<str> {
        &self.epoch
    }

    /// Whether this server hears of what the others do.
    pub(crate) fn is_following(&self) -> bool {
        *self.following.borrow()
    }

    /// The stream as it is now, if it is still the same one.
    pub(super) async fn stream(&self) -> Result<Stream, StartError> {
        let stream = self.jetstream.get_stream(STREAM).await;
        let stream =
            stream.map_err(|error| broken("cannot ask for the JetStream stream", error))?;
        if *epoch(stream.cached_info()) != *self.epoch {
            return Err(StartError::other_log(
                "is of a stream that was deleted from NATS",
            ));
        }
        Ok(stream)
    }

    /// Waits until all that is in the log now was done here.
    pub(crate) async fn catch_up(&self) -> Result<(), ApiError> {
        if !self.is_following() {
            return Err(unavailable());
        }
        let caught_up = async {
            let stream = self.stream().await.map_err(|_| unavailable())?;
            let end = stream.cached_info().state.last_sequence;
            self.until_applied(end).await;
            Ok(())
        };
        timeout(CATCH_UP, caught_up)
            .await
            .unwrap_or_else(|_| Err(unavailable()))
    }

    /// The same, however long it takes.
    pub(super) async fn catch_up_at_start(&self) -> Result<(), StartError> {
        let end = self.stream().await?.cached_info().state.last_sequence;
        let behind = end.saturating_sub(*self.applied.borrow());
        tracing::info!(behind, "catching up with the log");
        self.until_applied(end).await;
        let mut following = self.following.subscribe();
        let _ = following.wait_for(|following| *following).await;
        Ok(())
    }

    async fn until_applied(&self, end: u64) {
        let mut applied = self.applied.subscribe();
        let _ = applied.wait_for(|applied| *applied >= end).await;
    }

    /// A bucket that forgets.
    pub(crate) async fn short_lived(
        &self,
        name: &str,
        max_age: Duration,
    ) -> Result<Bucket, StartError> {
        bucket(&self.jetstream, name, (max_age, StorageType::Memory)).await
    }

    /// What signs tokens, where no server was told: made by the first of them.
    pub(crate) async fn shared_secret(&self) -> Result<Vec<u8>, StartError> {
        const KEY: &str = "jwt-secret";
        let fresh = rand::random::<[u8; 32]>().to_vec();
        if self.bucket.create(KEY, fresh.clone().into()).await.is_ok() {
            return Ok(fresh);
        }
        let found = self.bucket.get(KEY).await;
        let found = found.map_err(|error| broken("cannot read the JetStream bucket", error))?;
        let found = found.ok_or_else(|| broken("cannot read the JetStream bucket", "no secret"))?;
        Ok(found.to_vec())
    }
}

async fn dial(
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
async fn stream(jetstream: &Context, config: &Config) -> Result<Stream, StartError> {
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
/// https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-8.md
///
/// The client's own way to make one cannot read what NATS 2.9 says of an account.
async fn bucket(
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

fn epoch(info: &stream::Info) -> String {
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

/// The run before this one over the same data folder, if there was one.
pub(super) fn previous_run(config: &Config, link: &Link) -> Result<Option<Arc<str>>, StartError> {
    if config.in_memory {
        return Ok(None);
    }
    let path = config.data.join("server");
    let fail = |source: io::Error| StartError::DataFolder {
        path: path.clone(),
        source,
    };
    let previous = match fs::read_to_string(&path) {
        Ok(previous) => Some(previous.into()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(fail(error)),
    };
    fs::write(&path, link.server().as_bytes()).map_err(fail)?;
    Ok(previous)
}

/// Waits a little longer each time.
pub(super) async fn pause(tries: u32) {
    sleep(Duration::from_millis(50) * tries.clamp(1, 20)).await;
}
