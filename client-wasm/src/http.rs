//! Requests: URLs with what Tabcast adds to them, and fetches that end when dropped.

use crate::clock;
use js_sys::Promise;
use std::time::Duration;
use tabcast_core::{Failure, Options, Transport};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortController, Headers, RequestCache, RequestCredentials, RequestInit, Response, Url,
};

#[wasm_bindgen]
extern "C" {
    /// The global `fetch`, the same in a worker and in a page.
    #[wasm_bindgen(js_name = fetch)]
    fn global_fetch(url: &str, init: &RequestInit) -> Promise;
}

/// When a client asks, by its clock; empty where it has no ID. A request that was given up may
/// reach the server behind the one that took its place.
pub(crate) fn asked_at(client_id: &str) -> String {
    if client_id.is_empty() {
        return String::new();
    }
    clock::steady_unix_time().to_string()
}

/// `url` with the parameters that have a value set in its query.
pub(crate) fn with_query(url: &str, parameters: &[(&str, &str)]) -> Result<Url, JsValue> {
    let url = Url::new(url)?;
    let query = url.search_params();
    for (name, value) in parameters.iter().filter(|(_, value)| !value.is_empty()) {
        query.set(name, value);
    }
    Ok(url)
}

/// The token where it travels in the query: `EventSource` cannot set a header.
pub(crate) fn query_token<'a>(options: &Options, token: Option<&'a str>) -> &'a str {
    match options.transport {
        Transport::EventSource => token.unwrap_or_default(),
        Transport::Fetch => "",
    }
}

/// Ends its request when dropped.
#[derive(Debug)]
#[must_use]
pub(crate) struct Request {
    controller: AbortController,
    headers: Headers,
}

impl Drop for Request {
    fn drop(&mut self) {
        self.controller.abort();
    }
}

impl Request {
    /// A request with the stream's own headers. On the `fetch` transport the token is one of them.
    pub(crate) fn new(options: &Options, token: Option<&str>) -> Result<Self, JsValue> {
        let request = Self {
            controller: AbortController::new()?,
            headers: Headers::new()?,
        };
        if options.transport == Transport::Fetch {
            for [name, value] in options.headers.as_chunks().0 {
                request.headers.set(name, value)?;
            }
            if let Some(token) = token {
                request.header("Authorization", &format!("Bearer {token}"))?;
            }
        }
        Ok(request)
    }

    /// Sets a header, unless the value is empty. A header is a string of bytes to the browser, and
    /// UTF-8 on the wire (WHATWG HTML, section 9.2.2, for `Last-Event-ID`).
    pub(crate) fn header(&self, name: &str, value: &str) -> Result<(), JsValue> {
        if value.is_empty() {
            return Ok(());
        }
        let bytes: String = value.bytes().map(char::from).collect();
        self.headers.set(name, &bytes)
    }

    /// The promise of a response to a GET of `url`. Nothing is taken from or put into the cache.
    pub(crate) fn get(
        &self,
        url: &str,
        accept: &str,
        options: &Options,
    ) -> Result<JsFuture, JsValue> {
        self.headers.set("Accept", accept)?;
        let init = self.init(options);
        Ok(JsFuture::from(global_fetch(url, &init)))
    }

    /// The promise of a response to the request for the stream itself, with its method and body.
    pub(crate) fn stream(&self, url: &str, options: &Options) -> Result<JsFuture, JsValue> {
        self.headers.set("Accept", "text/event-stream")?;
        let init = self.init(options);
        init.set_method(&options.method);
        if let Some(body) = &options.body {
            init.set_body(&body.into());
        }
        Ok(JsFuture::from(global_fetch(url, &init)))
    }

    fn init(&self, options: &Options) -> RequestInit {
        let init = RequestInit::new();
        init.set_signal(Some(&self.controller.signal()));
        init.set_cache(RequestCache::NoStore);
        init.set_credentials(if options.with_credentials {
            RequestCredentials::Include
        } else {
            RequestCredentials::SameOrigin
        });
        init.set_headers_headers(&self.headers);
        init
    }
}

/// The failure that a response with this head stands for; `None` where it is a 200 of the
/// expected type.
pub(crate) fn failure_of(response: &Response, content_type: &str) -> Option<Failure> {
    if response.status() != 200 {
        return Some(Failure::Status {
            code: response.status(),
            retry_after: retry_after(response),
        });
    }
    let actual = response.headers().get("Content-Type").ok().flatten();
    let essence = actual.unwrap_or_default();
    let essence = essence.split(';').next().unwrap_or_default().trim();
    (!essence.eq_ignore_ascii_case(content_type)).then_some(Failure::ContentType)
}

/// `Retry-After` (RFC 9110, section 10.2.3), in seconds or as a date.
fn retry_after(response: &Response) -> Option<Duration> {
    let value = response.headers().get("Retry-After").ok()??;
    let mut seconds = js_sys::Number::parse_float(&value);
    if seconds.is_nan() {
        seconds = (js_sys::Date::parse(&value) - crate::clock::wall_clock()) / 1_000.0;
    }
    Duration::try_from_secs_f64(seconds).ok()
}
