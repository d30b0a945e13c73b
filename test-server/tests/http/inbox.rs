use serde_json::json;

use crate::support::{Client, SSE, Server, note, send, until};

#[tokio::test]
async fn an_event_past_its_time_is_not_replayed_and_leaves_no_gap() {
    let server = Server::start(&["--cleanup-interval", "50ms"]);
    let alice = server.user("alice").await;
    let stream = alice.stream("").await;
    let mut short = note(3, "short-lived");
    short["ttl"] = json!(1);
    send(&alice, short).await;
    send(&alice, note(3, "kept")).await;
    until("it has expired", async || {
        let unread = alice.get(&format!("{SSE}/messages/unread")).await.ok();
        unread["unread"] == 1
    })
    .await;
    let mut resumed = alice.resume(stream.hello.id()).await;
    assert_eq!(resumed.hello.json()["recovered"], true);
    assert_eq!(resumed.next().await.json(), "kept");
}

#[tokio::test]
async fn what_is_older_than_the_retention_goes_and_the_gap_is_said() {
    let server = Server::start(&["--cleanup-interval", "50ms", "--retention", "5s"]);
    let alice = server.user("alice").await;
    let stream = alice.stream("").await;
    send(&alice, note(3, "old")).await;
    let pending = async || alice.get(&format!("{SSE}/messages/pending")).await.ok();
    until("the old one is cleared", async || {
        pending().await["data"]
            .as_array()
            .is_some_and(Vec::is_empty)
    })
    .await;
    send(&alice, note(3, "new")).await;
    let mut resumed = alice.resume(stream.hello.id()).await;
    let hello = resumed.hello.json();
    assert_eq!(hello["recovered"], false);
    let gap = resumed.next().await;
    assert_eq!(
        (gap.event.as_str(), &gap.json()["reason"]),
        ("gap", &json!("expired"))
    );
    assert_eq!(resumed.next().await.json(), "new");
    let earliest = hello["earliest"].as_str().expect("an id");
    let resumed = alice.resume(earliest).await;
    assert_eq!(resumed.hello.json()["recovered"], true);
}

#[tokio::test]
async fn too_much_that_waits_is_trimmed_from_the_least_urgent_and_the_gap_is_said() {
    let server = Server::start(&["--cleanup-interval", "50ms", "--max-waiting-per-user", "3"]);
    let (admin, bob) = (server.user("super").await, server.user("bob").await);
    let from = bob.stream("").await.hello;
    until("bob is away", async || {
        server.metric("sse_active_connections").await == 0.0
    })
    .await;
    for (priority, data) in [
        (2, "u1"),
        (0, "n1"),
        (1, "h1"),
        (0, "n2"),
        (0, "n3"),
        (2, "u2"),
    ] {
        let mut body = note(4, data);
        body["priority"] = json!(priority);
        send(&admin, body).await;
    }
    let pending = async || bob.get(&format!("{SSE}/messages/pending")).await.ok();
    until("it is trimmed", async || {
        pending().await["data"].as_array().map(Vec::len) == Some(3)
    })
    .await;
    let mut resumed = bob.resume(from.id()).await;
    assert_eq!(resumed.hello.json()["recovered"], false);
    assert_eq!(resumed.next().await.event, "gap");
    for left in ["u1", "u2", "h1"] {
        assert_eq!(resumed.next().await.json(), left);
    }
}

#[tokio::test]
async fn urgent_goes_first_out_of_the_log_and_every_id_is_safe() {
    let server = Server::start(&["--in-memory", "--max-connections-per-user", "100"]);
    let (admin, alice) = (server.user("super").await, server.user("alice").await);
    let from = alice.stream("").await.hello;
    for (priority, data) in [(0, "n1"), (1, "h1"), (0, "n2"), (2, "u1"), (0, "n3")] {
        let mut body = note(3, data);
        body["priority"] = json!(priority);
        send(&admin, body).await;
    }
    let order = ["u1", "h1", "n1", "n2", "n3"];
    let mut stream = alice.resume(from.id()).await;
    for index in 0..order.len() {
        let event = stream.next().await;
        assert_eq!(event.json(), order[index]);
        let mut resumed = alice.resume(event.id()).await;
        for rest in &order[index + 1..] {
            assert_eq!(resumed.next().await.json(), *rest);
        }
        send(&admin, note(3, "sentinel")).await;
        let mut sentinels = 0;
        while sentinels <= index {
            assert_eq!(resumed.next().await.json(), "sentinel");
            sentinels += 1;
        }
    }
}

#[tokio::test]
async fn reading_is_counted_and_is_ones_own() {
    let server = Server::start(&[]);
    let (alice, test) = (server.user("alice").await, server.user("test").await);
    let unread = async |who: &Client| {
        let reply = who.get(&format!("{SSE}/messages/unread")).await.ok();
        reply["unread"].clone()
    };
    assert_eq!(unread(&alice).await, 0);
    alice.say("all").await;
    let own = send(&alice, note(3, "own")).await;
    let secret = json!({"content": "alice and bob"});
    alice.post("/api/chats/2/messages", secret).await.ok();
    assert_eq!(
        (unread(&alice).await, unread(&test).await),
        (json!(3), json!(1))
    );

    let page = alice.get(&format!("{SSE}/messages/pending")).await.ok();
    let ids: Vec<_> = page["data"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|event| event["event_id"].clone())
        .collect();
    // Neither Alice's own nor a chat of hers is Test's to mark.
    let body = json!({"event_ids": [own["event_id"], ids[2]]});
    let marked = test.post(&format!("{SSE}/messages/read"), body).await.ok();
    assert_eq!(marked, json!({"marked": 0, "unread": 1}));
    let body = json!({"event_ids": [ids[1], ids[2], ids[2]]});
    let marked = alice.post(&format!("{SSE}/messages/read"), body).await.ok();
    assert_eq!(marked, json!({"marked": 2, "unread": 1}));
    let marked = alice.post(&format!("{SSE}/messages/read"), json!({"up_to": ids[2]}));
    assert_eq!(marked.await.ok()["unread"], 0);
    alice.say("more").await;
    assert_eq!(
        (unread(&alice).await, unread(&test).await),
        (json!(1), json!(2))
    );
    for bad in ["x", "deadbeef-1"] {
        let reply = alice.post(&format!("{SSE}/messages/read"), json!({"up_to": bad}));
        reply.await.refused(422, "invalid_event_id");
    }
}

#[tokio::test]
async fn what_is_not_kept_reaches_only_who_is_there() {
    let server = Server::start(&["--in-memory"]);
    let alice = server.user("alice").await;
    let once = json!({"user_id": 3, "event_type": "typing", "data": 1, "persist": false});
    let mut stream = alice.stream("").await;
    let sent = send(&alice, once.clone()).await;
    assert_eq!(
        (&sent["delivered"], &sent["persisted"]),
        (&json!(1), &json!(false))
    );
    let event = stream.next().await;
    assert_eq!(event.id(), sent["event_id"]);
    send(&alice, note(3, "kept")).await;
    // Its id is safe to resume from, and it is not sent again.
    let mut resumed = alice.resume(event.id()).await;
    assert_eq!(resumed.next().await.json(), "kept");
    drop((stream, resumed));
    until("alice is gone", async || {
        send(&alice, once.clone()).await["delivered"] == 0
    })
    .await;
}
