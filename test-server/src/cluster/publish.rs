//! Writing changes down.

use std::time::Duration;

use async_nats::jetstream::message::PublishMessage;
use tokio::{
    sync::oneshot,
    time::{sleep, timeout},
};

use super::{
    entry::Entry,
    link::Link,
    nats::{COMMANDS, STREAM},
    unavailable,
};
use crate::{
    error::ApiError,
    store::{Command, Job},
};

/// How long a request waits for its change, over whatever happens to NATS.
const PATIENCE: Duration = Duration::from_secs(6);
/// Well within the time in which JetStream knows a repeated message.
const BETWEEN_TRIES: Duration = Duration::from_millis(200);

impl Link {
    /// Writes a change down, and waits until `job` did it in its turn.
    pub(crate) async fn submit<T>(
        &self,
        command: Command,
        job: Job,
        mut answered: oneshot::Receiver<Result<T, ApiError>>,
    ) -> Result<T, ApiError> {
        // At once, so that requests do not pile up while NATS is away.
        if !self.is_following() {
            return Err(unavailable());
        }
        let payload = payload(command)?;
        let waiting = self.pending.put(new_id(), job);
        let done = async {
            tokio::select! {
                biased;
                answer = &mut answered => return answer,
                () = self.store(&waiting.id, &payload) => {}
            }
            answered.await
        };
        match timeout(PATIENCE, done).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(ApiError::shutting_down()),
            Err(_) => Err(ApiError::unavailable(
                "log_unavailable",
                "The log did not answer in time; this may still be done.",
            )),
        }
    }

    /// Writes a change down that nobody waits for, however long it takes.
    pub(super) async fn publish_patiently(&self, command: Command) {
        if let Ok(payload) = payload(command) {
            self.store(&new_id(), &payload).await;
        }
    }

    /// Returns once JetStream has it. It may be sent more than once: JetStream
    /// knows it again by its id.
    async fn store(&self, id: &str, payload: &[u8]) {
        loop {
            let message = PublishMessage::build()
                .payload(payload.to_vec().into())
                .message_id(id)
                .expected_stream(STREAM);
            let sent = match self.jetstream.send_publish(COMMANDS, message).await {
                Ok(acknowledged) => acknowledged.await,
                Err(error) => Err(error),
            };
            match sent {
                Ok(_) => return,
                Err(error) => tracing::debug!(%error, "a change is not in the log yet"),
            }
            sleep(BETWEEN_TRIES).await;
        }
    }
}

fn payload(command: Command) -> Result<Vec<u8>, ApiError> {
    serde_json::to_vec(&Entry::new(command)).map_err(ApiError::internal)
}

fn new_id() -> String {
    format!("{:032x}", rand::random::<u128>())
}
