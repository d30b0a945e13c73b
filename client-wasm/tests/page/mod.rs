//! The page's side of the protocol, as little of it as the tests need.

use gloo_timers::callback::Interval;
use js_sys::{Array, Float64Array, Function, JSON, Object, Promise, Reflect};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use tabcast_client_wasm::Runtime;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{BroadcastChannel, MessageChannel, MessageEvent, MessagePort};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = ["navigator", "locks"])]
    fn request(name: &str, granted: &Function) -> Promise;
}

type OnMessage = Closure<dyn FnMut(MessageEvent)>;

pub(crate) fn runtime() -> Rc<Runtime> {
    let on_panic = Function::new_with_args("message", "console.error(message)");
    Rc::new(Runtime::new(42, on_panic).expect("a runtime"))
}

pub(crate) struct Page {
    pub(crate) runtime: Rc<Runtime>,
    port: MessagePort,
    lock: String,
    release: RefCell<Option<Function>>,
    inbox: Inbox,
    _on_message: OnMessage,
}

/// Messages that came, and whoever waits for the next.
#[derive(Clone, Default)]
struct Inbox(Rc<RefCell<(VecDeque<JsValue>, Option<Function>)>>);

impl Inbox {
    fn listener(&self) -> OnMessage {
        let inbox = self.clone();
        OnMessage::new(move |event: MessageEvent| {
            let mut inner = inbox.0.borrow_mut();
            inner.0.push_back(event.data());
            if let Some(wake) = inner.1.take() {
                let _ = wake.call0(&JsValue::NULL);
            }
        })
    }

    async fn next(&self) -> JsValue {
        loop {
            if let Some(message) = self.0.borrow_mut().0.pop_front() {
                return message;
            }
            let arrived = Promise::new(&mut |resolve, _| self.0.borrow_mut().1 = Some(resolve));
            JsFuture::from(arrived).await.expect("never rejected");
        }
    }
}

impl Page {
    pub(crate) fn new() -> Self {
        Self::of(&runtime())
    }

    pub(crate) fn of(runtime: &Rc<Runtime>) -> Self {
        let channel = MessageChannel::new().expect("a channel");
        runtime.serve(&channel.port1());
        let inbox = Inbox::default();
        let on_message = inbox.listener();
        let port = channel.port2();
        port.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        Self {
            runtime: runtime.clone(),
            port,
            lock: format!("tabcast/tab/{}", js_sys::Math::random()),
            release: RefCell::default(),
            inbox,
            _on_message: on_message,
        }
    }

    /// Says hello, takes the tab's lock and says so.
    pub(crate) async fn join(&self, hello: &JsValue) {
        self.say_hello(hello);
        let (granted, release) = self.hold_lock();
        JsFuture::from(granted).await.expect("the lock");
        self.release.replace(Some(release));
        self.post(&"held".into());
    }

    pub(crate) fn say_hello(&self, hello: &JsValue) {
        let message = Object::new();
        set(&message, "hello", hello);
        self.post(&message);
    }

    fn hold_lock(&self) -> (Promise, Function) {
        let mut release = None;
        let held = Promise::new(&mut |resolve, _| release = Some(resolve));
        let name = self.lock.clone();
        let granted = Promise::new(&mut |resolve, _| {
            let held = held.clone();
            let callback = Closure::once_into_js(move || {
                let _ = resolve.call0(&JsValue::NULL);
                held
            });
            let _ = request(&name, callback.unchecked_ref());
        });
        (granted, release.expect("called at once"))
    }

    /// The tab ends without a word.
    pub(crate) async fn end(&self) {
        if let Some(release) = self.release.take() {
            let _ = release.call0(&JsValue::NULL);
        }
    }

    /// The tab stays for as long as the test runs.
    pub(crate) fn keep(self) {
        std::mem::forget(self);
    }

    pub(crate) fn post(&self, message: &JsValue) {
        self.port
            .post_message(message)
            .expect("a message that can be cloned");
    }

    /// The next message of that type; others before it are dropped.
    pub(crate) async fn next(&self, kind: &str) -> JsValue {
        loop {
            let message = self.inbox.next().await;
            if field(&message, "type") == kind {
                return message;
            }
        }
    }

