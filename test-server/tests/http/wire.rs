//! Streams to the byte: how they share a connection with what is before and
//! behind them, and what a client that misbehaves gets.

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use crate::support::{Client, PATIENCE, SSE, Server, until};

/// A client that knows nothing of HTTP.
struct Raw {
    socket: TcpStream,
    got: Vec<u8>,
}

impl Raw {
    async fn connect(server: &Server) -> Self {
        let address = server.url.trim_start_matches("http://");
        Self {
            socket: TcpStream::connect(address).await.expect("a connection"),
            got: Vec::new(),
        }
    }

    async fn say(&mut self, bytes: &str) {
        let said = self.socket.write_all(bytes.as_bytes()).await;
        said.expect("the server takes it");
    }

    /// Reads until `text` has come; false where the connection ends before.
    async fn hears(&mut self, text: &str) -> bool {
        let mut from = 0;
        loop {
            let fresh = &self.got[from..];
            if fresh
                .windows(text.len())
                .any(|part| part == text.as_bytes())
            {
                return true;
            }
            from = self.got.len().saturating_sub(text.len());
            let read = timeout(PATIENCE, self.socket.read_buf(&mut self.got)).await;
            if read.expect("the server says something").unwrap_or(0) == 0 {
                return false;
            }
        }
    }

    /// Reads to the end.
    async fn rest(mut self) -> String {
        while timeout(PATIENCE, self.socket.read_buf(&mut self.got))
            .await
            .expect("the server ends the connection")
            .unwrap_or(0)
            > 0
        {}
        String::from_utf8_lossy(&self.got).into_owned()
    }
}

fn request(method: &str, client: &Client) -> String {
    let token = client.token.as_deref().expect("a token");
    format!("{method} /events HTTP/1.1\r\nhost: here\r\nauthorization: Bearer {token}\r\n\r\n")
}

const HEALTH: &str = "GET /healthz HTTP/1.1\r\nhost: here\r\n\r\n";

async fn streams(server: &Server) -> f64 {
    server.metric("sse_active_connections").await
}

/// Whether what came is one answer in whole chunks.
#[track_caller]
fn body_of_whole_chunks(answer: &str) -> String {
    let (_, mut rest) = answer.split_once("\r\n\r\n").expect("a head");
    let mut body = String::new();
    loop {
        let (size, after) = rest.split_once("\r\n").expect("a chunk");
        let size = usize::from_str_radix(size, 16).expect("a size");
        assert_eq!(&after[size..size + 2], "\r\n");
        if size == 0 {
            assert_eq!(after, "\r\n");
            return body;
        }
        body.push_str(&after[..size]);
        rest = &after[size + 2..];
    }
}

#[tokio::test]
async fn a_stream_has_the_rest_of_its_connection() {
    let server = Server::start(&["--in-memory"]);
    let alice = server.user("alice").await;
    let mut raw = Raw::connect(&server).await;
    // All in one piece: what is before the stream is answered before it, what is
    // behind it is not.
    let all = format!("{HEALTH}{}{HEALTH}", request("GET", &alice));
    raw.say(&all).await;
    assert!(raw.hears("connection_confirmed").await);
    alice.say("hello").await;
    assert!(raw.hears("hello").await);
    let supr = server.user("super").await;
    let text = String::from_utf8_lossy(&raw.got).into_owned();
    let (_, id) = text.split_once("\"connection_id\":\"").expect("its id");
    let (id, _) = id.split_once('"').expect("the end of its id");
    supr.post(&format!("{SSE}/disconnect/{id}"), json!({}))
        .await
        .ok();
    let text = raw.rest().await;
    let (health, stream) = text.split_once("{\"status\":\"ok\"}").expect("health");
    assert!(health.starts_with("HTTP/1.1 200 OK\r\n"), "{health}");
    assert!(stream.starts_with("HTTP/1.1 200 OK\r\n"), "{stream}");
    for field in [
        "content-type: text/event-stream",
        "transfer-encoding: chunked",
        "connection: close",
        "cache-control: no-store",
        "x-accel-buffering: no",
        "x-request-id: ",
        "date: ",
    ] {
        assert_eq!(
            stream.matches(&format!("\r\n{field}")).count(),
            1,
            "{stream}"
        );
    }
    assert!(!stream.contains("content-length"), "{stream}");
    let body = body_of_whole_chunks(stream);
    assert!(body.ends_with(": disconnected\n\n"), "{body}");
}

#[tokio::test]
async fn a_stream_follows_other_requests_on_a_kept_connection() {
    let server = Server::start(&["--in-memory"]);
    let alice = server.user("alice").await;
    let mut raw = Raw::connect(&server).await;
    for _ in 0..3 {
        raw.say(HEALTH).await;
        assert!(raw.hears("{\"status\":\"ok\"}").await);
        raw.got.clear();
    }
    raw.say("GET /events HTTP/1.1\r\nhost: here\r\n\r\n").await;
    assert!(raw.hears("missing_token").await);
    raw.got.clear();
    raw.say(&request("GET", &alice)).await;
    assert!(raw.hears("connection_confirmed").await);
}

#[tokio::test]
async fn a_request_may_come_byte_by_byte_but_not_without_end() {
    let server = Server::start(&["--in-memory"]);
    let alice = server.user("alice").await;
    let mut raw = Raw::connect(&server).await;
    raw.socket.set_nodelay(true).expect("no delay");
    for byte in request("GET", &alice).chars() {
        raw.say(&byte.to_string()).await;
        tokio::task::yield_now().await;
    }
    assert!(raw.hears("connection_confirmed").await);

    let mut raw = Raw::connect(&server).await;
    // All that it reads, and no byte more: what it does not read would make the
    // system take the answer back.
    let head = "GET /events HTTP/1.1\r\npadding: ";
    raw.say(&format!("{head:x<32768}")).await;
    let answer = raw.rest().await;
    assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
}

