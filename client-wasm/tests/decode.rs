//! Bytes of a `fetch` stream become batches: what a page reads from them is what the server sent,
//! wherever the network cuts it.

use js_sys::{Float64Array, JsString, Reflect, Uint8Array, Uint32Array};
use std::rc::Rc;
use tabcast_client_wasm::batch::encode;
use tabcast_client_wasm::decode::Decoder;
use tabcast_client_wasm::payload::Payload;
use tabcast_core::{Batch, Event, Via};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_shared_worker);

fn decode(chunks: &[&[u8]]) -> Vec<Event<Payload>> {
    let mut decoder = Decoder::default();
    let mut events = Vec::new();
    for chunk in chunks {
        decoder
            .feed(&[Uint8Array::from(*chunk)], 0.0, |event, _| {
                events.push(event);
            })
            .expect("a stream within the limits");
    }
    events
}

/// The type, the ID and the data of each event, as a page cuts them out.
fn read(events: Vec<Event<Payload>>) -> Vec<[String; 3]> {
    let message = encode(&Batch {
        epoch: Rc::default(),
        first: 1,
        via: Via::Stream,
        origin: Rc::default(),
        events,
    })
    .expect("a message");
    let get = |name: &str| Reflect::get(&message, &name.into()).expect("a member");
    let text: JsString = get("text").into();
    let ids: JsString = get("ids").into();
    let types: js_sys::Array = get("types").into();
    let places = Uint32Array::from(get("places")).to_vec();
    assert_eq!(
        Float64Array::from(get("times")).length() as usize * 5,
        places.len()
    );
    places
        .chunks_exact(5)
        .map(|place| {
            [
                types.get(place[0]).as_string().expect("a type"),
                String::from(ids.slice(place[3], place[4])),
                String::from(text.slice(place[1], place[2])),
            ]
        })
        .collect()
}

fn event(event_type: &str, id: &str, data: &str) -> [String; 3] {
    [event_type, id, data].map(str::to_owned)
}

#[wasm_bindgen_test]
fn any_script_is_read_alike_wherever_the_stream_is_cut() {
    let stream = "data: one\n\nid: ключ\nevent: чат\ndata: два 🙂\n\n: a comment\ndata: \u{FEFF}три\n\ndata: 四🎈\ndata: and more\n\ndata\n\n".as_bytes();
    let expected = [
        event("message", "", "one"),
        event("чат", "ключ", "два 🙂"),
        event("message", "ключ", "\u{FEFF}три"),
        event("message", "ключ", "四🎈\nand more"),
        event("message", "ключ", ""),
    ];
    for first in 0..stream.len() {
        for second in first..stream.len() {
            let chunks = [&stream[..first], &stream[first..second], &stream[second..]];
            assert_eq!(read(decode(&chunks)), expected, "cut at {first}, {second}");
        }
    }
}

#[wasm_bindgen_test]
fn what_is_no_utf_8_is_replaced_within_its_event() {
    let stream = b"data: \xF0\x9F\n\ndata: two \xD1\x8F\n\ndata: \xFF\n\n";
    let data: Vec<String> = read(decode(&[stream]))
        .into_iter()
        .map(|[.., data]| data)
        .collect();
    assert_eq!(data, ["\u{FFFD}", "two я", "\u{FFFD}"]);
}

#[wasm_bindgen_test]
fn a_chunk_of_comments_is_not_kept_for_one_event() {
    let comments = ": nothing of interest\n".repeat(1_000);
    let stream = format!("data: one\n\n{comments}data: two\n\ndata: three\n\n");
    let events = decode(&[stream.as_bytes()]);
    for event in &events {
        let Payload::Part { of, .. } = &event.data else {
            panic!("not in the chunk: {event:?}");
        };
        assert!(of.length() < 100, "{} units are kept", of.length());
    }
    assert_eq!(read(events).len(), 3);
}

#[wasm_bindgen_test]
fn a_batch_is_cut_from_where_its_events_are() {
    let stream: String = (0..9)
        .map(|number| format!("id: {number}\ndata: data of {number}\n\n"))
        .collect();
    let events = decode(&[stream.as_bytes()]);
    let some = vec![events[3].clone(), events[4].clone(), events[7].clone()];
    let expected = [3, 4, 7]
        .map(|number: u8| event("message", &number.to_string(), &format!("data of {number}")));
    assert_eq!(read(some), expected);
    let backwards = vec![events[7].clone(), events[3].clone(), events[3].clone()];
    let expected = [7, 3, 3]
        .map(|number: u8| event("message", &number.to_string(), &format!("data of {number}")));
    assert_eq!(read(backwards), expected);
}
