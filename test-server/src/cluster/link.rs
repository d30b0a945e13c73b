//! The log that several servers share, as one of them sees it.

use std::{
    fs, io,
    sync::Arc,
    time::{Duration, Instant},
};

use async_nats::{
    Client,
    jetstream::{
        Context,
        context::ContextBuilder,
        kv::Store as Bucket,
        stream::{StorageType, Stream},
    },
};
use tokio::{
    sync::{mpsc, watch},
    time::{sleep, timeout},
};

use super::{
    nats::{STREAM, broken, bucket, dial, epoch, stream},
    pending::Pending,
    unavailable,
};
use crate::{
    config::Config,
    conn::ConnId,
    error::{ApiError, StartError},
    metrics::Metrics,
};

/// Where what lasts and is small is kept.
const BUCKET: &str = "tabcast";
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
        let jetstream = ContextBuilder::new()
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
