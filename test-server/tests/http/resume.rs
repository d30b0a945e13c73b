use std::time::Duration;

use serde_json::json;

use crate::support::{Client, Server, Sse, until};

#[tokio::test]
async fn what_was_missed_is_replayed_in_order_then_it_goes_on_live() {
    let server = Server::start(&[]);
    let alice = server.user("alice").await;
    let mut stream = alice.stream("").await;
    alice.say("1").await;
    let last = stream.next().await;
    drop(stream);
    for missed in ["2", "3", "4"] {
        alice.say(missed).await;
    }
    let mut by_header = alice.resume(last.id()).await;
    let mut by_query = alice.stream(&format!("last_event_id={}", last.id())).await;
    alice.say("5").await;
    for stream in [&mut by_header, &mut by_query] {
        assert_eq!(stream.hello.json()["recovered"], true);
        assert_eq!(stream.contents(4).await, ["2", "3", "4", "5"]);
    }
}

#[tokio::test]
async fn the_header_is_newer_than_the_url() {
    let server = Server::start(&["--in-memory"]);
    let alice = server.user("alice").await;
    let mut stream = alice.stream("").await;
    alice.say("1").await;
    alice.say("2").await;
    let first = stream.next().await;
    let old = stream.hello.id();
    let request = alice.request(
        reqwest::Method::GET,
        &format!("/events?last_event_id={old}"),
    );
    let mut resumed = Sse::open(request.header("last-event-id", first.id())).await;
    resumed.next().await;
    assert_eq!(resumed.next().await.content(), "2");
}

#[tokio::test]
async fn a_stream_resumes_over_a_restart() {
    let server = Server::start(&[]);
    let alice = server.user("alice").await;
    let mut stream = alice.stream("").await;
    alice.say("1").await;
    let last = stream.next().await;
    alice.say("2").await;
    let server = server.again();
    let alice = alice.at(&server.url);
    let mut resumed = alice.resume(last.id()).await;
    assert_eq!(resumed.hello.json()["recovered"], true);
    alice.say("3").await;
    assert_eq!(resumed.contents(2).await, ["2", "3"]);
}

#[tokio::test]
async fn an_id_that_cannot_be_resumed_from_is_never_skipped_silently() {
    let server = Server::start(&[]);
    let alice = server.user("alice").await;
    alice.say("1").await;
    let stream = alice.stream("").await;
    let (epoch, _) = stream.hello.id().split_once('-').expect("an id");
    for (bad, reason) in [
        ("nonsense", "malformed"),
        ("\u{7f}", "malformed"),
        ("deadbeef-1", "foreign"),
        (&*format!("{epoch}-9999"), "future"),
        (&format!("{epoch}-1~sent=1.9999"), "future"),
        (&format!("{epoch}-x"), "malformed"),
    ] {
        let encoded: String = bad.bytes().map(|byte| format!("%{byte:02x}")).collect();
        let mut resumed = alice.stream(&format!("last_event_id={encoded}")).await;
        let hello = resumed.hello.json();
        assert_eq!(hello["recovered"], false, "{bad}");
        let gap = resumed.next().await;
        assert_eq!(gap.event, "gap", "{bad}");
        assert_eq!(
            gap.json(),
            json!({"type": "gap", "from": bad, "to": hello["earliest"], "reason": reason})
        );
        assert_eq!(resumed.next().await.content(), "1", "{bad}");
    }
}

#[tokio::test]
async fn nobody_is_replayed_what_is_not_theirs() {
    let server = Server::start(&["--in-memory"]);
    let (alice, test) = (server.user("alice").await, server.user("test").await);
    let stream = alice.stream("").await;
    let secret = json!({"content": "secret"});
    alice.post("/api/chats/2/messages", secret).await.ok();
    alice.say("open").await;
    // Another user's id is a place in the same log; it opens nothing.
    let mut other = test.resume(stream.hello.id()).await;
    assert_eq!(other.next().await.content(), "open");
}

#[tokio::test]
async fn cut_at_any_moment_under_load_nothing_is_lost_or_repeated() {
    const TOTAL: usize = 600;
    let server = Server::start(&[]);
    let alice = server.user("alice").await;
    let bob = server.user("bob").await;
    let mut stream = bob.stream("").await;
    let writer = tokio::spawn(async move {
        let mut sends = tokio::task::JoinSet::new();
        for lane in 0..4 {
            let alice = alice.clone();
            sends.spawn(async move {
                for number in 0..TOTAL / 4 {
                    alice.say(&format!("{lane}-{number}")).await;
                }
            });
        }
        sends.join_all().await;
    });
    let mut seen = Vec::new();
    let mut last = stream.hello.id().to_owned();
    while seen.len() < TOTAL {
        // A different number each time, so that cuts fall before, within and after replays.
        for _ in 0..(seen.len() * 7 % 23 + 1).min(TOTAL - seen.len()) {
            let event = stream.next().await;
            event.id().clone_into(&mut last);
            seen.push(event.content());
        }
        stream = bob.resume(&last).await;
        assert_eq!(stream.hello.json()["recovered"], true);
    }
    writer.await.expect("the writer ends");
    for lane in 0..4 {
        let of_lane = |content: &&String| content.starts_with(&format!("{lane}-"));
        let got: Vec<_> = seen.iter().filter(of_lane).cloned().collect();
        let sent: Vec<_> = (0..TOTAL / 4).map(|n| format!("{lane}-{n}")).collect();
        assert_eq!(got, sent);
    }
}

