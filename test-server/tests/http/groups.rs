use serde_json::json;

use crate::support::{Client, Server, until};

const SSE: &str = "/api/v1/sse";

#[tokio::test]
async fn subscriptions_change_live_streams_at_once() {
    let server = Server::start(&[]);
    let (admin, alice) = (server.user("super").await, server.user("alice").await);
    let mut stream = alice.stream("").await;
    let group = async |event_type: &str| {
        let body = json!({"group": "news", "event_type": event_type, "data": 1});
        admin.post(&format!("{SSE}/send/group"), body).await.ok()["delivered"].clone()
    };
    assert_eq!(group("before").await, 0);
    let only = json!({"group": "news", "event_types": ["a", "b"]});
    let list = alice.post(&format!("{SSE}/subscribe"), only).await.ok();
    assert_eq!(list["data"][0]["event_types"], json!(["a", "b"]));
    assert_eq!(group("c").await, 0);
    assert_eq!(group("a").await, 1);
    alice
        .post(&format!("{SSE}/subscribe"), json!({"group": "news"}))
        .await
        .ok();
    assert_eq!(group("d").await, 1);
    let left = alice.post(&format!("{SSE}/unsubscribe"), json!({"group": "news"}));
    assert_eq!(left.await.ok()["unsubscribed"], true);
    assert_eq!(group("after").await, 0);
    for expected in ["a", "d"] {
        assert_eq!(stream.next().await.event, expected);
    }
    // No longer hers, so no longer replayed, over a restart too.
    let server = server.again();
    let alice = alice.at(&server.url);
    alice.say("last").await;
    let mut resumed = alice.resume(stream.hello.id()).await;
    assert_eq!(resumed.next().await.content(), "last");
    let list = alice.get(&format!("{SSE}/subscriptions")).await.ok();
    assert_eq!(list, json!({"data": []}));
    for bad in ["", "chat:2", "*", "a b", "ü"] {
        let reply = alice.post(&format!("{SSE}/subscribe"), json!({"group": bad}));
        reply.await.refused(422, "invalid_group");
    }
}

#[tokio::test]
async fn a_stream_can_be_for_one_group() {
    let server = Server::start(&["--in-memory"]);
    let (admin, alice) = (server.user("super").await, server.user("alice").await);
    let path = format!("{SSE}/stream/news/tab");
    alice.get(&path).await.refused(403, "not_in_group");
    for group in ["news", "other"] {
        alice
            .post(&format!("{SSE}/subscribe"), json!({"group": group}))
            .await
            .ok();
    }
    let mut one = alice.open(&path).await;
    assert_eq!(one.hello.event, "connected");
    assert_eq!(one.hello.json()["group"], "news");
    assert_eq!(one.hello.json()["client_id"], "tab");
    let mut all = alice
        .open(&format!("{SSE}/stream/default/tab2?user_id=3"))
        .await;
    let send_group = async |group: &str| {
        let body = json!({"group": group, "event_type": group, "data": 1});
        admin.post(&format!("{SSE}/send/group"), body).await.ok();
    };
    alice.say("chat").await;
    send_group("other").await;
    send_group("default").await;
    send_group("news").await;
    assert_eq!(one.next().await.event, "news");
    for event_type in ["new_message", "other", "default", "news"] {
        assert_eq!(all.next().await.event, event_type);
    }
    // A newer one of the same browser, also by the other route.
    let _newer = alice.stream("client_id=tab").await;
    assert_eq!(one.next().await.event, "superseded");
}

#[tokio::test]
async fn an_administrator_looks_in_and_ends_a_stream() {
    let server = Server::start(&["--in-memory"]);
    let (admin, alice) = (server.user("super").await, server.user("alice").await);
    let stream = alice.stream("client_id=tab").await;
    alice
        .post(&format!("{SSE}/subscribe"), json!({"group": "news"}))
        .await
        .ok();
    let info = admin.get(&format!("{SSE}/info")).await.ok();
    assert_eq!(info["connections"], 1);
    assert_eq!(info["users"][0]["user_id"], 3);
    assert_eq!(info["users"][0]["connections"], 1);
    assert_eq!(info["clients"][0]["client_id"], "tab");
    let group = admin.get(&format!("{SSE}/group/news")).await.ok();
    assert_eq!(group["members"], json!([3]));
    let id = group["connections"][0]["connection_id"]
        .as_str()
        .expect("an id");
    assert_eq!(id, stream.hello.json()["connection_id"]);
    let path = format!("{SSE}/disconnect/{id}");
    admin.post(&path, json!({})).await.ok();
    stream.end().await;
    until("it is gone", async || {
        admin.post(&path, json!({})).await.status == 404
    })
    .await;
    // Not there any more, but not forgotten either.
    let info = admin.get(&format!("{SSE}/info")).await.ok();
    assert_eq!(info["connections"], 0);
    assert_eq!(info["users"][0]["connections"], 0);
    assert_eq!(info["clients"][0]["connections"], 0);
}

#[tokio::test]
async fn a_ticket_opens_one_stream() {
    let server = Server::start(&["--in-memory"]);
    let alice = server.user("alice").await;
    let ticket = alice.post("/events/ticket", json!({})).await.ok();
    assert_eq!(ticket["expires_in"], 30);
    let query = format!("ticket={}", ticket["ticket"].as_str().expect("a ticket"));
    let client = Client::anonymous(&server.url);
    let stream = client.stream(&query).await;
    assert_eq!(stream.hello.json()["user_id"], 3);
    let again = client.get(&format!("/events?{query}")).await;
    again.refused(401, "invalid_ticket");
    let nobody = client.post("/events/ticket", json!({})).await;
    nobody.refused(401, "missing_token");
}

#[tokio::test]
async fn after_ten_wrong_passwords_an_address_waits() {
    let server = Server::start(&["--in-memory"]);
    let client = Client::anonymous(&server.url);
    let log_in = |password: &str| {
        let body = json!({"email": "Bob@test.com", "password": password});
        client.post("/auth/login", body)
    };
    for _ in 0..10 {
        log_in("wrong").await.refused(401, "invalid_credentials");
    }
    let reply = log_in("password").await;
    reply.refused(429, "too_many_logins");
    assert!(reply.headers.contains_key("retry-after"));
    server.user("alice").await;
}

#[tokio::test]
async fn with_one_stream_each_two_devices_do_not_fight() {
    let server = Server::start(&["--in-memory", "--max-connections-per-user", "1"]);
    let alice = server.user("alice").await;
    let laptop = alice.stream("client_id=laptop").await;
    let mut phone = alice.stream("client_id=phone").await;
    // The one that goes is told, so it stays away; the other is left alone.
    assert_eq!(laptop.rest().await[0].event, "superseded");
    alice.say("x").await;
    assert_eq!(phone.next().await.content(), "x");
    assert_eq!(server.metric("sse_superseded_total").await, 1.0);
    assert_eq!(server.metric("sse_connections_total").await, 2.0);
}
