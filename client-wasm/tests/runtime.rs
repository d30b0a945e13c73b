//! The runtime in a real SharedWorker, spoken to as a page would: over a port, holding a lock.

mod page;

use js_sys::Uint32Array;
use page::{Page, field, hello};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_shared_worker);

/// Two events in one answer, served by the test runner beside the tests.
const TWO_EVENTS: &str = "/tests/two-events.json";
const NEVER: &str = "http://127.0.0.1:9/events";

#[wasm_bindgen_test]
async fn a_hello_is_answered_with_a_welcome() {
    let page = Page::new();
    page.join(&hello(&page, NEVER)).await;
    let welcome = page.next("welcome").await;
    assert_eq!(field(&welcome, "next"), 1);
    assert_eq!(field(&field(&welcome, "status"), "state"), "connecting");
    assert!(field(&welcome, "channel").is_string());
}

#[wasm_bindgen_test]
async fn tabs_of_one_stream_share_an_epoch_and_other_identities_do_not() {
    let runtime = page::runtime();
    let mut epochs = Vec::new();
    for identity in ["alice", "alice", "bob"] {
        let page = Page::of(&runtime);
        let hello = hello(&page, NEVER);
        page::set(&hello, "identity", &identity.into());
        page.join(&hello).await;
        epochs.push(field(&page.next("welcome").await, "epoch").as_string());
        page.keep();
    }
    assert_eq!(epochs[0], epochs[1]);
    assert_ne!(epochs[0], epochs[2]);
}

#[wasm_bindgen_test]
async fn what_arrives_within_one_task_is_one_message() {
    let page = Page::new();
    page.join(&polling_hello(&page)).await;
    page.next("welcome").await;
    // Over the port of a tab that is alone.
    check_two_events(&page.next("batch").await);
}

#[wasm_bindgen_test]
async fn several_tabs_get_one_message_on_the_channel() {
    let runtime = page::runtime();
    let (first, second) = (Page::of(&runtime), Page::of(&runtime));
    for page in [&first, &second] {
        let hello = polling_hello(page);
        page::set(&hello, "online", &JsValue::FALSE);
        page.join(&hello).await;
    }
    let welcome = second.next("welcome").await;
    let channel = field(&welcome, "channel").as_string().expect("a name");
    let channel = page::listen_on(&second, &channel).await;
    second.goes_online();
    check_two_events(&second.next_events().await);
    channel.close();
}

fn polling_hello(page: &Page) -> JsValue {
    let hello = hello(page, NEVER);
    page::set(&hello, "options", &page::poll_at_once(TWO_EVENTS));
    hello
}

fn check_two_events(batch: &JsValue) {
    assert_eq!(field(batch, "text"), "onetwo");
    let places: Uint32Array = field(batch, "places").into();
    assert_eq!(places.to_vec()[1..3], [0, 3]);
    assert_eq!(places.to_vec()[6..8], [3, 6]);
    assert_eq!(field(batch, "first"), 1);
    assert_eq!(field(batch, "via"), "poll");
}

#[wasm_bindgen_test]
async fn malformed_messages_are_dropped_and_the_next_good_one_is_answered() {
    let page = Page::new();
    for bad in page::malformed() {
        page.post(&bad);
    }
    page.join(&hello(&page, NEVER)).await;
    page.next("welcome").await;
}

#[wasm_bindgen_test]
async fn a_lock_that_is_freed_ends_its_tab() {
    let runtime = page::runtime();
    let (staying, going) = (Page::of(&runtime), Page::of(&runtime));
    for page in [&staying, &going] {
        let hello = hello(page, NEVER);
        page::set(&hello, "providesToken", &JsValue::TRUE);
        page.join(&hello).await;
        page.next("welcome").await;
    }
    // The tab that joined first and is still there would be asked for the token.
    going.post(&"refresh-token".into());
    staying.next("token-request").await;
    staying.end().await;
    going.next("token-request").await;
}

#[wasm_bindgen_test]
async fn a_tab_that_never_holds_its_lock_is_welcome_and_then_gone() {
    let runtime = page::runtime();
    let (going, staying) = (Page::of(&runtime), Page::of(&runtime));
    let hello_of = |page: &Page| {
        let hello = hello(page, NEVER);
        page::set(&hello, "providesToken", &JsValue::TRUE);
        hello
    };
    going.say_hello(&hello_of(&going));
    going.next("welcome").await;
    staying.join(&hello_of(&staying)).await;
    staying.next("welcome").await;
    // The tab that joined first and is still there is asked for the token, and does not answer.
    staying.post(&"refresh-token".into());
    going.next("token-request").await;
    staying.next("token-request").await;
}

#[wasm_bindgen_test]
async fn a_stream_that_cannot_be_reached_waits_and_says_when_it_tries_again() {
    let page = Page::new();
    let hello = hello(&page, NEVER);
    page::set(&hello, "options", &page::give_up_soon());
    page.join(&hello).await;
    page.next("welcome").await;
    let status = loop {
        let status = field(&page.next("status").await, "status");
        if field(&status, "state") == "waiting" {
            break status;
        }
    };
    assert_eq!(field(&status, "attempt"), 1);
    // WebKit does not answer for this port; there the time-out speaks.
    let reason = field(&status, "reason");
    assert!(reason == "refused" || reason == "timeout", "{reason:?}");
    assert!(
        field(&status, "retryIn")
            .as_f64()
            .is_some_and(|wait| wait <= 1_000.0)
    );
}

#[wasm_bindgen_test]
async fn a_runtime_that_was_ended_tries_nothing_again() {
    let page_of_failing_stream = async || {
        let page = Page::new();
        let hello = hello(&page, NEVER);
        page::set(&hello, "options", &page::give_up_at_once());
        page.join(&hello).await;
        page
    };
    let ended = page_of_failing_stream().await;
    ended.reaches_attempt(1).await;
    ended.runtime.end();
    ended.posted().await;
    // For as long as another one needs to try so often.
    page_of_failing_stream().await.reaches_attempt(5).await;
    for message in ended.posted().await {
        // What was under way may fail yet.
        if field(&message, "type") == "status" {
            let status = field(&message, "status");
            assert_eq!(field(&status, "state"), "waiting", "after its end");
        }
    }
}
