use std::time::Instant;

use tokio::time::timeout;

use crate::support::{Client, PATIENCE, Server, until};

#[tokio::test]
async fn a_stream_says_at_once_what_it_is() {
    let server = Server::start(&["--in-memory"]);
    let alice = server.user("alice").await;
    let stream = alice.stream("").await;
    let header = |name| stream.headers[name].to_str().unwrap_or_default();
    assert_eq!(header("content-type"), "text/event-stream");
    assert_eq!(header("cache-control"), "no-store");
    assert_eq!(header("x-accel-buffering"), "no");

    let hello = stream.hello.json();
    assert_eq!(hello["type"], "connection_confirmed");
    assert_eq!(hello["user_id"], 3);
    assert_eq!(hello["connected_chats"], serde_json::json!([1, 2]));
    assert_eq!(hello["recovered"], true);
    assert!(hello["connection_id"].is_string());
    assert!(
        hello["timestamp"]
            .as_str()
            .is_some_and(|t| t.ends_with('Z'))
    );
    // Resuming from that very id works before any message came.
    alice.say("missed").await;
    let mut again = alice.resume(stream.hello.id()).await;
    assert_eq!(again.next().await.content(), "missed");
    let mut again = alice
        .resume(hello["earliest"].as_str().expect("an id"))
        .await;
    assert_eq!(again.next().await.content(), "missed");
}

#[tokio::test]
async fn the_token_may_be_in_the_url() {
    let server = Server::start(&["--in-memory"]);
    let token = server.user("bob").await.token.expect("a token");
    let stream = Client::anonymous(&server.url).stream(&format!("access_token={token}"));
    assert_eq!(stream.await.hello.json()["user_id"], 4);
}

#[tokio::test]
async fn a_ping_comes_each_heartbeat_and_carries_the_cursor_on() {
    let server = Server::start(&["--in-memory", "--heartbeat", "50ms"]);
    let (alice, test) = (server.user("alice").await, server.user("test").await);
    let mut quiet = test.stream("").await;
    // Alice and Bob's own; nothing for Test.
    let body = serde_json::json!({"content": "x"});
    alice.post("/api/chats/2/messages", body).await.ok();
    let ping = quiet.ping().await;
    assert_eq!(ping.json()["type"], "ping");
    let mut next = quiet.ping().await;
    assert_ne!(ping.id(), next.id());
    let position = |id: &str| id.split(['-', '@']).nth(1).map(str::to_owned);
    assert_eq!(position(quiet.hello.id()).as_deref(), Some("0"));
    let carried_on = async {
        // Some may have been sent before the message was.
        while position(next.id()).as_deref() == Some("0") {
            next = quiet.ping().await;
        }
    };
    let carried_on = timeout(PATIENCE, carried_on).await;
    carried_on.expect("the cursor is carried on");
    assert_eq!(position(next.id()).as_deref(), Some("1"));
    let resumed = test.resume(next.id()).await;
    assert_eq!(resumed.hello.json()["recovered"], true);
}

#[tokio::test]
async fn a_stream_can_ask_for_some_types_only() {
    let server = Server::start(&["--in-memory", "--faults"]);
    let alice = server.user("alice").await;
    let mut some = alice.stream("events=wanted,%20too").await;
    let send = async |event_type: &str| {
        let body = serde_json::json!({"user_id": 3, "event_type": event_type, "data": "x"});
        alice.post("/__test/event", body).await.ok();
    };
    alice.say("unwanted").await;
    send("wanted").await;
    send("other").await;
    send("too").await;
    assert_eq!(some.next().await.event, "wanted");
    let too = some.next().await;
    assert_eq!(too.event, "too");
    // Replayed the same way.
    let from = some.hello.id();
    let mut again = alice
        .stream(&format!("events=wanted,too&last_event_id={from}"))
        .await;
    assert_eq!(again.next().await.event, "wanted");
    assert_eq!(again.next().await, too);
}

#[tokio::test]
async fn one_browser_has_one_stream_and_the_newest_wins() {
    let server = Server::start(&["--in-memory"]);
    let (alice, bob) = (server.user("alice").await, server.user("bob").await);
    let first = alice.stream("client_id=one").await;
    let mut other_browser = alice.stream("client_id=two").await;
    let mut other_user = bob.stream("client_id=one").await;
    let mut second = alice.stream("client_id=one").await;

    let rest = first.rest().await;
    assert_eq!(rest.len(), 1);
    assert_eq!(rest[0].event, "superseded");
    assert_eq!(rest[0].json()["type"], "superseded");
    alice.say("x").await;
    for stream in [&mut second, &mut other_browser, &mut other_user] {
        assert_eq!(stream.next().await.content(), "x");
    }
    until("three streams are counted", async || {
        server.metric("sse_active_connections").await == 3.0
    })
    .await;
    assert_eq!(server.metric("sse_superseded_total").await, 1.0);
}

#[tokio::test]
async fn of_two_streams_of_one_browser_the_one_asked_for_later_stays() {
    let server = Server::start(&["--in-memory"]);
    let alice = server.user("alice").await;
    let now = 1_700_000_000_000_i64;
    let asked_at = |at: i64| format!("client_id=one&asked_at={at}");
    let mut later = alice.stream(&asked_at(now)).await;
    // The browser gave it up, but a proxy has brought it all the same.
    let overtaken = alice.stream(&asked_at(now - 1_000)).await;
    assert_eq!(overtaken.rest().await[0].event, "superseded");
    alice.say("hello").await;
    assert_eq!(later.next().await.event, "new_message");
    // A clock that was set back by hours keeps nobody out.
    let set_back = alice.stream(&asked_at(now - 7_200_000)).await;
    assert_eq!(later.rest().await[0].event, "superseded");
    let without = alice.stream("client_id=one").await;
    assert_eq!(set_back.rest().await[0].event, "superseded");
    drop(without);
}

