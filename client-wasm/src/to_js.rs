//! What the worker says, written by serde: plain objects, arrays, strings and numbers.

use crate::from_js::Malformed;
use js_sys::{Array, Object, Reflect};
use serde::ser::{Impossible, Serialize, SerializeSeq, SerializeStruct, Serializer};
use wasm_bindgen::JsValue;

/// The value as a page gets it.
///
/// # Errors
/// Where it is of a kind that no message has.
pub(crate) fn to_js(value: &(impl Serialize + ?Sized)) -> Result<JsValue, Malformed> {
    value.serialize(ToJs)
}

struct ToJs;

type No = Impossible<JsValue, Malformed>;

/// Kinds of values that no message has.
macro_rules! none_of {
    ($($method:ident($($argument:ty),*) -> $result:ty;)*) => {
        $(fn $method(self, $(_: $argument),*) -> Result<$result, Malformed> {
            Err(Malformed)
        })*
    };
}

impl Serializer for ToJs {
    type Ok = JsValue;
    type Error = Malformed;
    type SerializeSeq = Items;
    type SerializeStruct = Members;
    type SerializeTuple = No;
    type SerializeTupleStruct = No;
    type SerializeTupleVariant = No;
    type SerializeMap = No;
    type SerializeStructVariant = No;

    fn serialize_bool(self, value: bool) -> Result<JsValue, Malformed> {
        Ok(value.into())
    }

    fn serialize_u16(self, value: u16) -> Result<JsValue, Malformed> {
        self.serialize_f64(value.into())
    }

    fn serialize_u32(self, value: u32) -> Result<JsValue, Malformed> {
        self.serialize_f64(value.into())
    }

    fn serialize_u64(self, value: u64) -> Result<JsValue, Malformed> {
        self.serialize_f64(value as f64)
    }

    fn serialize_f64(self, value: f64) -> Result<JsValue, Malformed> {
        Ok(value.into())
    }

    fn serialize_str(self, value: &str) -> Result<JsValue, Malformed> {
        Ok(JsValue::from_str(value))
    }

    fn serialize_none(self) -> Result<JsValue, Malformed> {
        Ok(JsValue::NULL)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<JsValue, Malformed> {
        to_js(value)
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<JsValue, Malformed> {
        self.serialize_str(variant)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Items, Malformed> {
        Ok(Items(Array::new()))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Members, Malformed> {
        Ok(Members(Object::new()))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<JsValue, Malformed> {
        to_js(value)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<JsValue, Malformed> {
        Err(Malformed)
    }

    none_of! {
        serialize_i8(i8) -> JsValue;
        serialize_i16(i16) -> JsValue;
        serialize_i32(i32) -> JsValue;
        serialize_i64(i64) -> JsValue;
        serialize_u8(u8) -> JsValue;
        serialize_f32(f32) -> JsValue;
        serialize_char(char) -> JsValue;
        serialize_bytes(&[u8]) -> JsValue;
        serialize_unit() -> JsValue;
        serialize_unit_struct(&'static str) -> JsValue;
        serialize_tuple(usize) -> No;
        serialize_tuple_struct(&'static str, usize) -> No;
        serialize_tuple_variant(&'static str, u32, &'static str, usize) -> No;
        serialize_map(Option<usize>) -> No;
        serialize_struct_variant(&'static str, u32, &'static str, usize) -> No;
    }
}

struct Items(Array);

impl SerializeSeq for Items {
    type Ok = JsValue;
    type Error = Malformed;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Malformed> {
        self.0.push(&to_js(value)?);
        Ok(())
    }

    fn end(self) -> Result<JsValue, Malformed> {
        Ok(self.0.into())
    }
}

struct Members(Object);

impl SerializeStruct for Members {
    type Ok = JsValue;
    type Error = Malformed;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Malformed> {
        let value = to_js(value)?;
        Reflect::set(&self.0, &name.into(), &value).map_err(|_| Malformed)?;
        Ok(())
    }

    fn end(self) -> Result<JsValue, Malformed> {
        Ok(self.0.into())
    }
}
