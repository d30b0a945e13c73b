use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{Client, Server, until};

async fn setup(faults: Value) -> (Server, Client) {
    let server = Server::start(&["--in-memory", "--faults", "--heartbeat", "100ms"]);
    let alice = server.user("alice").await;
    alice.post("/__test/faults", faults).await.ok();
    (server, alice)
}

#[tokio::test]
async fn without_the_flag_nothing_can_be_broken() {
    let server = Server::start(&["--in-memory"]);
    let client = Client::anonymous(&server.url);
    let body = json!({"mute": true});
    let reply = client.post("/__test/faults", body).await;
    reply.refused(403, "faults_disabled");
    let reply = client.get("/__test/connections").await;
    reply.refused(403, "faults_disabled");
    let body = json!({"user_id": 3, "event_type": "x", "data": ""});
    let reply = client.post("/__test/event", body).await;
    reply.refused(403, "faults_disabled");
}

#[tokio::test]
async fn answers_in_place_of_a_stream() {
    let (_server, alice) = setup(json!({"status": 429, "retry_after": 7, "user_id": 3})).await;
    let reply = alice.get("/events").await;
    reply.refused(429, "fault");
    assert_eq!(reply.headers["retry-after"], "7");

    alice
        .post("/__test/faults", json!({"status": 204}))
        .await
        .ok();
    assert_eq!(alice.get("/events").await.status, 204);

    alice
        .post("/__test/faults", json!({"redirect": "/events?x=1"}))
        .await
        .ok();
    let reply = alice.get("/events").await;
    assert_eq!(reply.status, 307);
    assert_eq!(reply.headers["location"], "/events?x=1");

    alice
        .post("/__test/faults", json!({"wrong_content_type": true}))
        .await
        .ok();
    let stream = alice.stream("").await;
    assert!(
        stream.headers["content-type"]
            .to_str()
            .unwrap_or_default()
            .starts_with("text/html")
    );

    alice
        .post("/__test/faults", json!({"refuse": true}))
        .await
        .ok();
    let refused = alice.request(reqwest::Method::GET, "/events").send().await;
    assert!(refused.is_err_and(|error| error.is_request()));
    // Only streams are refused.
    alice.get("/api/chats").await.ok();

    alice.post("/__test/faults", json!({})).await.ok();
    alice.stream("").await;
}

#[tokio::test]
async fn a_count_limits_how_many_streams_are_hit_and_a_user_can_be_singled_out() {
    let (server, alice) = setup(json!({"user_id": 3, "status": 503, "count": 2})).await;
    server.user("bob").await.stream("").await;
    for _ in 0..2 {
        alice.get("/events").await.refused(503, "fault");
    }
    alice.stream("").await;
}

#[tokio::test]
async fn a_muted_stream_is_open_and_says_nothing_until_it_may() {
    let (server, alice) = setup(json!({"mute": true})).await;
    let mut stream = alice.unconfirmed("").await;
    alice.say("held").await;
    let silent = tokio::time::timeout(Duration::from_millis(400), stream.chunk()).await;
    assert!(silent.is_err());
    assert_eq!(server.metric("sse_active_connections").await, 1.0);
    alice.post("/__test/faults", json!({})).await.ok();
    assert_eq!(stream.next().await.event, "connection_confirmed");
    assert_eq!(stream.next().await.content(), "held");

    alice
        .post("/__test/faults", json!({"mute": true}))
        .await
        .ok();
    let gone = alice.unconfirmed("client_id=a").await;
    drop(gone);
    until("a muted client's departure is noticed", async || {
        server.metric("sse_active_connections").await == 1.0
    })
    .await;
}

#[tokio::test]
async fn a_fault_reaches_a_stream_that_is_just_being_opened() {
    let (_server, alice) = setup(json!({})).await;
    for _ in 0..200 {
        alice
            .post("/__test/faults", json!({"mute": true}))
            .await
            .ok();
        let (mut stream, cleared) = tokio::join!(
            alice.unconfirmed(""),
            alice.post("/__test/faults", json!({})),
        );
        cleared.ok();
        assert_eq!(stream.next().await.event, "connection_confirmed");
    }
}

#[tokio::test]
async fn a_stream_stalls_after_some_frames() {
    let (_server, alice) = setup(json!({"stall_after": 2, "no_heartbeat": true})).await;
    let mut stream = alice.stream("").await;
    for text in ["1", "2"] {
        alice.say(text).await;
    }
    assert_eq!(stream.next().await.content(), "1");
    let silent = tokio::time::timeout(Duration::from_millis(300), stream.try_next()).await;
    assert!(silent.is_err());
}

#[tokio::test]
async fn a_stream_is_cut_after_some_bytes() {
    let (_server, alice) = setup(json!({"cut_after_bytes": 50})).await;
    let mut stream = alice.unconfirmed("").await;
    let mut bytes = 0;
    let end = loop {
        match stream.chunk().await {
            Some(Ok(chunk)) => bytes += chunk.len(),
            other => break other,
        }
    };
    assert!(matches!(end, Some(Err(_))), "not a broken end");
    assert_eq!(bytes, 50);

    // One that is open already is cut at once.
    alice
        .post("/__test/faults", json!({"no_heartbeat": true}))
        .await
        .ok();
    let mut stream = alice.stream("").await;
    let id = &stream.hello.json()["connection_id"];
    let now = json!({"connection_id": id, "cut_after_bytes": 0});
    alice.post("/__test/faults", now).await.ok();
    assert!(matches!(stream.chunk().await, Some(Err(_)) | None));
}

