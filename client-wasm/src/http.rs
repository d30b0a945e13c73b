//! Requests: URLs with what Tabcast adds to them, and fetches that end when dropped.

use js_sys::Promise;
use std::time::Duration;
use tabcast_core::{Failure, Options};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, RequestCache, RequestCredentials, RequestInit, Response, Url};

#[wasm_bindgen]
extern "C" {
    /// The global `fetch`, the same in a worker and in a page.
    #[wasm_bindgen(js_name = fetch)]
    fn global_fetch(url: &str, init: &RequestInit) -> Promise;
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

/// Ends its request when dropped.
#[derive(Debug)]
#[must_use]
pub(crate) struct Request {
    controller: AbortController,
}

impl Drop for Request {
    fn drop(&mut self) {
        self.controller.abort();
    }
}

impl Request {
    pub(crate) fn new() -> Result<Self, JsValue> {
        Ok(Self {
            controller: AbortController::new()?,
        })
    }

    /// The promise of a response to a GET of `url`. Nothing is taken from or put into the cache.
    pub(crate) fn get(
        &self,
        url: &str,
        accept: &str,
        options: &Options,
    ) -> Result<JsFuture, JsValue> {
        let init = RequestInit::new();
        init.set_signal(Some(&self.controller.signal()));
        init.set_cache(RequestCache::NoStore);
        init.set_credentials(if options.with_credentials {
            RequestCredentials::Include
        } else {
            RequestCredentials::SameOrigin
        });
        let headers = web_sys::Headers::new()?;
        headers.set("Accept", accept)?;
        init.set_headers_headers(&headers);
        Ok(JsFuture::from(global_fetch(url, &init)))
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
