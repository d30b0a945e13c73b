use serde_json::json;

use crate::support::{Client, SSE, Server, note, send};

#[tokio::test]
async fn an_event_reaches_a_user_a_group_and_everybody() {
    let server = Server::start(&["--in-memory"]);
    let (admin, alice) = (server.user("super").await, server.user("alice").await);
    let bob = server.user("bob").await;
    let mut streams = [alice.stream("").await, alice.stream("").await];
    let mut bobs = bob.stream("").await;

    let sent = send(&admin, note(3, "to alice")).await;
    assert_eq!(
        (&sent["delivered"], &sent["persisted"]),
        (&json!(2), &json!(true))
    );
    for stream in &mut streams {
        let event = stream.next().await;
        assert_eq!(
            (event.event.as_str(), event.json()),
            ("note", json!("to alice"))
        );
        assert_eq!(event.id(), sent["event_id"]);
    }
    alice
        .post(&format!("{SSE}/subscribe"), json!({"group": "news"}))
        .await
        .ok();
    let body = json!({"group": "news", "event_type": "n", "data": {"a": [1, null]}});
    let sent = admin.post(&format!("{SSE}/send/group"), body).await.ok();
    assert_eq!(sent["delivered"], 2);
    assert_eq!(streams[0].next().await.json(), json!({"a": [1, null]}));
    let body = json!({"event_type": "all", "data": 1});
    let sent = admin.post(&format!("{SSE}/broadcast"), body).await.ok();
    assert_eq!(sent["delivered"], 3);
    assert_eq!(bobs.next().await.event, "all");
}

#[tokio::test]
async fn only_an_administrator_sends_to_others_and_looks_in() {
    let server = Server::start(&["--in-memory"]);
    let alice = server.user("alice").await;
    send(&alice, note(3, "to myself")).await;
    let nobody = Client::anonymous(&server.url);
    for (path, body) in [
        ("send", note(4, "x")),
        (
            "send/group",
            json!({"group": "g", "event_type": "n", "data": 1}),
        ),
        ("broadcast", json!({"event_type": "n", "data": 1})),
        ("disconnect/x", json!({})),
    ] {
        let path = format!("{SSE}/{path}");
        alice
            .post(&path, body.clone())
            .await
            .refused(403, "forbidden");
        nobody.post(&path, body).await.refused(401, "missing_token");
    }
    for path in ["info", "group/g"] {
        let path = format!("{SSE}/{path}");
        alice.get(&path).await.refused(403, "forbidden");
        nobody.get(&path).await.refused(401, "missing_token");
    }
    for path in ["subscribe", "unsubscribe", "messages/read"] {
        let reply = nobody.post(&format!("{SSE}/{path}"), json!({"group": "g"}));
        reply.await.refused(401, "missing_token");
    }
    for path in ["subscriptions", "messages/unread", "stream/x", "stream/g/x"] {
        let reply = nobody.get(&format!("{SSE}/{path}"));
        reply.await.refused(401, "missing_token");
    }
    let other = alice.get(&format!("{SSE}/stream/x?user_id=4"));
    other.await.refused(403, "forbidden");
}

#[tokio::test]
async fn a_send_that_is_repeated_is_done_once() {
    let server = Server::start(&[]);
    let alice = server.user("alice").await;
    let mut body = note(3, "once");
    body["idempotency_key"] = json!("key-1");
    let first = alice.post(&format!("{SSE}/send"), body.clone()).await;
    assert_eq!(first.status, 201);
    let server = server.again();
    let alice = alice.at(&server.url);
    let again = alice.post(&format!("{SSE}/send"), body.clone()).await;
    assert_eq!(again.status, 200);
    assert_eq!(again.body["event_id"], first.body["event_id"]);
    body["data"] = json!("different");
    let other = alice.post(&format!("{SSE}/send"), body.clone()).await;
    other.refused(409, "idempotency_mismatch");
    // A key is the sender's own.
    let admin = server.user("super").await;
    assert_eq!(admin.post(&format!("{SSE}/send"), body).await.status, 201);
    let pending = alice.get(&format!("{SSE}/messages/pending")).await.ok();
    assert_eq!(pending["data"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn a_bad_send_says_what_is_bad() {
    let server = Server::start(&["--in-memory"]);
    let admin = server.user("super").await;
    let mut bad = Vec::new();
    for (field, value, code) in [
        ("priority", json!(3), "invalid_body"),
        ("ttl", json!(0), "invalid_body"),
        ("idempotency_key", json!(""), "invalid_body"),
        ("event_type", json!("ping"), "invalid_event_type"),
        ("event_type", json!("a\r\nb"), "invalid_event_type"),
        ("event_type", json!("a\u{0}"), "invalid_event_type"),
        ("user_id", json!(99), "unknown_user"),
        ("user_id", json!("3"), "invalid_body"),
        ("group", json!("g"), "invalid_body"),
        ("extra", json!(1), "invalid_body"),
    ] {
        let mut body = note(3, "x");
        body[field] = value;
        bad.push((body, code));
    }
    bad.push((json!({"user_id": 3, "event_type": "x"}), "invalid_body"));
    for (body, code) in bad {
        let reply = admin.post(&format!("{SSE}/send"), body).await;
        reply.refused(422, code);
    }
}
