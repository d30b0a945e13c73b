//! What an event carries: JavaScript text as the browser has it. It never enters WebAssembly's
//! memory; an event of a `fetch` stream is a place in a longer text, cut out only where it is
//! sent on.

use js_sys::JsString;
use std::rc::Rc;

/// The data of one event. Places and lengths are in UTF-16 units.
#[derive(Clone, Debug)]
pub enum Payload {
    /// A string of its own.
    Whole {
        /// The string.
        text: JsString,
        /// Its length.
        units: u32,
    },
    /// A part of a longer text.
    Part {
        /// The text of neighbouring events.
        of: Rc<JsString>,
        /// Where it starts.
        start: u32,
        /// Where it ends.
        end: u32,
    },
}

impl Payload {
    /// The data as a string of its own.
    #[must_use]
    pub fn text(&self) -> JsString {
        match self {
            Self::Whole { text, .. } => text.clone(),
            Self::Part { of, start, end } => of.slice(*start, *end),
        }
    }

    /// Its length.
    #[must_use]
    pub fn units(&self) -> u32 {
        match self {
            Self::Whole { units, .. } => *units,
            Self::Part { start, end, .. } => end - start,
        }
    }
}

impl From<JsString> for Payload {
    fn from(text: JsString) -> Self {
        let units = text.length();
        Self::Whole { text, units }
    }
}

impl Default for Payload {
    fn default() -> Self {
        JsString::from("").into()
    }
}

impl PartialEq for Payload {
    fn eq(&self, other: &Self) -> bool {
        self.units() == other.units() && self.text() == other.text()
    }
}