#[tokio::test]
async fn a_reader_that_takes_nothing_is_cut_and_hurts_nobody() {
    let server = Server::start(&["--send-timeout", "300ms", "--faults"]);
    let (alice, bob) = (server.user("alice").await, server.user("bob").await);
    let mut slow = bob.stream("").await;
    let mut quick = alice.stream("").await;
    let send = async |user_id: u64, data: &str| {
        let body = json!({"user_id": user_id, "event_type": "big", "data": data});
        alice.post("/__test/event", body).await.ok();
    };
    // More than the system buffers for a reader.
    let big = "x".repeat(200_000);
    let total = 80;
    for _ in 0..total {
        send(4, &big).await;
        send(3, "small").await;
        assert_eq!(quick.next().await.data, "small");
    }
    until("the slow one is gone", async || {
        server.metric("sse_active_connections").await == 1.0
    })
    .await;
    assert_eq!(server.metric("sse_slow_readers_cut_total").await, 1.0);
    // What the system had buffered can still be read; then it goes on from there.
    let mut got = 0;
    let mut last = slow.hello.id().to_owned();
    while let Some(event) = slow.try_next().await {
        event.id().clone_into(&mut last);
        got += 1;
    }
    assert!(got < total, "it was never slow");
    read_on(&bob, last, &big, total - got).await;
}

/// Resumes after `last` and reads so many big events, which must be all that there are.
async fn read_on(client: &Client, mut last: String, big: &str, count: usize) {
    let mut resumed = client.resume(&last).await;
    let mut got = 0;
    while got < count {
        // This side may be slow too, on a busy machine; then it resumes again.
        if let Some(event) = resumed.try_next().await {
            assert_eq!((&*event.event, event.data.len()), ("big", big.len()));
            event.id().clone_into(&mut last);
            got += 1;
        } else {
            resumed = client.resume(&last).await;
        }
    }
    let page = format!("/api/v1/sse/messages/pending?last_event_id={last}");
    assert_eq!(client.get(&page).await.ok()["data"], json!([]));
}

#[tokio::test]
async fn a_burst_above_the_queue_comes_out_of_the_log() {
    let server = Server::start(&["--faults", "--send-timeout", "60s"]);
    let bob = server.user("bob").await;
    let mut stream = bob.stream("").await;
    let id = stream.hello.json()["connection_id"].clone();
    let fault = |mute: bool| json!({"connection_id": id, "mute": mute});
    bob.post("/__test/faults", fault(true)).await.ok();
    let total = 1500;
    let mut sends = tokio::task::JoinSet::new();
    for _ in 0..total {
        let bob = bob.clone();
        sends.spawn(async move { bob.say("x").await });
        if sends.len() >= 32 {
            sends.join_next().await;
        }
    }
    sends.join_all().await;
    bob.post("/__test/faults", fault(false)).await.ok();
    let read = async {
        for expected in 1..=total {
            let event = stream.next().await;
            let position = event
                .id()
                .rsplit('-')
                .next()
                .and_then(|n| n.parse::<u64>().ok());
            assert_eq!(position, Some(expected));
        }
    };
    let read = tokio::time::timeout(Duration::from_secs(20), read).await;
    read.expect("all of it comes");
}

#[tokio::test]
async fn over_http_2_a_reader_that_takes_nothing_is_cut_too() {
    let server = Server::start(&["--send-timeout", "300ms", "--faults"]);
    let client = async |email: &str| {
        let http = crate::support::http()
            .http2_prior_knowledge()
            .http2_initial_stream_window_size(65_535)
            .build();
        Client::log_in_with(http.expect("a client"), &server.url, email).await
    };
    let (alice, bob) = (client("alice@test.com").await, client("bob@test.com").await);
    let slow = bob.stream("").await;
    let mut quick = alice.stream("").await;
    let send = async |user_id: u64, data: &str| {
        let body = json!({"user_id": user_id, "event_type": "big", "data": data});
        alice.post("/__test/event", body).await.ok();
    };
    // More than its window, though the connection below could take it.
    let big = "x".repeat(100_000);
    let total = 5;
    for _ in 0..total {
        send(4, &big).await;
    }
    let cut = async || server.metric("sse_slow_readers_cut_total").await == 1.0;
    until("the slow one is cut", cut).await;
    // One that is merely idle is not.
    send(3, "small").await;
    assert_eq!(quick.next().await.data, "small");
    until("only the slow one is gone", async || {
        server.metric("sse_active_connections").await == 1.0
    })
    .await;
    // It resumes, and what it takes now is all that there was.
    read_on(&bob, slow.hello.id().to_owned(), &big, total).await;
}
