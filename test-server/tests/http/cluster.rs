//! Several servers that share one log in NATS.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Client, Nats, Server, Sse, run_to_end, until};

/// NATS and two servers.
struct Cluster {
    nats: Nats,
    a: Server,
    b: Server,
}

impl Cluster {
    fn start(args: &[&str]) -> Option<Self> {
        let nats = Nats::start()?;
        let url = nats.url();
        let args = [&["--nats", &url], args].concat();
        let (a, b) = (Server::start(&args), Server::start(&args));
        Some(Self { nats, a, b })
    }
}

/// Sends numbered messages as long as they are wanted, one after the other. One
/// that is refused is sent again, under a key, so that it is sent once.
struct Burst {
    sender: tokio::task::JoinHandle<usize>,
    stop: tokio::sync::watch::Sender<bool>,
}

impl Burst {
    fn start(clients: Vec<Client>) -> Self {
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
    async fn stop(self) -> usize {
        self.stop.send_replace(true);
        self.sender.await.expect("the sender ends")
    }
}

/// Reads numbers from `next` on, in order and each once, up to `until`.
async fn numbers(stream: &mut Sse, next: &mut usize, until: usize, last: &mut String) {
    while *next < until {
        let Some(event) = stream.try_next().await else {
            return;
        };
        assert_eq!(event.json(), *next, "{event:?}");
        event.id().clone_into(last);
        *next += 1;
    }
}

async fn pending(client: &Client) -> Vec<(Value, Value)> {
    let page = client
        .get("/api/v1/sse/messages/pending?limit=1000")
        .await
        .ok();
    let events = page["data"].as_array().expect("a list");
    let of = |event: &Value| (event["event_id"].clone(), event["data"].clone());
    events.iter().map(of).collect()
}

#[tokio::test]
async fn what_is_sent_at_one_server_reaches_streams_at_all() {
    let Some(Cluster { nats: _nats, a, b }) = Cluster::start(&[]) else {
        return;
    };
    let at_a = a.user("alice").await;
    // A token of one server is good at the others.
    let at_b = at_a.at(&b.url);
    let mut stream_a = at_a.stream("client_id=a").await;
    let mut stream_b = at_b.stream("client_id=b").await;
    for number in 0..20 {
        let from = if number % 3 == 0 { &at_a } else { &at_b };
        from.say(&number.to_string()).await;
    }
    for number in 0..20 {
        let (one, other) = (stream_a.next().await, stream_b.next().await);
        assert_eq!(one.content(), number.to_string());
        // The same event, with the same id.
        assert_eq!(one, other);
    }
    // It counts the streams of both.
    let body = json!({"user_id": 3, "event_type": "n", "data": 1, "persist": false});
    let sent = at_b.post("/api/v1/sse/send", body).await.ok();
    assert_eq!(sent["delivered"], 2);
    assert_eq!(stream_a.next().await.id(), sent["event_id"]);
    assert_eq!(stream_b.next().await.id(), sent["event_id"]);
    // Memberships are shared too, and live streams follow.
    let news = json!({"group": "news"});
    at_a.post("/api/v1/sse/subscribe", news).await.ok();
    let admin = b.user("super").await;
    let body = json!({"group": "news", "event_type": "headline", "data": "x"});
    let sent = admin.post("/api/v1/sse/send/group", body).await.ok();
    assert_eq!(sent["delivered"], 2);
    assert_eq!(stream_a.next().await.event, "headline");
    assert_eq!(stream_b.next().await.event, "headline");
}

#[tokio::test]
async fn a_client_goes_on_at_another_server() {
    let Some(Cluster { nats: _nats, a, b }) = Cluster::start(&[]) else {
        return;
    };
    let (at_a, at_b) = {
        let alice = a.user("alice").await;
        (alice.clone(), alice.at(&b.url))
    };
    let mut next = 0;
    let mut stream = at_a.stream("").await;
    let mut last = stream.hello.id().to_owned();
    let burst = Burst::start(vec![at_a.clone(), at_b.clone()]);
    for round in 1..=10 {
        numbers(&mut stream, &mut next, round * 10, &mut last).await;
        let there = if round % 2 == 0 { &at_a } else { &at_b };
        // At once, maybe before that server has heard of the event itself.
        stream = there.resume(&last).await;
        assert_eq!(stream.hello.json()["recovered"], true);
        let page = format!("/api/v1/sse/messages/pending?last_event_id={last}");
        assert_eq!(there.get(&page).await.ok()["recovered"], true);
    }
    let sent = burst.stop().await;
    numbers(&mut stream, &mut next, sent, &mut last).await;
    assert_eq!(pending(&at_a).await, pending(&at_b).await);
}

#[tokio::test]
async fn a_killed_server_loses_nothing() {
    let Some(Cluster {
        nats: _nats,
        mut a,
        b,
    }) = Cluster::start(&[])
    else {
        return;
    };
    let (at_a, at_b) = {
        let alice = a.user("alice").await;
        (alice.clone(), alice.at(&b.url))
    };
    let mut next = 0;
    let mut stream = at_a.stream("client_id=browser").await;
    let mut last = stream.hello.id().to_owned();
    let burst = Burst::start(vec![at_a.clone(), at_b.clone()]);
    numbers(&mut stream, &mut next, 50, &mut last).await;
    a.kill();
    // What was on its way still comes; then the browser goes to the other server.
    numbers(&mut stream, &mut next, usize::MAX, &mut last).await;
    stream = at_b.resume(&last).await;
    numbers(&mut stream, &mut next, 150, &mut last).await;
    // It comes back over what it had, and goes on from there.
    let a = a.again();
    let at_a = at_a.at(&a.url);
    let sent = burst.stop().await;
    numbers(&mut stream, &mut next, sent, &mut last).await;
    until("both have the same", async || {
        pending(&at_a).await == pending(&at_b).await
    })
    .await;
    // What it had open when it was killed is not there any more.
    let admin = b.user("super").await;
    until("its stream is gone", async || {
        admin.get("/api/v1/sse/info").await.ok()["connections"] == 1
    })
    .await;
    drop(stream);
    until("the other too, seen from there", async || {
        let info = admin.at(&a.url).get("/api/v1/sse/info").await.ok();
        info["connections"] == 0
    })
    .await;
}

#[tokio::test]
async fn nats_goes_and_comes_and_nothing_is_lost() {
    let Some(Cluster { mut nats, a, b }) = Cluster::start(&["--heartbeat", "100ms"]) else {
        return;
    };
    let (at_a, at_b) = {
        let alice = a.user("alice").await;
        (alice.clone(), alice.at(&b.url))
    };
    let mut next = 0;
    let mut stream = at_b.stream("").await;
    let mut last = stream.hello.id().to_owned();
    let burst = Burst::start(vec![at_a.clone(), at_b.clone()]);
    numbers(&mut stream, &mut next, 50, &mut last).await;
    nats.kill();
    for client in [&at_a, &at_b] {
        until("it is not ready", async || {
            client.get("/readyz").await.status == 503
        })
        .await;
        client.get("/readyz").await.refused(503, "log_unavailable");
        let body = json!({"content": "x"});
        let posted = client.post("/api/chats/1/messages", body).await;
        posted.refused(503, "log_unavailable");
        assert!(posted.headers.contains_key("retry-after"));
        let poll = client.get("/api/v1/sse/messages/pending").await;
        poll.refused(503, "log_unavailable");
        let ticket = client.post("/events/ticket", json!({})).await;
        ticket.refused(503, "log_unavailable");
        let opened = client.get("/events").await;
        opened.refused(503, "registration_failed");
    }
    nats.start_again();
    for client in [&at_a, &at_b] {
        until("it is ready", async || {
            client.get("/readyz").await.status == 200
        })
        .await;
    }
    // The stream that was open all the while goes on.
    let more = next + 50;
    numbers(&mut stream, &mut next, more, &mut last).await;
    let sent = burst.stop().await;
    numbers(&mut stream, &mut next, sent, &mut last).await;
    until("both have the same", async || {
        pending(&at_a).await == pending(&at_b).await
    })
    .await;
    assert_eq!(pending(&at_a).await.len(), sent);
    stream.ping().await;
}

#[tokio::test]
async fn other_programs_events_are_routed_by_subject() {
    let Some(Cluster { nats, a, b }) = Cluster::start(&[]) else {
        return;
    };
    let (alice, bob) = (a.user("alice").await, b.user("bob").await);
    let test = b.user("test").await;
    let mut alices = alice.stream("").await;
    let mut bobs = bob.stream("").await;
    let mut tests = test.stream("").await;
    let client = nats.client().await;
    let publish = async |subject: &str, payload: &str| {
        let subject = format!("fechatter.realtime.{subject}");
        let sent = client.publish(subject, payload.to_owned().into()).await;
        sent.expect("it is published");
    };
    for (subject, payload) in [
        ("x", "not json"),
        ("x", "{}"),
        ("x", r#"{"recipients": [99]}"#),
        ("x", r#"{"chat_id": 99}"#),
        ("ping", r#"{"chat_id": 1}"#),
    ] {
        publish(subject, payload).await;
    }
    publish(
        "x",
        &format!(r#"{{"chat_id": 1, "y": "{}"}}"#, "y".repeat(300 << 10)),
    )
    .await;
    client
        .publish("tabcast.commands", "nonsense".into())
        .await
        .expect("published");
    let message = json!({"type": "message_received", "message": {"content": "hello"},
        "recipients": [3, 4, 99]});
    publish("message_received", &message.to_string()).await;
    publish("typing", r#"{"chat_id": 2, "user_id": 4}"#).await;
    publish("presence.online", r#"{"chat_id": 1}"#).await;
    for stream in [&mut alices, &mut bobs] {
        let event = stream.next().await;
        assert_eq!(event.event, "message_received");
        let data = json!({"type": "message_received", "message": {"content": "hello"}});
        assert_eq!(event.json(), data);
        assert_eq!(stream.next().await.event, "typing");
        assert_eq!(stream.next().await.event, "online");
    }
    assert_eq!(tests.next().await.event, "online");
    for server in [&a, &b] {
        for reason in [
            "malformed",
            "no_audience",
            "unknown_user",
            "unknown_chat",
            "invalid_event_type",
            "too_large",
        ] {
            let count = if reason == "malformed" { 2.0 } else { 1.0 };
            let name = format!("sse_log_refused_total{{reason=\"{reason}\"}}");
            assert_eq!(server.metric(&name).await, count, "{reason}");
        }
        assert!(server.log().contains("a message from NATS is refused"));
    }
}

#[tokio::test]
async fn limits_hold_over_all_servers() {
    let Some(Cluster { nats: _nats, a, b }) = Cluster::start(&["--max-connections-per-user", "2"])
    else {
        return;
    };
    let alice = a.user("alice").await;
    let at_b = alice.at(&b.url);
    let superseded = async |stream: Sse| {
        let rest = stream.rest().await;
        assert_eq!(rest.last().map(|event| &*event.event), Some("superseded"));
    };
    // One browser, one stream, wherever it is.
    let first = alice.stream("client_id=one").await;
    let second = at_b.stream("client_id=one").await;
    superseded(first).await;
    let third = alice.stream("client_id=one").await;
    superseded(second).await;
    // Above the limit the newest wins.
    let fourth = at_b.stream("client_id=two").await;
    let fifth = at_b.stream("client_id=three").await;
    superseded(third).await;

    let admin = a.user("super").await;
    let info = admin.get("/api/v1/sse/info").await.ok();
    assert_eq!(info["connections"], 2);
    assert_eq!(info["users"][0]["connections"], 2);
    let there = admin.at(&b.url).get("/api/v1/sse/info").await.ok();
    assert_eq!(info["groups"], there["groups"]);
    let id = fourth.hello.json()["connection_id"].clone();
    let path = format!("/api/v1/sse/disconnect/{}", id.as_str().expect("an id"));
    admin.post(&path, json!({})).await.ok();
    fourth.end().await;
    admin.post(&path, json!({})).await.refused(404, "not_found");

    // A ticket opens one stream, at either.
    let ticket = alice.post("/events/ticket", json!({})).await.ok();
    let path = format!("/events?ticket={}", ticket["ticket"].as_str().expect("one"));
    let anonymous = Client::anonymous(&b.url);
    let sixth = anonymous.open(&path).await;
    for url in [&a.url, &b.url] {
        let again = anonymous.at(url).get(&path).await;
        again.refused(401, "invalid_ticket");
    }
    drop((fifth, sixth));

    // A send is done once for each key, and a mark holds everywhere.
    let body = json!({"user_id": 3, "event_type": "n", "data": 1, "idempotency_key": "k"});
    let sent = alice.post("/api/v1/sse/send", body.clone()).await;
    assert_eq!(sent.status, 201);
    let id = sent.ok()["event_id"].clone();
    let again = at_b.post("/api/v1/sse/send", body).await;
    assert_eq!(again.status, 200);
    assert_eq!(again.ok()["event_id"], id);
    assert_eq!(
        at_b.get("/api/v1/sse/messages/unread").await.ok()["unread"],
        1
    );
    let body = json!({"event_ids": [id]});
    alice.post("/api/v1/sse/messages/read", body).await.ok();
    until("it is read there too", async || {
        at_b.get("/api/v1/sse/messages/unread").await.ok()["unread"] == 0
    })
    .await;
    until("they are gone", async || {
        admin.get("/api/v1/sse/info").await.ok()["connections"] == 0
    })
    .await;
}

#[tokio::test]
async fn a_server_that_starts_late_begins_with_a_snapshot() {
    let Some(nats) = Nats::start() else { return };
    let url = nats.url();
    let short = [
        "--nats",
        &url,
        "--retention",
        "2s",
        "--cleanup-interval",
        "200ms",
    ];
    let a = Server::start(&short);
    let alice = a.user("alice").await;
    alice.say("long ago").await;
    // Its change is gone from the log, and what came of it is in a snapshot.
    until("there is a snapshot", async || {
        alice.say("later").await;
        a.log().contains("made a snapshot")
    })
    .await;
    for late in [
        Server::start(&short),
        Server::start(&[&short[..], &["--in-memory"]].concat()),
    ] {
        let there = alice.at(&late.url);
        let page = "/api/chats/1/messages?limit=200";
        let all = there.get(page).await.ok();
        assert_eq!(all["data"][0]["content"], "long ago");
        there.say("from there").await;
        until("it is everywhere", async || {
            alice.get(page).await.ok() == there.get(page).await.ok()
        })
        .await;
    }
}

#[tokio::test]
async fn a_data_folder_is_of_one_server_and_of_one_log() {
    let Some(nats) = Nats::start() else { return };
    let url = nats.url();
    let mut server = Server::start(&["--nats", &url]);
    let data = server.dir.path().join("data");
    let data = data.to_string_lossy();
    let listen = ["--listen", "127.0.0.1:0"];
    let refused = |args: &[&str], why: &str| {
        let (code, stderr) = run_to_end(&[&listen[..], args].concat());
        assert_eq!(code, Some(1), "{stderr}");
        assert!(stderr.contains(why), "{stderr}");
    };
    refused(&["--data", &data, "--nats", &url], "used by another server");
    server.user("alice").await.say("x").await;
    server.kill();
    refused(&["--data", &data], "is of a log in NATS");
    let other = Nats::start().expect("it is installed");
    refused(
        &["--data", &data, "--nats", &other.url()],
        "is not of the log in NATS",
    );
    refused(
        &["--in-memory", "--nats", "nats://127.0.0.1:1"],
        "cannot connect to NATS",
    );
}
