//! What a page posts may be anything that can be cloned: cyclic, bottomless, of a billion holes.
//! Reading such a thing would overflow the stack or never end, so only small plain data goes on
//! to be read.

use js_sys::{Array, Object};
use wasm_bindgen::prelude::*;

/// A hello is the deepest message: message, options, backoff, number.
const MAX_DEPTH: usize = 4;
/// More members than any message has in one place (a tab's event types).
const MAX_MEMBERS: u32 = 1_024;

/// Whether the value consists of primitives, arrays and plain objects, and is small.
pub(crate) fn is_plain_data(value: &JsValue) -> bool {
    within(value, MAX_DEPTH)
}

fn within(value: &JsValue, depth: usize) -> bool {
    if value.is_bigint() || value.is_symbol() || value.is_function() {
        return false;
    }
    if !value.is_object() {
        return true;
    }
    if depth == 0 {
        return false;
    }
    // A sparse array is as long as it says, however few members it has.
    let members = match value.dyn_ref::<Array>() {
        Some(array) if array.length() > MAX_MEMBERS => return false,
        Some(array) => array.clone(),
        None if is_plain_object(value) => Object::values(value.unchecked_ref()),
        None => return false,
    };
    members.length() <= MAX_MEMBERS && members.iter().all(|member| within(&member, depth - 1))
}

fn is_plain_object(value: &JsValue) -> bool {
    let plain = Object::get_prototype_of(&Object::new());
    Object::get_prototype_of(value) == plain
}
