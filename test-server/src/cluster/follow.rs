//! Doing what the log says, in its order.

use std::{convert::Infallible, sync::Arc, time::Duration};

use async_nats::jetstream::{
    Message,
    consumer::{AckPolicy, DeliverPolicy, pull},
};
use futures::{FutureExt as _, StreamExt as _};

use super::{
    entry::{Entry, Unreadable},
    inbound,
    link::{Link, pause},
    nats::{COMMANDS, broken},
};
use crate::{
    clock::Millis,
    error::{ApiError, StartError},
    store::{Command, Job, Store, job},
};

/// Changes done in one transaction at most.
const AT_ONCE: usize = 256;
/// JetStream says so often that there is nothing new; silence is a broken connection.
const HEARTBEAT: Duration = Duration::from_secs(3);

enum Stop {
    /// It is worth another try.
    Passing(String),
    /// This server must not go on.
    ForGood(StartError),
}

impl<E: std::error::Error> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Passing(error.to_string())
    }
}

/// Follows the log over whatever happens to NATS. Returns when it cannot any more.
pub(super) async fn run(link: Arc<Link>, store: Arc<Store>) -> StartError {
    let mut tries = 0;
    loop {
        let Err(stop) = follow(&link, &store, &mut tries).await;
        link.following.send_replace(false);
        match stop {
            Stop::ForGood(error) => return error,
            Stop::Passing(cause) => tracing::warn!(cause, "the log is not followed"),
        }
        tries += 1;
        pause(tries).await;
    }
}

async fn follow(link: &Link, store: &Store, tries: &mut u32) -> Result<Infallible, Stop> {
    let mut connected = link.connected.clone();
    let _ = connected.wait_for(Option::is_some).await;
    let since = *connected.borrow_and_update();
    let stream = link.stream().await.map_err(|error| match error {
        StartError::OtherLog(_) => Stop::ForGood(error),
        error => Stop::Passing(error.to_string()),
    })?;
    let applied = *link.applied.borrow();
    let state = &stream.cached_info().state;
    if state.first_sequence > applied + 1 {
        let missed = format!(
            "it goes on at {} and this server has come to {applied}",
            state.first_sequence
        );
        return Err(Stop::ForGood(broken(
            "the log no longer reaches back",
            missed,
        )));
    }
    if state.last_sequence < applied {
        let error = StartError::other_log("has more than the log in NATS");
        return Err(Stop::ForGood(error));
    }
    let consumer = stream
        .create_consumer(pull::Config {
            deliver_policy: DeliverPolicy::ByStartSequence {
                start_sequence: applied + 1,
            },
            // What was done is known here, so nothing needs to be acknowledged.
            ack_policy: AckPolicy::None,
            inactive_threshold: Duration::from_secs(30),
            memory_storage: true,
            num_replicas: 1,
            ..pull::Config::default()
        })
        .await?;
    let mut messages = consumer
        .stream()
        .max_messages_per_batch(AT_ONCE)
        .heartbeat(HEARTBEAT)
        .expires(HEARTBEAT * 4)
        .messages()
        .await?;
    link.following.send_replace(true);
    *tries = 0;
    let mut is_first = true;
    loop {
        let first = tokio::select! {
            message = messages.next() => message,
            // The consumer does not outlive a restart of NATS.
            _ = connected.wait_for(|now| *now != since) => None,
        };
        let first = first.ok_or_else(|| Stop::Passing("the connection was lost".into()))??;
        let mut stretch = vec![first];
        while stretch.len() < AT_ONCE
            && let Some(Some(next)) = messages.next().now_or_never()
        {
            stretch.push(next?);
        }
        apply(link, store, stretch, is_first).await?;
        is_first = false;
    }
}

/// Does them all, and again until they are done: the others did them too.
async fn apply(
    link: &Link,
    store: &Store,
    mut messages: Vec<Message>,
    is_first: bool,
) -> Result<(), Stop> {
    let mut last = *link.applied.borrow();
    for (index, message) in messages.iter().enumerate() {
        let sequence = sequence(message)?;
        if sequence > last + 1 && !(is_first && index == 0) {
            return Err(Stop::Passing("messages were lost on the way".into()));
        }
        if sequence > last + 1 {
            tracing::warn!(
                from = last + 1,
                to = sequence,
                "messages were deleted from the log"
            );
        }
        last = sequence.max(last);
    }
    let applied = *link.applied.borrow();
    messages.retain(|message| sequence(message).is_ok_and(|at| at > applied));
    let mut tries = 0;
    loop {
        let jobs = messages.iter().map(|message| read(link, message));
        let jobs = jobs.collect::<Result<_, _>>()?;
        if store.follow(jobs, last).await {
            link.applied.send_replace(last);
            link.metrics
                .log_applied
                .set(i64::try_from(last).unwrap_or(i64::MAX));
            return Ok(());
        }
        link.following.send_replace(false);
        tries += 1;
        pause(tries).await;
    }
}

fn sequence(message: &Message) -> Result<u64, Stop> {
    let info = message
        .info()
        .map_err(|error| Stop::Passing(error.to_string()))?;
    Ok(info.stream_sequence)
}

/// What a message comes to. One that is refused is so at every server.
fn read(link: &Link, message: &Message) -> Result<(Millis, Job), Stop> {
    let info = message
        .info()
        .map_err(|error| Stop::Passing(error.to_string()))?;
    let nanos = info.published.unix_timestamp_nanos();
    let published = Millis(i64::try_from(nanos / 1_000_000).unwrap_or(0));
    if *message.subject != *COMMANDS {
        return Ok((published, inbound::job(link, message)));
    }
    let entry = match Entry::read(&message.payload) {
        Ok(entry) => entry,
        Err(Unreadable::Newer(version)) => {
            let cause = format!("its version {version} is newer than this server");
            return Err(Stop::ForGood(broken("cannot follow the log", cause)));
        }
        Err(Unreadable::Malformed) => {
            refuse(link, "malformed", message);
            return Ok((published, job(|_| Ok(()), drop)));
        }
    };
    let headers = message.headers.as_ref();
    let id = headers.and_then(|headers| headers.get(async_nats::header::NATS_MESSAGE_ID));
    if let Some(waiting) = id.and_then(|id| link.pending.take(id.as_str())) {
        return Ok((entry.at, waiting));
    }
    if let Command::Open(open) = &entry.command
        && open.server == *link.server()
    {
        // Whoever asked is gone, so the others must hear that it is closed.
        let _ = link.ended.send(open.id.clone());
    }
    let command = entry.command;
    let work = job(
        move |write| command.apply(write),
        |_: Result<(), ApiError>| {},
    );
    Ok((entry.at, work))
}

/// Counts a message that is not done, and says so.
pub(super) fn refuse(link: &Link, reason: &'static str, message: &Message) {
    link.metrics.log_refused(reason);
    let (subject, bytes) = (message.subject.as_str(), message.payload.len());
    tracing::warn!(reason, subject, bytes, "a message from NATS is refused");
}
