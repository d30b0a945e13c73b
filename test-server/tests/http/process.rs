use std::{
    io::{Read as _, Write as _},
    time::{Duration, Instant},
};

use crate::support::{Server, run_to_end};

#[track_caller]
fn one_sentence(stderr: &str) {
    let said = stderr
        .lines()
        .filter(|line| line.starts_with("tabcast-server: "));
    assert_eq!(said.count(), 1, "{stderr}");
    assert!(!stderr.contains("panicked"), "{stderr}");
}

#[test]
fn a_taken_port_is_said() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let (code, stderr) = run_to_end(&["--in-memory", "--listen", &address]);
    assert_eq!(code, Some(1));
    one_sentence(&stderr);
    assert!(stderr.contains(&address), "{stderr}");
}

#[test]
fn a_data_folder_that_cannot_be_is_said() {
    let dir = tempfile::tempdir().expect("a folder");
    let file = dir.path().join("file");
    std::fs::write(&file, "x").expect("a file");
    let (code, stderr) =
        run_to_end(&["--listen", "127.0.0.1:0", "--data", &file.to_string_lossy()]);
    assert_eq!(code, Some(1));
    one_sentence(&stderr);
    assert!(stderr.contains("data folder"), "{stderr}");

    std::fs::write(
        dir.path().join("tabcast.sqlite"),
        "not a database, but long enough to tell",
    )
    .expect("a file");
    let data = dir.path().to_string_lossy().into_owned();
    let (code, stderr) = run_to_end(&["--listen", "127.0.0.1:0", "--data", &data]);
    assert_eq!(code, Some(1));
    one_sentence(&stderr);
    assert!(stderr.contains("database"), "{stderr}");

    let (code, stderr) = run_to_end(&["--in-memory", "--listen", "127.0.0.1:0", "--www", "/nope"]);
    assert_eq!(code, Some(1));
    one_sentence(&stderr);
}

#[test]
fn wrong_flags_are_a_usage_error() {
    for args in [
        &["--nonsense"][..],
        &["--heartbeat", "soon"],
        &["--heartbeat", "0s"],
        &["--token-lifetime", "1500ms"],
        &["--jwt-secret", "short"],
        &["--max-connections-per-user", "0"],
        &["--allow-origin", "example.org"],
        &["--in-memory", "--data", "x"],
    ] {
        let (code, stderr) = run_to_end(args);
        assert_eq!(code, Some(2), "{args:?}: {stderr}");
    }
}

#[tokio::test]
async fn on_sigterm_streams_end_and_it_leaves_quickly_and_whole() {
    let mut server = Server::start(&[]);
    let alice = server.user("alice").await;
    let stream = alice.stream("").await;
    alice.say("kept").await;
    let (status, took) = server.terminate();
    assert_eq!(status.code(), Some(0));
    assert!(took < Duration::from_secs(10), "{took:?}");
    let rest = stream.rest().await;
    assert_eq!(rest[0].content(), "kept");
    let retry = rest[1].retry.expect("a word on when to come back");
    assert!((100..2000).contains(&retry), "{retry}");
    // Folded into the one file.
    let data = server.dir.path().join("data");
    assert!(data.join("tabcast.sqlite").exists());
    assert!(!data.join("tabcast.sqlite-wal").exists());
}

