use reqwest::Method;
use serde_json::json;

use crate::support::{Reply, Server};

#[tokio::test]
async fn a_message_reaches_every_member_and_its_sender_with_the_reference() {
    let server = Server::start(&["--in-memory"]);
    let (alice, bob) = (server.user("alice").await, server.user("bob").await);
    let test = server.user("test").await;
    let mut streams = [alice.stream("").await, bob.stream("").await];
    let mut outsider = test.stream("").await;

    let body = json!({"content": "häl\"lo\n\u{2028}", "client_ref": "r-1"});
    let reply = alice.post("/api/chats/2/messages", body).await;
    assert_eq!(reply.status, 201);
    let message = reply.ok();
    for stream in &mut streams {
        let event = stream.next().await;
        assert_eq!(event.event, "new_message");
        assert_eq!(
            event.json(),
            json!({"type": "new_message", "chat_id": 2, "message": message})
        );
    }
    assert_eq!(message["client_ref"], "r-1");
    assert_eq!(message["sender_id"], 3);

    alice.say("to all").await;
    assert_eq!(outsider.next().await.content(), "to all");
    let messages = bob.get("/api/chats/2/messages").await.ok();
    assert_eq!(messages, json!({"data": [message]}));
}

#[tokio::test]
async fn a_chat_belongs_to_its_members() {
    let server = Server::start(&["--in-memory"]);
    let (alice, bob) = (server.user("alice").await, server.user("bob").await);
    let mut live = bob.stream("").await;

    let body = json!({"name": "Plans", "members": [1]});
    let reply = alice.post("/api/chats", body).await;
    assert_eq!(reply.status, 201);
    let chat = reply.ok();
    assert_eq!(chat["members"], json!([1, 3]));
    let path = format!("/api/chats/{}", chat["id"]);
    let (messages, members) = (format!("{path}/messages"), format!("{path}/members"));

    for (path, body) in [
        (&messages, json!({"content": "x"})),
        (&members, json!({"members": [4]})),
    ] {
        bob.post(path, body).await.refused(404, "not_found");
    }
    bob.get(&messages).await.refused(404, "not_found");
    alice
        .post(&messages, json!({"content": "before"}))
        .await
        .ok();

    let added = alice.post(&members, json!({"members": [4]})).await.ok();
    assert_eq!(added["members"], json!([1, 3, 4]));
    alice
        .post(&messages, json!({"content": "after"}))
        .await
        .ok();
    // The open stream gets what is sent from now on, and only that.
    assert_eq!(live.next().await.content(), "after");
    // So does a resumed one.
    let mut resumed = bob.resume(live.hello.id()).await;
    assert_eq!(resumed.next().await.content(), "after");
    let unknown = alice.post(&members, json!({"members": [99]})).await;
    unknown.refused(422, "unknown_user");
}

#[tokio::test]
async fn messages_come_in_pages() {
    let server = Server::start(&["--in-memory"]);
    let alice = server.user("alice").await;
    for number in 1..=5 {
        alice.say(&number.to_string()).await;
    }
    let page = alice.get("/api/chats/1/messages?limit=2").await.ok();
    let ids: Vec<_> = page["data"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|message| message["content"].as_str().expect("text").to_owned())
        .collect();
    assert_eq!(ids, ["4", "5"]);
    let before = &page["data"][0]["id"];
    let older = alice.get(&format!("/api/chats/1/messages?limit=2&before={before}"));
    assert_eq!(older.await.ok()["data"][0]["content"], "2");
}

#[tokio::test]
async fn what_is_wrong_with_a_request_is_said_in_one_shape() {
    let server = Server::start(&["--in-memory"]);
    let alice = server.user("alice").await;
    let raw = |body: String, content_type: &str| {
        let request = alice.request(Method::POST, "/api/chats/1/messages");
        let request = request.header("content-type", content_type.to_owned());
        Reply::of(request.body(body))
    };
    let json = "application/json";
    raw("{".into(), json).await.refused(400, "invalid_json");
    raw("[]".into(), json).await.refused(422, "invalid_body");
    raw("{}".into(), json).await.refused(422, "invalid_body");
    raw(r#"{"content":""}"#.into(), json)
        .await
        .refused(422, "invalid_body");
    raw(r#"{"content":"x","extra":1}"#.into(), json)
        .await
        .refused(422, "invalid_body");
    raw(r#"{"content":"x"}"#.into(), "text/plain")
        .await
        .refused(415, "unsupported_media_type");
    raw("x".repeat(300 << 10), json)
        .await
        .refused(413, "body_too_large");

    let get = async |path: &str| alice.get(path).await;
    get("/api/chats/x/messages")
        .await
        .refused(400, "invalid_path");
    get("/api/chats/1/messages?limit=x")
        .await
        .refused(400, "invalid_query");
    get("/api/chats/99/messages")
        .await
        .refused(404, "not_found");
    get("/api/nothing").await.refused(404, "not_found");
    get("/").await.refused(404, "not_found");
    let wrong = Reply::of(alice.request(Method::DELETE, "/api/chats")).await;
    wrong.refused(405, "method_not_allowed");
    assert_eq!(wrong.headers["allow"], "GET,HEAD,POST");
}
