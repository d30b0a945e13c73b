//! Reading a stream, to the byte where it matters.

use std::pin::Pin;

use futures::{Stream, StreamExt as _};
use reqwest::{RequestBuilder, header::HeaderMap};
use serde_json::Value;
use tokio::time::timeout;

use super::PATIENCE;

/// One block of a stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) id: Option<String>,
    pub(crate) event: String,
    pub(crate) data: String,
    pub(crate) retry: Option<u64>,
}

impl Event {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.data).unwrap_or_else(|_| panic!("not JSON: {self:?}"))
    }

    /// The text of a chat message.
    pub(crate) fn content(&self) -> String {
        let json = self.json();
        let content = json["message"]["content"].as_str();
        content.unwrap_or_else(|| panic!("{self:?}")).to_owned()
    }

    pub(crate) fn id(&self) -> &str {
        self.id
            .as_deref()
            .unwrap_or_else(|| panic!("no id: {self:?}"))
    }
}

type Chunks = Pin<Box<dyn Stream<Item = reqwest::Result<bytes::Bytes>> + Send>>;

/// An open stream; dropping it closes the connection.
pub(crate) struct Sse {
    pub(crate) headers: HeaderMap,
    pub(crate) hello: Event,
    chunks: Chunks,
    buffer: Vec<u8>,
    /// So far the buffer holds no end of a block.
    scanned: usize,
}

impl Sse {
    pub(crate) async fn open(request: RequestBuilder) -> Self {
        let response = request.send().await.expect("the server answers");
        assert_eq!(response.status(), 200, "{:?}", response.text().await);
        Self {
            headers: response.headers().clone(),
            hello: Event::default(),
            chunks: Box::pin(response.bytes_stream()),
            buffer: Vec::new(),
            scanned: 0,
        }
    }

    /// The next chunk; None at the end, an error where the connection broke.
    pub(crate) async fn chunk(&mut self) -> Option<reqwest::Result<bytes::Bytes>> {
        let next = timeout(PATIENCE, self.chunks.next()).await;
        next.expect("the stream says nothing")
    }

    /// The next block that is not a `ping`; None at the end, also a broken one.
    pub(crate) async fn try_next(&mut self) -> Option<Event> {
        // Of all, not of each chunk: pings alone would come for ever.
        let next = timeout(PATIENCE, self.past_pings()).await;
        next.expect("the stream says something")
    }

    async fn past_pings(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.buffered() {
                if event.event != "ping" {
                    return Some(event);
                }
                continue;
            }
            let chunk = self.chunk().await?.ok()?;
            self.buffer.extend_from_slice(&chunk);
        }
    }

    pub(crate) async fn next(&mut self) -> Event {
        self.try_next().await.expect("the stream goes on")
    }

    pub(crate) async fn ping(&mut self) -> Event {
        loop {
            if let Some(event) = self.buffered()
                && event.event == "ping"
            {
                return event;
            }
            let chunk = self.chunk().await.expect("the stream goes on");
            self.buffer.extend_from_slice(&chunk.expect("bytes"));
        }
    }

    /// The contents of the next `count` chat messages.
    pub(crate) async fn contents(&mut self, count: usize) -> Vec<String> {
        let mut contents = Vec::with_capacity(count);
        for _ in 0..count {
            contents.push(self.next().await.content());
        }
        contents
    }

    /// Reads to the end, which must be a clean one.
    pub(crate) async fn rest(mut self) -> Vec<Event> {
        let mut events = Vec::new();
        while let Some(event) = self.try_next().await {
            events.push(event);
        }
        events
    }

    /// Waits for the end, of whatever kind.
    pub(crate) async fn end(mut self) {
        while let Some(Ok(_)) = self.chunk().await {}
    }

    fn buffered(&mut self) -> Option<Event> {
        let fresh = &self.buffer[self.scanned..];
        let Some(end) = fresh.windows(2).position(|pair| pair == b"\n\n") else {
            self.scanned = self.buffer.len().saturating_sub(1);
            return None;
        };
        let block: Vec<u8> = self.buffer.drain(..self.scanned + end + 2).collect();
        self.scanned = 0;
        let block = String::from_utf8(block).expect("a stream is UTF-8");
        let mut event = Event::default();
        let mut data: Option<String> = None;
        for line in block.lines().filter(|line| !line.is_empty()) {
            let (name, value) = line.split_once(": ").expect("a field");
            match name {
                "id" => event.id = Some(value.to_owned()),
                "event" => value.clone_into(&mut event.event),
                "retry" => event.retry = value.parse().ok(),
                "data" => match &mut data {
                    Some(data) => {
                        data.push('\n');
                        data.push_str(value);
                    }
                    None => data = Some(value.to_owned()),
                },
                other => panic!("an unknown field {other}"),
            }
        }
        event.data = data.unwrap_or_default();
        Some(event)
    }
}

impl Sse {
    /// The type of the next event, when `bytes` of its id line were read as a chunk.
    pub(crate) async fn next_after(&mut self, bytes: usize) -> String {
        let skipped = &b"id: "[..bytes];
        self.buffer.splice(0..0, skipped.iter().copied());
        self.next().await.event
    }
}
