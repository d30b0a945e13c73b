//! Two servers that share a log, and a burst of events.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use super::{Client, Nats, Server, Sse};

/// NATS and two servers.
pub(crate) struct Cluster {
    pub(crate) nats: Nats,
    pub(crate) a: Server,
    pub(crate) b: Server,
}

impl Cluster {
    pub(crate) fn start(args: &[&str]) -> Option<Self> {
        let nats = Nats::start()?;
        let url = nats.url();
        let args = [&["--nats", &url], args].concat();
        let (a, b) = (Server::start(&args), Server::start(&args));
        Some(Self { nats, a, b })
    }
}

/// Sends numbered messages as long as they are wanted, one after the other. One
/// that is refused is sent again, under a key, so that it is sent once.
pub(crate) struct Burst {
    sender: tokio::task::JoinHandle<usize>,
    stop: tokio::sync::watch::Sender<bool>,
}

impl Burst {
    pub(crate) fn start(clients: Vec<Client>) -> Self {
        let (stop, stopped) = tokio::sync::watch::channel(false);
        let sender = tokio::spawn(async move {
            let mut number = 0;
            while !*stopped.borrow() {
                let body = json!({"user_id": 3, "event_type": "n", "data": number,
                    "idempotency_key": number.to_string()});
                let mut tries = clients.iter().cycle().skip(number);
                loop {
                    let client = tries.next().expect("a client");
                    let request = client.request(Method::POST, "/api/v1/sse/send");
                    match request.json(&body).send().await {
                        Ok(done) if done.status().is_success() => break,
                        Ok(refused) => assert_eq!(refused.status(), 503, "{refused:?}"),
                        Err(_) => {}
                    }
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
                number += 1;
            }
            number
        });
        Self { sender, stop }
    }

    /// How many were sent, and acknowledged.
    pub(crate) async fn stop(self) -> usize {
        self.stop.send_replace(true);
        self.sender.await.expect("the sender ends")
    }
}

/// Reads numbers from `next` on, in order and each once, up to `until`.
pub(crate) async fn numbers(stream: &mut Sse, next: &mut usize, until: usize, last: &mut String) {
    while *next < until {
        let Some(event) = stream.try_next().await else {
            return;
        };
        assert_eq!(event.json(), *next, "{event:?}");
        event.id().clone_into(last);
        *next += 1;
    }
}

/// All that is there for a user, page by page.
pub(crate) async fn pending(client: &Client) -> Vec<(Value, Value)> {
    let mut all = Vec::new();
    let mut from = String::new();
    loop {
        let path = format!("/api/v1/sse/messages/pending?limit=1000&last_event_id={from}");
        let page = client.get(&path).await.ok();
        let events = page["data"].as_array().expect("a list");
        let of = |event: &Value| (event["event_id"].clone(), event["data"].clone());
        all.extend(events.iter().map(of));
        if page["has_more"] == false {
            return all;
        }
        let last = page["last_event_id"].as_str();
        last.expect("an id").clone_into(&mut from);
    }
}
