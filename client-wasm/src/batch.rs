//! A batch as it travels to pages: columns, because a browser clones a few long arrays faster
//! than many small objects. Its TypeScript twin is `Batch` in `worker/messages.ts`.

use crate::payload::Payload;
use js_sys::{Array, Object, Reflect};
use tabcast_core::Batch;
use wasm_bindgen::JsValue;

pub(crate) fn encode(batch: &Batch<Payload>) -> Result<Object, JsValue> {
    let types = Array::new();
    let ids = Array::new();
    let data = Array::new();
    let times = Array::new();
    for event in &batch.events {
        types.push(&JsValue::from_str(&event.event_type));
        ids.push(&JsValue::from_str(&event.id));
        data.push(&event.data.text());
        times.push(&JsValue::from_f64(event.received_at));
    }
    let message = Object::new();
    let set = |name: &str, value: &JsValue| Reflect::set(&message, &name.into(), value);
    set("type", &"batch".into())?;
    set("epoch", &JsValue::from_str(&batch.epoch))?;
    set("first", &JsValue::from_f64(batch.first as f64))?;
    set("via", &batch.via.name().into())?;
    set("origin", &JsValue::from_str(&batch.origin))?;
    set("types", &types)?;
    set("ids", &ids)?;
    set("data", &data)?;
    set("times", &times)?;
    Ok(message)
}
