//! Which servers are there: what one had open is closed when it is gone.

use std::{collections::HashMap, sync::Arc, time::Duration};

use futures::StreamExt as _;
use tokio::{
    sync::mpsc,
    time::{Instant, interval, sleep},
};

use super::link::Link;
use crate::{
    conn::ConnId,
    error::StartError,
    store::{
        Store,
        connections::{self, Close, Lost},
    },
};

const SUBJECT: &str = "tabcast.alive";
const BEAT: Duration = Duration::from_secs(2);
/// A server that says nothing for so long is gone. If it is not, its clients
/// come back to it.
const GONE: Duration = Duration::from_secs(10);
/// Streams that are said to be closed in one go.
const AT_ONCE: usize = 256;

/// Tells the others of streams that ended here.
pub(super) async fn announce_ends(
    link: Arc<Link>,
    mut ended: mpsc::UnboundedReceiver<ConnId>,
) -> StartError {
    loop {
        let mut ids = Vec::new();
        if ended.recv_many(&mut ids, AT_ONCE).await == 0 {
            // The process is leaving, and says so for all of them.
            std::future::pending::<()>().await;
        }
        link.publish_patiently(Close { ids }.into()).await;
    }
}

/// Says that this server is there, and notices who is not.
pub(super) async fn run(link: Arc<Link>, store: Arc<Store>) -> StartError {
    loop {
        if let Err(error) = watch(&link, &store).await {
            tracing::warn!(%error, "the other servers are not heard");
        }
        sleep(BEAT).await;
    }
}

async fn watch(link: &Link, store: &Arc<Store>) -> Result<(), async_nats::Error> {
    let mut beats = link.client.subscribe(SUBJECT).await?;
    let mut heard: HashMap<Arc<str>, Instant> = HashMap::new();
    let mut ticks = interval(BEAT);
    loop {
        tokio::select! {
            beat = beats.next() => {
                let Some(beat) = beat else { return Ok(()) };
                if let Ok(server) = std::str::from_utf8(&beat.payload) {
                    heard.insert(server.into(), Instant::now());
                }
            }
            _ = ticks.tick() => {
                let name = link.server().as_bytes().to_vec();
                link.client.publish(SUBJECT, name.into()).await?;
                heard.retain(|_, at| at.elapsed() < GONE);
                for server in silent(link, store, &heard).await {
                    tracing::warn!(%server, "a server is gone");
                    link.publish_patiently(Lost { server }.into()).await;
                }
            }
        }
    }
}

/// The servers with streams that were not heard for too long.
async fn silent(
    link: &Link,
    store: &Arc<Store>,
    heard: &HashMap<Arc<str>, Instant>,
) -> Vec<Arc<str>> {
    // Nobody is heard while NATS is away, and it takes them a while to return.
    let connected = *link.connected.borrow();
    if !link.is_following() || connected.is_none_or(|since| since.elapsed() < GONE) {
        return Vec::new();
    }
    let Ok(mut servers) = store.read(connections::servers).await else {
        return Vec::new();
    };
    servers.retain(|server| server != link.server() && !heard.contains_key(server));
    servers
}