#[tokio::test]
async fn a_kill_at_any_moment_loses_no_acknowledged_message() {
    let mut server = Server::start(&[]);
    let alice = server.user("alice").await;
    let mut acknowledged = Vec::new();
    for round in 0..50_u64 {
        let client = alice.at(&server.url);
        let (report, mut reports) = tokio::sync::mpsc::unbounded_channel();
        let writer = tokio::spawn(async move {
            for number in 0.. {
                let content = format!("{round}-{number}");
                let body = serde_json::json!({"content": content});
                let request = client.request(reqwest::Method::POST, "/api/chats/1/messages");
                match request.json(&body).send().await {
                    Ok(response) if response.status() == 201 => {
                        let _ = report.send(content);
                    }
                    _ => break,
                }
            }
        });
        // After a few, then somewhere within the next.
        for _ in 0..=round % 5 {
            acknowledged.push(reports.recv().await.expect("it works"));
        }
        tokio::time::sleep(Duration::from_micros(round * 137 % 3000)).await;
        server.kill();
        writer.await.expect("the writer ends");
        while let Ok(content) = reports.try_recv() {
            acknowledged.push(content);
        }
        server = server.again();
    }
    let alice = alice.at(&server.url);
    let mut stored = Vec::new();
    let mut before = String::new();
    loop {
        let path = format!("/api/chats/1/messages?limit=200{before}");
        let page = alice.get(&path).await.ok();
        let page = page["data"].as_array().expect("a list").clone();
        let Some(first) = page.first() else { break };
        before = format!("&before={}", first["id"]);
        let contents = page.iter().map(|message| {
            let content = message["content"].as_str();
            content.expect("text").to_owned()
        });
        stored.splice(0..0, contents);
    }
    let mut events = Vec::new();
    let mut from = String::new();
    loop {
        let path = format!("/api/v1/sse/messages/pending?limit=1000&last_event_id={from}");
        let page = alice.get(&path).await.ok();
        for event in page["data"].as_array().expect("a list") {
            let content = event["data"]["message"]["content"].as_str();
            events.push(content.expect("text").to_owned());
        }
        if page["has_more"] == false {
            break;
        }
        page["last_event_id"]
            .as_str()
            .expect("an id")
            .clone_into(&mut from);
    }
    // A message and its event are kept together or not at all.
    assert_eq!(stored, events);
    // What was under way may be there too, but nothing acknowledged is missing.
    stored.retain(|content| acknowledged.contains(content));
    assert_eq!(stored, acknowledged);
}

#[tokio::test]
async fn a_client_that_never_finishes_its_request_is_dropped() {
    let server = Server::start(&["--in-memory"]);
    let address = server.url.trim_start_matches("http://");
    let mut socket = std::net::TcpStream::connect(address).expect("a connection");
    let header = format!("GET / HTTP/1.1\r\nx: {}", "y".repeat(100 << 10));
    let _ = socket.write_all(header.as_bytes());
    let mut answer = Vec::new();
    let _ = socket.read_to_end(&mut answer);
    assert!(answer.starts_with(b"HTTP/1.1 431"), "{answer:?}");
}

#[tokio::test]
async fn many_streams_end_apart_and_are_told_to_come_back_apart() {
    let mut spreads = Vec::new();
    // Where the machine stalls just then they end together, but not each time.
    for _ in 0..3 {
        let spread = ends_of_many_streams().await;
        if spread > Duration::from_millis(150) {
            return;
        }
        spreads.push(spread);
    }
    panic!("they end together: {spreads:?}");
}

/// Says how far apart they end.
async fn ends_of_many_streams() -> Duration {
    const STREAMS: usize = 300;
    let mut server = Server::start(&["--in-memory", "--max-connections-per-user", "300"]);
    let alice = server.user("alice").await;
    let mut streams = Vec::new();
    for _ in 0..STREAMS {
        streams.push(alice.stream("").await);
    }
    // Read only now: to open them all may take longer than any of them is waited for.
    let mut ends = tokio::task::JoinSet::new();
    for stream in streams {
        ends.spawn(async move {
            let rest = stream.rest().await;
            (
                rest[0].retry.expect("a word on when to come back"),
                Instant::now(),
            )
        });
    }
    let leaving = tokio::task::spawn_blocking(move || server.terminate());
    let ends = ends.join_all().await;
    let (status, _) = leaving.await.expect("it is ended");
    assert_eq!(status.code(), Some(0));
    let mut retries: Vec<_> = ends.iter().map(|(retry, _)| *retry).collect();
    retries.sort_unstable();
    assert!(
        retries[0] >= 500 && retries[STREAMS - 1] < 2000,
        "{retries:?}"
    );
    assert!(retries[STREAMS - 1] - retries[0] > 500, "{retries:?}");
    let times = || ends.iter().map(|(_, at)| *at);
    let ended = times().max().zip(times().min());
    ended.map(|(last, first)| last - first).expect("some ended")
}
