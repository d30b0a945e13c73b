//! Several servers that share one log in NATS act as one.

use serde_json::json;

use crate::support::{Burst, Client, Cluster, Sse, numbers, pending, until};

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
    until("both have the same", async || {
        pending(&at_a).await == pending(&at_b).await
    })
    .await;
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
    // The one that was asked for later, whichever comes first.
    let later = at_b.stream("client_id=late&asked_at=2000").await;
    superseded(alice.stream("client_id=late&asked_at=1000").await).await;
    drop(later);
    // Above the limit the newest wins.
    let fourth = at_b.stream("client_id=two").await;
    let fifth = at_b.stream("client_id=three").await;
    superseded(third).await;

    let admin = a.user("super").await;
    until("two are counted, the same at both", async || {
        let info = admin.get("/api/v1/sse/info").await.ok();
        let there = admin.at(&b.url).get("/api/v1/sse/info").await.ok();
        info["connections"] == 2
            && info["users"][0]["connections"] == 2
            && info["groups"] == there["groups"]
    })
    .await;
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
