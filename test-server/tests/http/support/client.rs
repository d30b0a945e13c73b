//! A logged-in user.

use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};

use super::Sse;

/// An answer, read whole.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) body: Value,
}

impl Reply {
    pub(crate) async fn of(request: RequestBuilder) -> Self {
        let response = request.send().await.expect("the server answers");
        let (status, headers) = (response.status(), response.headers().clone());
        let text = response.text().await.expect("a body is text");
        Self {
            status,
            headers,
            body: serde_json::from_str(&text).unwrap_or(Value::String(text)),
        }
    }

    /// Asserts a refusal in the one shape of errors.
    #[track_caller]
    pub(crate) fn refused(&self, status: u16, code: &str) {
        assert_eq!(self.status.as_u16(), status, "{self:?}");
        assert_eq!(self.body["error"]["code"], code, "{self:?}");
        let message = self.body["error"]["message"].as_str().unwrap_or_default();
        assert!(!message.is_empty(), "{self:?}");
        assert_eq!(self.body.as_object().map(serde_json::Map::len), Some(1));
    }

    #[track_caller]
    pub(crate) fn ok(self) -> Value {
        assert!(self.status.is_success(), "{self:?}");
        self.body
    }
}

/// Requests with a token, or without one.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    pub(crate) url: String,
    pub(crate) token: Option<String>,
    http: reqwest::Client,
}

impl Client {
    pub(crate) fn anonymous(url: &str) -> Self {
        Self::with(super::http().build().expect("a client"), url)
    }

    fn with(http: reqwest::Client, url: &str) -> Self {
        Self {
            url: url.to_owned(),
            token: None,
            http,
        }
    }

    pub(crate) async fn log_in(url: &str, email: &str) -> Self {
        let http = super::http().build().expect("a client");
        Self::log_in_with(http, url, email).await
    }

    pub(crate) async fn log_in_with(http: reqwest::Client, url: &str, email: &str) -> Self {
        let mut client = Self::with(http, url);
        let body = json!({"email": email, "password": "password"});
        let session = client.post("/auth/login", body).await.ok();
        client.token = session["access_token"].as_str().map(str::to_owned);
        assert!(client.token.is_some(), "{session}");
        client
    }

    /// The same user at another server.
    pub(crate) fn at(&self, url: &str) -> Self {
        Self {
            url: url.to_owned(),
            ..self.clone()
        }
    }

    pub(crate) fn with_token(&self, token: &str) -> Self {
        Self {
            token: Some(token.to_owned()),
            ..self.clone()
        }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.url));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    pub(crate) fn get(&self, path: &str) -> impl Future<Output = Reply> + use<> {
        Reply::of(self.request(Method::GET, path))
    }

    pub(crate) fn post(&self, path: &str, body: Value) -> impl Future<Output = Reply> + use<> {
        Reply::of(self.request(Method::POST, path).json(&body))
    }

    /// Opens the stream and reads its `connection_confirmed`.
    pub(crate) fn stream(&self, query: &str) -> impl Future<Output = Sse> + use<> {
        confirmed(self.unconfirmed(query))
    }

    pub(crate) fn unconfirmed(&self, query: &str) -> impl Future<Output = Sse> + use<> {
        Sse::open(self.request(Method::GET, &format!("/events?{query}")))
    }

    /// Opens the stream at any path and reads its greeting.
    pub(crate) async fn open(&self, path: &str) -> Sse {
        let mut sse = Sse::open(self.request(Method::GET, path)).await;
        sse.hello = sse.next().await;
        sse
    }

    pub(crate) fn resume(&self, id: &str) -> impl Future<Output = Sse> + use<> {
        let request = self.request(Method::GET, "/events");
        confirmed(Sse::open(request.header("Last-Event-ID", id)))
    }

    /// Sends to chat 1, which every seeded user is in.
    pub(crate) async fn say(&self, content: &str) {
        let body = json!({"content": content});
        self.post("/api/chats/1/messages", body).await.ok();
    }
}

async fn confirmed(opening: impl Future<Output = Sse>) -> Sse {
    let mut sse = opening.await;
    sse.hello = sse.next().await;
    assert_eq!(sse.hello.event, "connection_confirmed");
    sse
}