#[tokio::test]
async fn above_the_limit_of_a_user_the_newest_wins() {
    let server = Server::start(&["--in-memory", "--max-connections-per-user", "1"]);
    let alice = server.user("alice").await;
    let bob = server.user("bob").await.stream("client_id=laptop").await;
    let laptop = alice.stream("client_id=laptop").await;
    let mut phone = alice.stream("client_id=phone").await;
    let rest = laptop.rest().await;
    assert_eq!(rest[0].event, "superseded");
    alice.say("x").await;
    assert_eq!(phone.next().await.content(), "x");
    drop(bob);
}

#[tokio::test]
async fn a_full_server_says_so_and_has_room_again() {
    let server = Server::start(&["--in-memory", "--max-connections", "2"]);
    let (alice, bob) = (server.user("alice").await, server.user("bob").await);
    let one = alice.stream("").await;
    let _two = bob.stream("").await;
    let reply = alice.get("/events").await;
    reply.refused(503, "too_many_connections");
    assert!(reply.headers.contains_key("retry-after"));
    drop(one);
    until("there is room again", async || {
        alice.get("/__nothing").await;
        server.metric("sse_active_connections").await == 1.0
    })
    .await;
    alice.stream("").await;
}

#[tokio::test]
async fn a_client_that_goes_is_noticed_at_once() {
    let server = Server::start(&["--in-memory"]);
    let alice = server.user("alice").await;
    let streams = [alice.stream("").await, alice.stream("").await];
    assert_eq!(server.metric("sse_active_connections").await, 2.0);
    drop(streams);
    // Long before the first ping, at which it would show too.
    until("nobody is counted", async || {
        server.metric("sse_active_connections").await == 0.0
    })
    .await;
}

#[tokio::test]
async fn a_client_id_that_cannot_be_is_refused() {
    let server = Server::start(&["--in-memory"]);
    let alice = server.user("alice").await;
    for bad in ["", "a%20b", "%C3%A9", &"x".repeat(129)] {
        let reply = alice.get(&format!("/events?client_id={bad}")).await;
        reply.refused(400, "invalid_client_id");
    }
}

#[tokio::test]
async fn a_stream_lives_no_longer_than_it_may_and_says_when_to_come_back() {
    let server = Server::start(&["--in-memory", "--max-lifetime", "500ms"]);
    let alice = server.user("alice").await;
    let start = Instant::now();
    let rest = alice.stream("").await.rest().await;
    let lived = start.elapsed();
    assert!((400..20_000).contains(&lived.as_millis()), "{lived:?}");
    let retry = rest[0].retry.expect("a word on when to come back");
    assert!((100..1000).contains(&retry), "{retry}");
}

#[tokio::test]
async fn a_client_whose_system_takes_nothing_is_gone_at_the_client_timeout() {
    let flags = ["--client-timeout", "1s", "--send-timeout", "1h", "--faults"];
    let server = Server::start(&flags);
    let alice = server.user("alice").await;
    let silent = alice.stream("").await;
    let fault = serde_json::json!({"user_id": 3, "huge_event": 30_000_000});
    alice.post("/__test/faults", fault).await.ok();
    until("it is given up", async || {
        server.metric("sse_active_connections").await == 0.0
    })
    .await;
    drop(silent);
}

#[tokio::test]
async fn a_full_server_lets_a_browser_replace_its_own_stream() {
    let server = Server::start(&["--in-memory", "--max-connections", "1"]);
    let alice = server.user("alice").await;
    let first = alice.stream("client_id=one").await;
    let other = alice.get("/events?client_id=other").await;
    other.refused(503, "too_many_connections");
    let _second = alice.stream("client_id=one").await;
    let rest = first.rest().await;
    assert_eq!(rest[0].event, "superseded");
    until("its place is free", async || {
        server.metric("sse_active_connections").await == 1.0
    })
    .await;
    // Another user's stream makes no room, whatever it is called.
    let bob = server.user("bob").await;
    let stolen = bob.get("/events?client_id=one").await;
    stolen.refused(503, "too_many_connections");
}

#[tokio::test]
async fn metrics_are_per_user_where_that_was_asked_for() {
    let user = "{user_id=\"3\"}";
    let count = format!("sse_user_events_total{user}");
    let open = format!("sse_user_connections{user}");
    let server = Server::start(&["--in-memory", "--metrics-per-user"]);
    let alice = server.user("alice").await;
    let mut stream = alice.stream("").await;
    alice.say("x").await;
    stream.next().await;
    assert_eq!(server.metric(&open).await, 1.0);
    assert_eq!(server.metric(&count).await, 1.0);
    drop(stream);
    until("it is gone", async || server.metric(&open).await == 0.0).await;

    let server = Server::start(&["--in-memory"]);
    let _stream = server.user("alice").await.stream("").await;
    let text = server.user("bob").await.get("/metrics").await.body;
    assert!(!text.as_str().is_some_and(|text| text.contains("user_id")));
}