#[tokio::test]
async fn other_methods_are_answered_without_a_stream() {
    let server = Server::start(&["--in-memory"]);
    let alice = server.user("alice").await;
    let mut raw = Raw::connect(&server).await;
    raw.say(&request("HEAD", &alice)).await;
    assert!(raw.hears("text/event-stream\r\n").await);
    assert!(raw.hears("\r\n\r\n").await);
    raw.got.clear();
    raw.say(&request("OPTIONS", &alice)).await;
    assert!(raw.hears("\r\n\r\n").await);
    assert!(!String::from_utf8_lossy(&raw.got).contains("event-stream"));
    raw.got.clear();
    for method in ["POST", "DELETE"] {
        raw.say(&request(method, &alice)).await;
        assert!(raw.hears("method_not_allowed").await, "{method}");
        raw.got.clear();
    }
    raw.say(HEALTH).await;
    assert!(raw.hears("{\"status\":\"ok\"}").await);
    until("no stream is left", async || streams(&server).await == 0.0).await;
}

#[tokio::test]
async fn a_client_that_will_say_no_more_has_gone() {
    let server = Server::start(&["--in-memory"]);
    let alice = server.user("alice").await;
    let mut raw = Raw::connect(&server).await;
    raw.say(&request("GET", &alice)).await;
    assert!(raw.hears("connection_confirmed").await);
    assert_eq!(streams(&server).await, 1.0);
    raw.socket.shutdown().await.expect("it closes its half");
    until("its stream ended", async || streams(&server).await == 0.0).await;
}

#[tokio::test]
async fn what_a_client_says_to_a_stream_is_not_heard() {
    let server = Server::start(&["--in-memory"]);
    let alice = server.user("alice").await;
    let mut raw = Raw::connect(&server).await;
    raw.say(&request("GET", &alice)).await;
    assert!(raw.hears("connection_confirmed").await);
    raw.say(&"noise\r\n\r\n".repeat(10_000)).await;
    alice.say("still here").await;
    assert!(raw.hears("still here").await);
}

/// Writes stop in the middle of events here, and go on from there.
#[tokio::test]
async fn a_reader_that_pauses_gets_each_byte_in_order() {
    let server = Server::start(&["--in-memory", "--send-timeout", "60s"]);
    let supr = server.user("super").await;
    let mut raw = Raw::connect(&server).await;
    raw.say(&request("GET", &supr)).await;
    assert!(raw.hears("connection_confirmed").await);
    const EVENTS: usize = 120;
    let filler = "y".repeat(100 << 10);
    for number in 0..EVENTS {
        let data = json!({"number": number, "filler": filler});
        let body = json!({"event_type": "big", "data": data});
        supr.post(&format!("{SSE}/broadcast"), body).await.ok();
    }
    let body = json!({"event_type": "last", "data": null});
    supr.post(&format!("{SSE}/broadcast"), body).await.ok();
    assert!(raw.hears("event: last\ndata: null\n\n").await);
    drop(server);
    let text = raw.rest().await;
    let numbers: Vec<usize> = text
        .replace("\r\n", "\u{0}")
        .split("event: big\ndata: ")
        .skip(1)
        .map(|event| {
            let line = event.split('\n').next().expect("a line");
            let data: Value = serde_json::from_str(line).expect("whole data");
            assert_eq!(data["filler"], filler);
            usize::try_from(data["number"].as_u64().expect("a number")).expect("small")
        })
        .collect();
    assert_eq!(numbers, (0..EVENTS).collect::<Vec<_>>());
}

/// What is at hand after a cut and what is in the database are the same.
#[tokio::test]
async fn the_log_says_the_same_before_and_after_a_restart() {
    let server = Server::start(&[]);
    let (alice, supr) = (server.user("alice").await, server.user("super").await);
    let stream = alice.stream("").await;
    let id = stream.hello.id().to_owned();
    drop(stream);
    let group = |group: &str| json!({"group": group});
    alice
        .post(&format!("{SSE}/subscribe"), group("early"))
        .await
        .ok();
    for number in 0..30 {
        if number == 15 {
            alice
                .post(&format!("{SSE}/subscribe"), group("late"))
                .await
                .ok();
            alice
                .post(&format!("{SSE}/unsubscribe"), group("early"))
                .await
                .ok();
        }
        let (to, whom): (_, Value) = match number % 5 {
            0 => ("send", json!({"user_id": 3})),
            1 => ("send", json!({"user_id": 4})),
            2 => ("send/group", group("early")),
            3 => ("send/group", group("late")),
            _ => ("broadcast", json!({})),
        };
        let mut body = json!({"event_type": "n", "data": number, "priority": number % 3});
        let fields = whom.as_object().expect("fields").clone();
        body.as_object_mut().expect("fields").extend(fields);
        supr.post(&format!("{SSE}/{to}"), body).await.ok();
    }
    let mut all = Vec::new();
    let mut server = server;
    for _ in 0..2 {
        let alice = alice.at(&server.url);
        let mut stream = alice.resume(&id).await;
        assert_eq!(stream.hello.json()["recovered"], true);
        let mut got = Vec::new();
        // Six for alice, six for everybody, and three for the group she is in.
        for _ in 0..15 {
            let event = stream.next().await;
            let name = event.id().split("~sent=").next().expect("a name");
            got.push((event.data.clone(), name.to_owned()));
        }
        alice.say("and on").await;
        assert_eq!(stream.next().await.content(), "and on");
        all.push(got);
        server = server.again();
    }
    assert_eq!(all[0], all[1]);
}
