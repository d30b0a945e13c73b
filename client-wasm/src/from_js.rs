//! What a page said, read by serde. serde-wasm-bindgen would do it too, and write what the worker
//! says (`to_js.rs`), at a sixth of the WebAssembly's size: its errors tell values, floating-point
//! numbers among them, and so bring all of Rust's formatting along.

use js_sys::{Array, Object, Reflect};
use serde::de::value::SeqDeserializer;
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error, IntoDeserializer,
    SeqAccess, VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;
use std::fmt;
use wasm_bindgen::{JsCast as _, JsValue};

/// The largest number up to which JavaScript tells each whole number from the next.
const MAX_SAFE_INTEGER: f64 = 9_007_199_254_740_991.0;

/// The value is not what it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Malformed;

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("malformed")
    }
}

impl std::error::Error for Malformed {}

impl Error for Malformed {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

impl serde::ser::Error for Malformed {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

impl From<Malformed> for JsValue {
    fn from(_: Malformed) -> Self {
        "malformed".into()
    }
}

/// Reads a value that is small plain data. A member that is `undefined` counts as absent.
///
/// # Errors
/// Where it is not of that shape.
pub(crate) fn from_js<T: DeserializeOwned>(value: JsValue) -> Result<T, Malformed> {
    T::deserialize(FromJs(value))
}

struct FromJs(JsValue);

impl FromJs {
    fn object(self) -> Result<Object, Malformed> {
        self.0.dyn_into().map_err(|_| Malformed)
    }

    fn whole_number(&self) -> Result<u64, Malformed> {
        let number = self.0.as_f64().ok_or(Malformed)?;
        if number.fract() != 0.0 || !(0.0..=MAX_SAFE_INTEGER).contains(&number) {
            return Err(Malformed);
        }
        Ok(number as u64)
    }

    /// Its own members, by name.
    fn members(self) -> Result<Vec<(String, Self)>, Malformed> {
        Object::entries(&self.object()?)
            .iter()
            .map(|entry| {
                let entry: Array = entry.unchecked_into();
                let name = entry.get(0).as_string().ok_or(Malformed)?;
                Ok((name, Self(entry.get(1))))
            })
            .collect()
    }
}

impl IntoDeserializer<'_, Malformed> for FromJs {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for FromJs {
    type Error = Malformed;

    /// Every type that crosses says what it is.
    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Malformed> {
        Err(Malformed)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Malformed> {
        visitor.visit_bool(self.0.as_bool().ok_or(Malformed)?)
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Malformed> {
        visitor.visit_u64(self.whole_number()?)
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Malformed> {
        visitor.visit_u64(self.whole_number()?)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Malformed> {
        visitor.visit_f64(self.0.as_f64().ok_or(Malformed)?)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Malformed> {
        visitor.visit_string(self.0.as_string().ok_or(Malformed)?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Malformed> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Malformed> {
        if self.0.is_undefined() || self.0.is_null() {
            visitor.visit_none()
        } else {
            visitor.visit_some(self)
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Malformed> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Malformed> {
        let items: Array = self.0.dyn_into().map_err(|_| Malformed)?;
        let items: Vec<Self> = items.iter().map(Self).collect();
        visitor.visit_seq(SeqDeserializer::new(items.into_iter()))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Malformed> {
        let fields = fields.iter();
        let object = self.object()?;
        visitor.visit_seq(Members { object, fields })
    }

    /// `"name"`, or `{name: content}`.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Malformed> {
        if let Some(name) = self.0.as_string() {
            let content = Self(JsValue::UNDEFINED);
            return visitor.visit_enum(Variant { name, content });
        }
        let Ok([(name, content)]) = <[_; 1]>::try_from(self.members()?) else {
            return Err(Malformed);
        };
        visitor.visit_enum(Variant { name, content })
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i64 u8 u16 f32 char bytes byte_buf unit unit_struct tuple tuple_struct map
        identifier ignored_any
    }
}

/// An object's members in the order in which they are asked for, so that no name has to be found
/// again. One that is absent takes its default.
struct Members {
    object: Object,
    fields: std::slice::Iter<'static, &'static str>,
}

impl<'de> SeqAccess<'de> for Members {
    type Error = Malformed;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Malformed> {
        let Some(&field) = self.fields.next() else {
            return Ok(None);
        };
        let value = Reflect::get(&self.object, &field.into()).map_err(|_| Malformed)?;
        if value.is_undefined() {
            return Ok(None);
        }
        seed.deserialize(FromJs(value)).map(Some)
    }
}

struct Variant {
    name: String,
    content: FromJs,
}

impl<'de> EnumAccess<'de> for Variant {
    type Error = Malformed;
    type Variant = FromJs;

    fn variant_seed<V: DeserializeSeed<'de>>(
        self,
        seed: V,
    ) -> Result<(V::Value, FromJs), Malformed> {
        let name = seed.deserialize(self.name.into_deserializer())?;
        Ok((name, self.content))
    }
}

impl<'de> VariantAccess<'de> for FromJs {
    type Error = Malformed;

    fn unit_variant(self) -> Result<(), Malformed> {
        if self.0.is_undefined() {
            Ok(())
        } else {
            Err(Malformed)
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Malformed> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, Malformed> {
        Err(Malformed)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Malformed> {
        self.deserialize_struct("", fields, visitor)
    }
}