#[tokio::test]
async fn events_come_twice_late_in_pieces_or_slowly() {
    let (_server, alice) = setup(json!({"duplicate": true})).await;
    let mut stream = alice.stream("").await;
    alice.say("twice").await;
    let first = stream.next().await;
    assert_eq!(first, stream.next().await);

    alice
        .post(
            "/__test/faults",
            json!({"delay": 300, "no_heartbeat": true}),
        )
        .await
        .ok();
    let start = Instant::now();
    alice.say("late").await;
    assert_eq!(stream.next().await.content(), "late");
    assert!(start.elapsed() >= Duration::from_millis(300));

    alice
        .post("/__test/faults", json!({"split": 3, "no_heartbeat": true}))
        .await
        .ok();
    let mut split = alice.unconfirmed("").await;
    assert_eq!(split.chunk().await.expect("bytes").expect("bytes").len(), 3);
    assert_eq!(split.next_after(3).await, "connection_confirmed");

    alice
        .post(
            "/__test/faults",
            json!({"throttle": 1000, "no_heartbeat": true}),
        )
        .await
        .ok();
    let start = Instant::now();
    alice.stream("").await;
    assert!(start.elapsed() >= Duration::from_millis(150));
}

#[tokio::test]
async fn a_buffering_proxy_holds_back_until_its_buffer_is_full() {
    let (_server, alice) = setup(json!({"buffer": 2000, "no_heartbeat": true})).await;
    let mut stream = alice.unconfirmed("").await;
    let silent = tokio::time::timeout(Duration::from_millis(300), stream.chunk()).await;
    assert!(silent.is_err());
    alice.say(&"x".repeat(2000)).await;
    assert_eq!(stream.next().await.event, "connection_confirmed");
    assert_eq!(stream.next().await.event, "new_message");
}

#[tokio::test]
async fn heartbeats_stop_and_odd_events_come() {
    let (_server, alice) = setup(json!({"no_heartbeat": true})).await;
    let mut stream = alice.stream("").await;
    let silent = tokio::time::timeout(Duration::from_millis(400), stream.chunk()).await;
    assert!(silent.is_err());

    alice
        .post("/__test/faults", json!({"huge_event": 300_000}))
        .await
        .ok();
    let huge = stream.next().await;
    assert_eq!((&*huge.event, huge.data.len()), ("huge_event", 300_000));

    alice
        .post(
            "/__test/faults",
            json!({"bad_utf8": true, "no_heartbeat": true}),
        )
        .await
        .ok();
    let mut bad = alice.stream("").await;
    let chunk = bad.chunk().await.expect("bytes").expect("bytes");
    assert!(std::str::from_utf8(&chunk).is_err());
}

#[tokio::test]
async fn connections_are_listed_and_any_event_can_be_sent() {
    let (_server, alice) = setup(json!({})).await;
    let mut stream = alice.stream("client_id=tab-1").await;
    let from = stream.hello.id().to_owned();
    let _other = alice.resume(&from).await;
    let list = alice.get("/__test/connections").await.ok();
    assert_eq!(
        list["data"][0]["connection_id"],
        stream.hello.json()["connection_id"]
    );
    assert_eq!(list["data"][0]["client_id"], "tab-1");
    assert_eq!(list["data"][0]["user_id"], 3);
    assert_eq!(list["data"][0]["last_event_id"], Value::Null);
    assert_eq!(list["data"][1]["last_event_id"], from);

    let event = json!({"user_id": 3, "event_type": "odd", "data": "a\nb\r\nc"});
    let sent = alice.post("/__test/event", event).await.ok();
    let got = stream.next().await;
    assert_eq!(got.id(), sent["event_id"]);
    assert_eq!(got.data, "a\nb\nc");
    for bad in ["a\nb", "", "ping", "connection_confirmed", "a b", "\0"] {
        let event = json!({"user_id": 3, "event_type": bad, "data": ""});
        let reply = alice.post("/__test/event", event).await;
        reply.refused(422, "invalid_event_type");
    }
}

#[tokio::test]
async fn a_fault_that_does_not_exist_is_refused() {
    let (_server, alice) = setup(json!({})).await;
    for bad in [
        json!({"mutee": true}),
        json!({"status": 302}),
        json!({"status": 99}),
        json!({"split": 0}),
        json!({"retry_after": 1}),
        json!({"user_id": "x", "mute": true}),
        json!({"connection_id": "x", "count": 1}),
    ] {
        let reply = alice.post("/__test/faults", bad).await;
        reply.refused(422, "invalid_fault");
    }
    let unknown = json!({"connection_id": "x", "mute": true});
    alice
        .post("/__test/faults", unknown)
        .await
        .refused(404, "not_found");
}
