use std::time::Instant;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::json;

use crate::support::{Client, Server};

#[tokio::test]
async fn a_seeded_user_logs_in_by_either_route() {
    let server = Server::start(&["--in-memory"]);
    let client = Client::anonymous(&server.url);
    let body = json!({"email": "super@test.com", "password": "password"});

    let session = client.post("/auth/login", body.clone()).await.ok();
    assert_eq!(session["token_type"], "Bearer");
    assert_eq!(session["expires_in"], 3600);
    assert_eq!(
        session["user"],
        json!({"id": 1, "email": "super@test.com", "name": "Super", "role": "admin"})
    );

    let session = client.post("/api/signin", body).await.ok();
    let token = session["data"]["access_token"].as_str().expect("a token");
    let again = client.with_token(token).post("/auth/refresh", json!({}));
    assert!(again.await.ok()["access_token"].is_string());
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_look_the_same() {
    let server = Server::start(&["--in-memory"]);
    let client = Client::anonymous(&server.url);
    for email in ["alice@test.com", "nobody@test.com"] {
        let body = json!({"email": email, "password": "wrong"});
        let reply = client.post("/auth/login", body).await;
        reply.refused(401, "invalid_credentials");
    }
}

#[tokio::test]
async fn each_route_of_a_user_wants_a_token() {
    let server = Server::start(&["--in-memory"]);
    let client = Client::anonymous(&server.url);
    for path in [
        "/events",
        "/api/chats",
        "/api/chats/1/messages",
        "/api/v1/sse/messages/pending",
    ] {
        let reply = client.get(path).await;
        reply.refused(401, "missing_token");
        assert_eq!(reply.headers["www-authenticate"], "Bearer");
    }
    for path in ["/auth/refresh", "/api/chats"] {
        let reply = client.post(path, json!({"name": "x"})).await;
        reply.refused(401, "missing_token");
    }
}

#[tokio::test]
async fn only_this_servers_own_signature_counts() {
    let server = Server::start(&["--in-memory"]);
    let alice = server.user("alice").await;
    let token = alice.token.clone().expect("a token");
    let [header, claims, signature] = token.split('.').collect::<Vec<_>>()[..] else {
        panic!("not a JWT: {token}");
    };
    let encode = |text: &str| BASE64_URL_SAFE_NO_PAD.encode(text);
    let none = encode(r#"{"alg":"none","typ":"JWT"}"#);
    let rs256 = encode(r#"{"alg":"RS256","typ":"JWT"}"#);
    let admin = encode(r#"{"sub":"1","role":"admin","iat":1,"exp":9999999999}"#);
    let elsewhere = Server::start(&["--in-memory"]).user("alice").await;
    for bad in [
        format!("{none}.{claims}."),
        format!("{none}.{claims}.{signature}"),
        format!("{rs256}.{claims}.{signature}"),
        format!("{header}.{admin}.{signature}"),
        format!("{header}.{claims}"),
        elsewhere.token.expect("a token"),
        "x".into(),
    ] {
        let reply = alice.with_token(&bad).get("/events").await;
        reply.refused(401, "invalid_token");
        let in_url = format!("/events?access_token={bad}");
        let reply = Client::anonymous(&server.url).get(&in_url).await;
        reply.refused(401, "invalid_token");
    }
    let basic = Client::anonymous(&server.url).request(reqwest::Method::GET, "/api/chats");
    let reply = crate::support::Reply::of(basic.header("authorization", "Basic eDp5")).await;
    reply.refused(401, "invalid_token");
}

#[tokio::test]
async fn a_stream_ends_with_its_token_and_cannot_be_opened_again() {
    let server = Server::start(&["--in-memory", "--token-lifetime", "5s"]);
    let start = Instant::now();
    let alice = server.user("alice").await;
    let stream = alice.stream("").await;
    assert_eq!(stream.rest().await, []);
    // Never sooner than promised. It may be a second later, as the end of a token is a whole
    // second, and later still where the machine is busy.
    let lived = start.elapsed().as_secs_f64();
    assert!((4.9..20.0).contains(&lived), "{lived}");
    // Not for a moment, as it would be if only whole seconds counted.
    alice.get("/events").await.refused(401, "token_expired");
    let refresh = alice.post("/auth/refresh", json!({})).await;
    refresh.refused(401, "token_expired");
}

#[tokio::test]
async fn tokens_outlive_a_restart_where_the_data_does() {
    let server = Server::start(&[]);
    let alice = server.user("alice").await;
    let server = server.again();
    alice.at(&server.url).get("/api/chats").await.ok();
}

#[tokio::test]
async fn no_token_reaches_the_log() {
    let server = Server::start(&["--in-memory"]);
    let alice = server.user("alice").await;
    let token = alice.token.clone().expect("a token");
    let in_url = format!("access_token={token}");
    drop(Client::anonymous(&server.url).stream(&in_url).await);
    drop(alice.stream("").await);
    alice.get(&format!("/nowhere?{in_url}")).await;
    let log = server.log();
    assert!(log.contains("listening"), "{log}");
    assert!(!log.contains(&token[..20]), "{log}");
}
