//! What an event carries: JavaScript text as the browser has it. It never enters WebAssembly's
//! memory; an event of a `fetch` stream is a place in its chunk, cut out only where it is sent on.

use js_sys::JsString;
use std::rc::Rc;

/// The data of one event.
#[derive(Clone, Debug)]
pub enum Payload {
    /// A string of its own.
    Whole(JsString),
    /// A part of a longer text, in UTF-16 units.
    Part {
        /// The text of a whole chunk.
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
            Self::Whole(text) => text.clone(),
            Self::Part { of, start, end } => of.slice(*start, *end),
        }
    }

    /// Its length in UTF-16 units.
    #[must_use]
    pub fn size(&self) -> usize {
        let units = match self {
            Self::Whole(text) => text.length(),
            Self::Part { start, end, .. } => end - start,
        };
        units as usize
    }
}

impl PartialEq for Payload {
    fn eq(&self, other: &Self) -> bool {
        self.size() == other.size() && self.text() == other.text()
    }
}
