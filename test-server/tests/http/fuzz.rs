//! Random requests against what the OpenAPI document says.

use rand::{RngExt as _, SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};
use reqwest::Method;
use serde_json::{Map, Value, json};

use crate::support::{Client, Server};

const ROUNDS: usize = 40;

const TEXTS: &[&str] = &[
    "",
    "1",
    "0",
    "-1",
    "3",
    "x",
    "default",
    "news",
    "chat:2",
    "*",
    "a,b",
    "ping",
    "note",
    "deadbeef-1",
    "alice@test.com",
    "password",
    "99999999999999999999",
    "1e9",
    "null",
    "%00",
    "\u{0}",
    "\r\nid: 1",
    "ü\u{202e}💥",
    "../../etc/passwd",
    "'; DROP TABLE users; --",
    "true",
];

struct Fuzz<'a> {
    rng: StdRng,
    document: &'a Value,
}

impl Fuzz<'_> {
    fn text(&mut self) -> String {
        if self.rng.random_ratio(1, 20) {
            return "x".repeat(self.rng.random_range(1..2000));
        }
        let text = TEXTS.choose(&mut self.rng).copied();
        text.unwrap_or_default().to_owned()
    }

    fn anything(&mut self) -> Value {
        match self.rng.random_range(0..7) {
            0 => Value::Null,
            1 => json!(self.rng.random_bool(0.5)),
            2 => json!(self.rng.random_range(-5..100)),
            3 => json!(self.rng.random::<f64>() * 1e30),
            4 => json!([self.text(), 3]),
            5 => json!({self.text(): self.text()}),
            _ => json!(self.text()),
        }
    }

    /// Mostly what the schema asks for.
    fn value(&mut self, schema: &Value) -> Value {
        if self.rng.random_ratio(1, 8) {
            return self.anything();
        }
        if let Some(reference) = schema["$ref"].as_str() {
            let name = reference.rsplit('/').next().unwrap_or_default();
            let document = self.document;
            return self.value(&document["components"]["schemas"][name]);
        }
        let kind = match &schema["type"] {
            Value::Array(kinds) => kinds.first().and_then(Value::as_str),
            kind => kind.as_str(),
        };
        match kind {
            Some("object") => {
                let mut object = Map::new();
                for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
                    if self.rng.random_ratio(9, 10) {
                        object.insert(name.clone(), self.value(schema));
                    }
                }
                Value::Object(object)
            }
            Some("array") => {
                let count = self.rng.random_range(0..4);
                (0..count).map(|_| self.value(&schema["items"])).collect()
            }
            Some("integer") => json!(self.rng.random_range(0..6)),
            Some("boolean") => json!(self.rng.random_bool(0.5)),
            Some("string") => json!(self.text()),
            _ => self.anything(),
        }
    }

    fn encoded(&mut self) -> String {
        let text = self.text();
        text.bytes().map(|byte| format!("%{byte:02x}")).collect()
    }

    fn url(&mut self, path: &str, parameters: &[Value]) -> String {
        let mut url = path.to_owned();
        let mut query = Vec::new();
        for parameter in parameters {
            let name = parameter["name"].as_str().unwrap_or_default();
            if parameter["in"] == "path" {
                let value = match self.rng.random_range(0..3) {
                    0 => self.encoded(),
                    _ => self.rng.random_range(0..5).to_string(),
                };
                // An empty part of a path is another path.
                let value = if value.is_empty() { "1".into() } else { value };
                url = url.replace(&format!("{{{name}}}"), &value);
            } else if self.rng.random_bool(0.5) {
                query.push(format!("{name}={}", self.encoded()));
            }
        }
        format!("{url}?{}", query.join("&"))
    }
}

/// Fails unless the answer is one that the document speaks of.
fn check(operation: &Value, status: u16, body: &str, what: &str) {
    assert!(status < 500, "{what}: {status} {body}");
    let responses = &operation["responses"];
    let documented = [status.to_string(), format!("{}XX", status / 100)];
    assert!(
        documented
            .iter()
            .any(|status| responses.get(status).is_some()),
        "{what}: {status} is not in the document"
    );
    if status >= 400 {
        let body: Value = serde_json::from_str(body).unwrap_or_default();
        assert!(body["error"]["code"].is_string(), "{what}: {status} {body}");
        assert!(
            body["error"]["message"].is_string(),
            "{what}: {status} {body}"
        );
    }
}

#[tokio::test]
async fn whatever_is_asked_the_answer_is_one_of_the_document() {
    let server = Server::start(&["--in-memory", "--max-connections", "100000"]);
    let admin = server.user("super").await;
    let alice = server.user("alice").await;
    let nobody = Client::anonymous(&server.url);
    let document = nobody.get("/openapi.json").await.ok();
    let seed = rand::random();
    eprintln!("seed {seed}");
    let mut fuzz = Fuzz {
        rng: StdRng::seed_from_u64(seed),
        document: &document,
    };
    let paths = document["paths"].as_object().expect("paths");
    assert!(paths.len() > 25, "{}", paths.len());
    for (path, operations) in paths {
        for (method, operation) in operations.as_object().expect("operations") {
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).expect("a method");
            let parameters = operation["parameters"]
                .as_array()
                .cloned()
                .unwrap_or_default();
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
            // Each login costs tens of milliseconds, on purpose.
            let rounds = if schema["$ref"]
                .as_str()
                .is_some_and(|of| of.ends_with("Credentials"))
            {
                5
            } else {
                ROUNDS
            };
            for _ in 0..rounds {
                let url = fuzz.url(path, &parameters);
                let who = [&admin, &alice, &alice, &nobody]
                    .choose(&mut fuzz.rng)
                    .copied();
                let mut request = who.unwrap_or(&nobody).request(method.clone(), &url);
                if !schema.is_null() {
                    let mut body = fuzz.value(schema).to_string().into_bytes();
                    if fuzz.rng.random_ratio(1, 15) {
                        // In the middle of a character too.
                        body.truncate(body.len() / 2);
                    }
                    request = request
                        .header("content-type", "application/json")
                        .body(body);
                }
                let what = format!("{request:?}");
                let response = request.send().await.expect("an answer");
                let status = response.status().as_u16();
                let is_stream = response
                    .headers()
                    .get("content-type")
                    .is_some_and(|of| of == "text/event-stream");
                let body = if is_stream {
                    String::new()
                } else {
                    response.text().await.expect("a body")
                };
                check(operation, status, &body, &what);
            }
        }
    }
    // It is still well, and nothing that was opened is left behind.
    assert_eq!(nobody.get("/readyz").await.ok()["status"], "ready");
    crate::support::until("all streams are closed", async || {
        server.metric("sse_active_connections").await == 0.0
    })
    .await;
    assert!(!server.log().contains("panicked"));
}

#[tokio::test]
async fn the_document_is_shown_to_people_too() {
    let server = Server::start(&["--in-memory"]);
    let client = Client::anonymous(&server.url);
    let page = client.get("/openapi").await;
    assert!(
        page.headers["content-type"]
            .to_str()
            .unwrap_or_default()
            .starts_with("text/html")
    );
    let document = client.get("/openapi.json").await.ok();
    for path in ["/events", "/api/v1/sse/send", "/api/chats/{id}/messages"] {
        assert!(document["paths"][path].is_object(), "{path}");
    }
    let schemes = &document["components"]["securitySchemes"];
    assert_eq!(schemes["bearer"]["scheme"], "bearer");
}
