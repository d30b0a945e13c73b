//! A copy of the database in JetStream, for servers that start where the log no
//! longer reaches back.

use std::{path::Path, sync::Arc};

use async_nats::jetstream::object_store::{self, ObjectMetadata, ObjectStore};
use rusqlite::Connection;
use tokio::{fs::File, io, time::sleep};

use super::{link::Link, nats::broken};
use crate::{config::Config, error::StartError, store::schema};

const BUCKET: &str = "tabcast";
const NAME: &str = "snapshot";

impl Link {
    /// Puts a database where it is missing or older than the log, if there is one
    /// to be had.
    pub(crate) async fn restore(&self, path: &Path) -> Result<(), StartError> {
        let applied = schema::applied(path);
        let first = self.stream().await?.cached_info().state.first_sequence;
        if first <= applied + 1 {
            return Ok(());
        }
        tracing::info!(
            applied,
            first,
            "the log no longer reaches back; taking a snapshot"
        );
        self.fetch(path)
            .await
            .map_err(|error| broken("there is no snapshot to start from; try again later", error))
    }

    async fn fetch(&self, path: &Path) -> Result<(), async_nats::Error> {
        let bucket = bucket(self).await?;
        let mut object = bucket.get(NAME).await?;
        let part = path.with_extension("part");
        let mut file = File::create(&part).await?;
        io::copy(&mut object, &mut file).await?;
        file.sync_all().await?;
        for beside in ["sqlite-wal", "sqlite-shm"] {
            let _ = tokio::fs::remove_file(path.with_extension(beside)).await;
        }
        tokio::fs::rename(&part, path).await?;
        Ok(())
    }
}

/// Keeps a copy that reaches to the newer half of the log.
pub(super) async fn run(link: Arc<Link>, config: Arc<Config>) -> StartError {
    loop {
        sleep(config.cleanup_interval).await;
        // What is only in memory cannot be copied beside the writer.
        if !config.in_memory
            && let Err(error) = keep(&link, &config).await
        {
            tracing::warn!(%error, "no snapshot could be made");
        }
    }
}

async fn keep(link: &Link, config: &Config) -> Result<(), async_nats::Error> {
    let state = link.stream().await?.cached_info().state.clone();
    if state.first_sequence <= 1 {
        return Ok(());
    }
    let bucket = bucket(link).await?;
    let reaches = bucket.info(NAME).await.ok();
    let reaches = reaches.and_then(|info| info.description?.parse().ok());
    let half = state.first_sequence.midpoint(state.last_sequence);
    if reaches.unwrap_or(0) >= half {
        return Ok(());
    }
    let (from, to) = (config.database(), config.database().with_extension("copy"));
    let copy = to.clone();
    tokio::task::spawn_blocking(move || copy_database(&from, &copy)).await??;
    let reaches = schema::applied(&to);
    let metadata = ObjectMetadata {
        name: NAME.into(),
        description: Some(reaches.to_string()),
        ..ObjectMetadata::default()
    };
    let mut file = File::open(&to).await?;
    bucket.put(metadata, &mut file).await?;
    tokio::fs::remove_file(&to).await?;
    tracing::info!(reaches, "made a snapshot");
    Ok(())
}

fn copy_database(from: &Path, to: &Path) -> Result<(), async_nats::Error> {
    // Left over from a crash.
    let _ = std::fs::remove_file(to);
    let to = to.to_str().ok_or("the data folder's name is not UTF-8")?;
    Connection::open(from)?.execute("VACUUM INTO ?1", [to])?;
    Ok(())
}

async fn bucket(link: &Link) -> Result<ObjectStore, async_nats::Error> {
    if let Ok(bucket) = link.jetstream.get_object_store(BUCKET).await {
        return Ok(bucket);
    }
    let config = object_store::Config {
        bucket: BUCKET.into(),
        ..object_store::Config::default()
    };
    Ok(link.jetstream.create_object_store(config).await?)
}
