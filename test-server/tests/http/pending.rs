use serde_json::{Value, json};

use crate::support::{Client, Server};

#[tokio::test]
async fn polling_reads_the_same_events_with_the_same_ids() {
    let server = Server::start(&["--in-memory", "--faults"]);
    let alice = server.user("alice").await;
    let mut stream = alice.stream("").await;
    for text in ["a", "b", "c"] {
        alice.say(text).await;
    }
    let data = "{\"n\": 1.10,\n \"s\":\"x\"}";
    for data in [data, "not JSON"] {
        let body = json!({"user_id": 3, "event_type": "raw", "data": data});
        alice.post("/__test/event", body).await.ok();
    }
    let mut streamed = Vec::new();
    for _ in 0..5 {
        streamed.push(stream.next().await);
    }

    let path = "/api/v1/sse/messages/pending";
    let mut polled = Vec::new();
    let mut from = stream.hello.id().to_owned();
    loop {
        let page = alice.get(&format!("{path}?last_event_id={from}&limit=2"));
        let page = page.await.ok();
        assert_eq!(page["recovered"], true);
        page["last_event_id"]
            .as_str()
            .expect("an id")
            .clone_into(&mut from);
        polled.extend(page["data"].as_array().expect("a list").clone());
        if page["has_more"] == false {
            break;
        }
        assert_eq!(page["data"].as_array().map(Vec::len), Some(2));
    }
    let ids = |events: &[Value]| -> Vec<String> {
        let id = |event: &Value| event["event_id"].as_str().unwrap_or_default().to_owned();
        events.iter().map(id).collect()
    };
    let streamed_ids: Vec<_> = streamed.iter().map(|event| event.id().to_owned()).collect();
    assert_eq!(ids(&polled), streamed_ids);
    assert_eq!(polled[0]["event_type"], "new_message");
    assert_eq!(polled[0]["data"], streamed[0].json());
    assert_eq!(polled[0]["priority"], 0);
    assert!(polled[0]["created_at"].is_string());
    assert_eq!(polled[4]["data"], "not JSON");
    // To the letter, numbers too.
    let page = alice.request(reqwest::Method::GET, path);
    let text = page.send().await.expect("an answer").text().await;
    assert!(text.expect("text").contains(data));

    // The last id of the poll goes on in the stream, and the other way round.
    alice.say("d").await;
    assert_eq!(alice.resume(&from).await.next().await.content(), "d");
}

#[tokio::test]
async fn polling_reads_only_what_is_ones_own() {
    let server = Server::start(&["--in-memory"]);
    let (alice, test) = (server.user("alice").await, server.user("test").await);
    let body = json!({"content": "secret"});
    alice.post("/api/chats/2/messages", body).await.ok();
    let path = "/api/v1/sse/messages/pending";
    let theirs = test.get(path).await.ok();
    assert_eq!(theirs["data"], json!([]));
    assert_eq!(theirs["has_more"], false);
    let token = alice.token.as_deref().unwrap_or_default();
    let by_url = Client::anonymous(&server.url).get(&format!("{path}?access_token={token}"));
    assert_eq!(by_url.await.ok()["data"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_limit_of_nothing_says_where_the_log_is() {
    let server = Server::start(&["--in-memory"]);
    let alice = server.user("alice").await;
    alice.say("old").await;
    let path = "/api/v1/sse/messages/pending";
    let now = alice.get(&format!("{path}?limit=0")).await.ok();
    assert_eq!(now["data"], json!([]));
    alice.say("new").await;
    let from = now["last_event_id"].as_str().expect("an id");
    let page = alice
        .get(&format!("{path}?last_event_id={from}"))
        .await
        .ok();
    assert_eq!(page["data"][0]["data"]["message"]["content"], "new");
    let bad = alice.get(&format!("{path}?last_event_id=bad")).await.ok();
    assert_eq!(bad["recovered"], false);
    assert_eq!(bad["data"].as_array().map(Vec::len), Some(2));
}
