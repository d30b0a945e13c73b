//! Several servers that share one log in NATS: one of them goes, or NATS does.

use std::time::Duration;

use serde_json::json;

use crate::support::{Burst, Cluster, Nats, Server, numbers, pending, run_to_end, until};

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
    let admin = b.user("super").await;
    for content in ["1", "2", "3"] {
        let body = json!({"content": content});
        admin.post("/api/chats/3/messages", body).await.ok();
    }
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
    // What it had done before is not done again.
    let messages = "/api/chats/3/messages";
    let at_b = admin.get(messages).await.ok();
    assert_eq!(at_b["data"].as_array().map(Vec::len), Some(3));
    assert_eq!(admin.at(&a.url).get(messages).await.ok(), at_b);
    // What it had open when it was killed is not there any more.
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
async fn a_server_that_starts_late_begins_with_a_snapshot() {
    let Some(nats) = Nats::start() else { return };
    let url = nats.url();
    let short = [
        "--nats",
        &url,
        "--retention",
        "5s",
        "--cleanup-interval",
        "200ms",
    ];
    let a = Server::start(&short);
    let alice = a.user("alice").await;
    alice.say("long ago").await;
    // Its change is gone from the log, and what came of it is in a snapshot.
    until("there is a snapshot", async || {
        alice.say("later").await;
        // Not too many, or what was long ago is no longer on the first page.
        tokio::time::sleep(Duration::from_millis(100)).await;
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
