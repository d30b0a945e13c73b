//! Stamps: what each event carries to be recognised by, in whatever a server wraps around it.

use memchr::memmem::Finder;

/// What stands before a stamp.
const MARKER: &[u8] = b"\"s\":\"";
const NUMBER: usize = 10;
const TIME: usize = 17;
const STAMP: usize = MARKER.len() + NUMBER + 1 + TIME;

/// An event's data of `size` bytes: JSON, with its number and the time of its sending.
pub(crate) fn payload(number: u64, nanoseconds: u64, size: usize) -> String {
    let stamp = format!("{{\"s\":\"{number:010}.{nanoseconds:017}\",\"p\":\"");
    let padding = size.saturating_sub(stamp.len() + 2);
    format!("{stamp}{}\"}}", "x".repeat(padding))
}

/// Finds stamps in a stream of bytes however it is cut.
#[derive(Debug)]
pub(crate) struct Scanner {
    marker: Finder<'static>,
}

impl Scanner {
    pub(crate) fn new() -> Self {
        Self {
            marker: Finder::new(MARKER),
        }
    }

    /// Calls `found` with number and time of each stamp that is whole; returns how many bytes at
    /// the end have to be shown again, in front of what comes next.
    pub(crate) fn scan(&self, bytes: &[u8], mut found: impl FnMut(u64, u64)) -> usize {
        let mut at = 0;
        while let Some(offset) = self.marker.find(&bytes[at..]) {
            let start = at + offset;
            let Some(stamp) = bytes.get(start..start + STAMP) else {
                return bytes.len() - start;
            };
            let (number, time) = stamp[MARKER.len()..].split_at(NUMBER);
            found(digits(number), digits(&time[1..]));
            at = start + STAMP;
        }
        (MARKER.len() - 1).min(bytes.len() - at)
    }
}

fn digits(text: &[u8]) -> u64 {
    text.iter()
        .fold(0, |value, digit| value * 10 + u64::from(digit - b'0'))
}
