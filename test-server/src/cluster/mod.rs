//! Several servers that act as one, by way of NATS JetStream.
//!
//! Every change is written down in one stream and is done by every server, in
//! the order of that stream, to its own database. So positions, event ids and
//! read marks are the same everywhere, and a client can go on at any server. A
//! server commits how far it has come together with what it did, so whatever
//! breaks, each change is done exactly once.
//!
//! What a client waits for is answered once the change is in the stream and
//! this server has done it.

mod entry;
mod follow;
mod inbound;
mod link;
mod live;
mod nats;
mod pending;
mod publish;
mod snapshot;

use std::{sync::Arc, time::Duration};

use tokio::{sync::mpsc, task::JoinSet, time::timeout};

use crate::{
    conn::ConnId,
    error::{ApiError, StartError},
    state::AppState,
    store::connections::Lost,
};
pub(crate) use link::Link;

/// How long a leaving server tries to say so; the others notice without it too.
const FAREWELL: Duration = Duration::from_millis(500);

/// What runs beside the requests for as long as the process does.
#[derive(Debug)]
pub(crate) struct Tasks {
    tasks: JoinSet<StartError>,
}

/// Starts to follow the log, and returns once all that is in it now was done here.
pub(crate) async fn start(
    state: &AppState,
    link: &Arc<Link>,
    ended: mpsc::UnboundedReceiver<ConnId>,
) -> Result<Tasks, StartError> {
    let mut tasks = JoinSet::new();
    tasks.spawn(follow::run(link.clone(), state.store.clone()));
    let ready = async {
        link.catch_up_at_start().await?;
        if let Some(server) = link::previous_run(&state.config, link)? {
            // What this server had open before a crash is no longer there.
            link.publish_patiently(Lost { server }.into()).await;
        }
        Ok::<_, StartError>(())
    };
    tokio::select! {
        ready = ready => ready?,
        Some(Ok(error)) = tasks.join_next() => return Err(error),
    }
    tasks.spawn(live::announce_ends(link.clone(), ended));
    tasks.spawn(live::run(link.clone(), state.store.clone()));
    tasks.spawn(snapshot::run(link.clone(), state.config.clone()));
    Ok(Tasks { tasks })
}

impl Tasks {
    /// Returns only when this server cannot go on.
    pub(crate) async fn broken(&mut self) -> StartError {
        loop {
            match self.tasks.join_next().await {
                Some(Ok(error)) => return error,
                Some(Err(error)) => return StartError::Log(error.to_string()),
                None => std::future::pending().await,
            }
        }
    }

    /// Says that this server is gone, and stops.
    pub(crate) async fn leave(mut self, link: &Link) {
        let server = link.server().clone();
        let said = link.publish_patiently(Lost { server }.into());
        if timeout(FAREWELL, said).await.is_err() {
            tracing::warn!("the other servers could not be told");
        }
        self.tasks.shutdown().await;
    }
}

/// The log cannot be reached.
fn unavailable() -> ApiError {
    ApiError::unavailable(
        "log_unavailable",
        "The server cannot reach the log that it shares with others.",
    )
}