    pub(crate) fn goes_online(&self) {
        self.post(&JSON::parse(r#"{"network": {"online": true}}"#).expect("JSON"));
    }

    /// The next batch that is no beacon.
    pub(crate) async fn next_events(&self) -> JsValue {
        loop {
            let batch = self.next("batch").await;
            let times: Float64Array = field(&batch, "times").into();
            if times.length() > 0 {
                return batch;
            }
        }
    }

    /// What the runtime posted up to now, and was not read.
    pub(crate) async fn posted(&self) -> Vec<JsValue> {
        self.post(&JSON::parse(r#"{"inspect": {"request": 1}}"#).expect("JSON"));
        let mut posted = Vec::new();
        loop {
            let message = self.inbox.next().await;
            if field(&message, "type") == "inspection" {
                return posted;
            }
            posted.push(message);
        }
    }

    /// Waits until the stream's connection has failed so many times.
    pub(crate) async fn reaches_attempt(&self, attempt: u32) {
        loop {
            let status = field(&self.next("status").await, "status");
            if field(&status, "state") == "waiting" && field(&status, "attempt") == attempt {
                return;
            }
        }
    }

    pub(crate) fn lock(&self) -> &str {
        &self.lock
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        self.port.set_onmessage(None);
        self.port.close();
    }
}

/// Options of a stream that has a second to open.
pub(crate) fn give_up_soon() -> JsValue {
    JSON::parse(r#"{"connectTimeout": 1000}"#).expect("JSON")
}

/// Options of a stream that has no time to open, and is tried again soon.
pub(crate) fn give_up_at_once() -> JsValue {
    let options = r#"{"connectTimeout": 0, "backoff": {"base": 50, "cap": 50}}"#;
    JSON::parse(options).expect("JSON")
}

/// Options of a stream that has no time to open and is polled from then on. (Where the browser
/// refuses the connection sooner, it is tried again.)
pub(crate) fn poll_at_once(url: &str) -> JsValue {
    let options = give_up_at_once();
    let origin = field(&field(&js_sys::global(), "location"), "origin");
    let origin = origin.as_string().expect("an origin");
    let poll = Object::new();
    set(&poll, "url", &format!("{origin}{url}").into());
    set(&poll, "interval", &100.into());
    set(&options, "poll", &poll);
    options
}

pub(crate) fn hello(page: &Page, url: &str) -> JsValue {
    let hello = JSON::parse(
        r#"{"identity": "alice", "options": {"headers": ["x-tenant", "acme"]},
            "types": ["message"], "visible": true, "online": true}"#,
    )
    .expect("JSON");
    set(&hello, "lock", &page.lock().into());
    set(&hello, "url", &url.into());
    hello
}

/// Listens on the channel; over once it does. A browser does not say when it has begun to: the first
/// message does, and is asked for until then, as a page does.
pub(crate) async fn listen_on(page: &Page, name: &str) -> BroadcastChannel {
    let channel = BroadcastChannel::new(name).expect("a channel");
    let on_message = page.inbox.listener().into_js_value();
    channel.set_onmessage(Some(on_message.unchecked_ref()));
    let port = page.port.clone();
    let _asking = Interval::new(250, move || {
        port.post_message(&"sync".into()).expect("a port");
    });
    page.post(&"sync".into());
    page.next("batch").await;
    channel
}

/// What a page of bad will might post.
pub(crate) fn malformed() -> Vec<JsValue> {
    let cyclic = Object::new();
    set(&cyclic, "hello", &cyclic);
    let map = js_sys::Map::new();
    map.set(&"hello".into(), &map);
    let sparse = Array::new_with_length(100_000);
    let mut deep = Object::new();
    for _ in 0..1_000 {
        let outer = Object::new();
        set(&outer, "hello", &deep);
        deep = outer;
    }
    let mut all = vec![cyclic.into(), map.into(), sparse.into(), deep.into()];
    for text in [
        "null",
        "1",
        "\"\"",
        "[]",
        "{}",
        "\"leave\"",
        "\"no-such\"",
        "{\"hello\": {}}",
        "{\"want\": {\"from\": -1, \"to\": \"x\"}}",
        "{\"hello\": {\"lock\": \"x\", \"url\": \"no url\", \"identity\": \"\", \"options\": {}, \"types\": [], \"visible\": true, \"online\": true}}",
    ] {
        all.push(JSON::parse(text).expect("JSON"));
    }
    all
}

pub(crate) fn field(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).expect("an object")
}

pub(crate) fn set(object: &JsValue, name: &str, value: &JsValue) {
    Reflect::set(object, &name.into(), value).expect("an object");
}
