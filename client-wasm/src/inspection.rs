//! A snapshot as it travels to a page: rows of plain values, which the page gives their names.
//! Its TypeScript twin is `Inspected` in `worker/messages.ts`.

use crate::to_js::to_js;
use js_sys::Array;
use tabcast_core::{Counters, Instant, Snapshot, TabId};
use wasm_bindgen::JsValue;

/// `[request, viewer, streams, tabs, transitions]`, in a message of its own type.
pub(crate) fn encode(viewer: TabId, request: u64, snapshot: &Snapshot) -> Result<JsValue, JsValue> {
    let streams = Array::new();
    for stream in &snapshot.streams {
        let timers = Array::new();
        for (timer, at) in &stream.timers {
            timers.push(&timer.name().into());
            timers.push(&millis(*at, snapshot.at));
        }
        streams.push(&row(&[
            number(stream.id.number()),
            stream.own.into(),
            JsValue::from_str(&stream.url),
            to_js(&stream.status)?,
            timers.into(),
            number(stream.kept),
            counters(&stream.counters)?,
        ]));
    }
    let tabs = Array::new();
    for tab in &snapshot.tabs {
        let types = tab.types.iter().map(|name| JsValue::from_str(name));
        tabs.push(&row(&[
            number(tab.id.0),
            number(tab.stream.number()),
            tab.visible.into(),
            tab.provides_token.into(),
            types.collect::<Array>().into(),
        ]));
    }
    let transitions = Array::new();
    for transition in &snapshot.transitions {
        transitions.push(&row(&[
            millis(snapshot.at, transition.at),
            transition.kind.name().into(),
            number(transition.stream.number()),
            transition.tab.map_or(JsValue::NULL, |tab| number(tab.0)),
            to_js(&transition.state)?,
            to_js(&transition.reason)?,
            to_js(&transition.http_status)?,
        ]));
    }
    let message = js_sys::Object::new();
    let rows = [
        number(request),
        number(viewer.0),
        streams.into(),
        tabs.into(),
        transitions.into(),
    ];
    js_sys::Reflect::set(&message, &"type".into(), &"inspection".into())?;
    js_sys::Reflect::set(&message, &"rows".into(), &row(&rows))?;
    Ok(message.into())
}

fn counters(counters: &Counters) -> Result<JsValue, JsValue> {
    let numbers = [
        counters.attempts,
        counters.events,
        counters.units,
        counters.polled,
        counters.polls,
        counters.gaps,
        counters.token_requests,
        counters.recoveries,
        counters.recovery_time,
        counters.longest_recovery,
    ];
    let all: Array = numbers.into_iter().map(number).collect();
    for (reason, count) in &counters.reconnects {
        all.push(&to_js(reason)?);
        all.push(&number(*count));
    }
    Ok(all.into())
}

fn row(values: &[JsValue]) -> JsValue {
    let row = Array::new();
    for value in values {
        row.push(value);
    }
    row.into()
}

fn number(number: u64) -> JsValue {
    JsValue::from_f64(number as f64)
}

/// From `earlier` to `later`, in milliseconds.
fn millis(later: Instant, earlier: Instant) -> JsValue {
    number(later.since(earlier).as_millis() as u64)
}
