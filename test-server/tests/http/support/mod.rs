//! A server of one's own, and clients of it.

mod client;
mod cluster;
mod nats;
mod server;
mod sse;

pub(crate) use client::{Client, Reply};
pub(crate) use cluster::{Burst, Cluster, numbers, pending};
pub(crate) use nats::Nats;
pub(crate) use server::{Server, run_to_end};
pub(crate) use sse::Sse;

use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// Where an installed program is. Without it the test cannot run: that is an
/// error in CI, and a loud notice elsewhere.
pub(crate) fn program(name: &str, package: &str) -> Option<String> {
    let found = ["/usr/sbin", "/usr/bin", "/usr/local/bin", "/usr/local/sbin"]
        .map(|folder| format!("{folder}/{name}"))
        .into_iter()
        .find(|path| std::path::Path::new(path).exists());
    if found.is_none() {
        let notice = format!("{name} is missing; run `apt-get install {package}`");
        assert!(std::env::var("CI").as_deref() != Ok("true"), "{notice}");
        eprintln!("\n*** NOT TESTED: {notice} ***\n");
    }
    found
}

/// Where the routes of events begin.
pub(crate) const SSE: &str = "/api/v1/sse";

/// An event for one user.
pub(crate) fn note(user: u64, data: &str) -> Value {
    json!({"user_id": user, "event_type": "note", "data": data})
}

pub(crate) async fn send(from: &Client, body: Value) -> Value {
    from.post(&format!("{SSE}/send"), body).await.ok()
}

/// A client that trusts what the system trusts.
pub(crate) fn http() -> reqwest::ClientBuilder {
    // Fails only when it is installed already.
    let _ = tokio_rustls::rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().redirect(reqwest::redirect::Policy::none())
}

/// A port that nobody used a moment ago. It is below those that the system gives to whoever asks
/// for any, or one of the other tests could get it before it is used.
pub(crate) fn free_port() -> u16 {
    loop {
        let port = rand::random_range(20_000..32_000);
        if std::net::TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// Nothing here takes this long unless it hangs.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// Asks again until the answer is yes.
pub(crate) async fn until<F: Future<Output = bool>>(what: &str, mut ask: impl FnMut() -> F) {
    let start = Instant::now();
    while !ask().await {
        assert!(start.elapsed() < PATIENCE, "never came true: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
