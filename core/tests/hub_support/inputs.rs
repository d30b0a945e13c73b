//! Inputs out of bytes: few values of each kind, so that they meet.

use std::time::Duration;
use tabcast_core::messages::{Hello, Resume, ToWorker};
use tabcast_core::{Event, Failure, Options, OwnId, Poll, Transport};

pub(crate) const IDS: [&str; 6] = ["", "1", "2", "3", "2@4", "\u{e9}"];
const TYPES: [&str; 6] = ["message", "ping", "news", "superseded", "*", "\nopen"];
const CODES: [u16; 10] = [0, 200, 204, 301, 401, 403, 404, 429, 500, 999];
const MILLIS: [u64; 8] = [0, 1, 250, 999, 5_000, 15_000, 80_000, 10_000_000_000];

pub(crate) fn pick<T: Clone>(of: &[T], byte: u8) -> T {
    of[usize::from(byte) % of.len()].clone()
}

pub(crate) fn millis(byte: u8) -> Duration {
    Duration::from_millis(pick(&MILLIS, byte))
}

pub(crate) fn own_id(byte: u8) -> OwnId {
    pick(&[OwnId::Yes, OwnId::No, OwnId::Unknown], byte)
}

pub(crate) fn event(byte: &mut dyn FnMut() -> u8) -> Event<u8> {
    Event {
        event_type: pick(&TYPES, byte()).into(),
        id: pick(&IDS, byte()).into(),
        data: byte() % 4,
        size: pick(&[0, 10, 3 << 20], byte()),
        received_at: 0.0,
    }
}

pub(crate) fn failure(byte: &mut dyn FnMut() -> u8) -> Failure {
    let code = pick(&CODES, byte());
    let retry_after = byte().is_multiple_of(2).then(|| millis(byte()));
    match byte() % 7 {
        0 => Failure::Network,
        1 => Failure::Ended,
        2 => Failure::ContentType,
        3 => Failure::TooLarge,
        4 => Failure::Unknown,
        5 => Failure::Interrupted,
        _ => Failure::Status { code, retry_after },
    }
}

pub(crate) fn hello(byte: &mut dyn FnMut() -> u8) -> Hello {
    let poll = Poll {
        url: String::new(),
        interval: millis(byte()),
    };
    let options = Options {
        transport: pick(&[Transport::EventSource, Transport::Fetch], byte()),
        poll: byte().is_multiple_of(2).then_some(poll),
        pause_when_hidden: byte().is_multiple_of(3).then(|| millis(byte())),
        standard: byte().is_multiple_of(4),
        ..Options::default()
    };
    let resume = byte().is_multiple_of(2).then(|| Resume {
        epoch: pick(&["", "of another life"], byte()).to_owned(),
        next: pick(&[0, 1, 5, u64::MAX], byte()),
        last_event_id: pick(&IDS, byte()).to_owned(),
        recent: some_of(&IDS, byte),
    });
    Hello {
        lock: String::new(),
        url: String::new(),
        identity: (byte() % 2).to_string(),
        options,
        token: byte().is_multiple_of(2).then(|| (byte() % 2).to_string()),
        provides_token: byte().is_multiple_of(2),
        client_id: String::new(),
        types: vec![pick(&TYPES, byte()).to_owned()],
        visible: byte().is_multiple_of(2),
        online: !byte().is_multiple_of(4),
        resume,
        replay: u32::from(byte() % 4),
        sticky: some_of(&TYPES, byte),
    }
}

fn some_of(values: &[&str], byte: &mut dyn FnMut() -> u8) -> Vec<String> {
    let count = byte() % 4;
    let picked = (0..count).map(|_| pick(values, byte()).to_owned());
    picked.collect()
}

pub(crate) fn message(byte: &mut dyn FnMut() -> u8) -> ToWorker {
    let is_even = byte().is_multiple_of(2);
    match byte() % 10 {
        0 => ToWorker::Listen {
            types: vec![pick(&TYPES, byte()).to_owned()],
        },
        1 => ToWorker::Sync,
        2 => ToWorker::Want {
            from: pick(&[0, 1, 2, 9, u64::MAX], byte()),
            to: pick(&[0, 1, 2, 9, u64::MAX], byte()),
        },
        3 => ToWorker::Token {
            request: u64::from(byte() % 8),
            token: is_even.then(|| "t".to_owned()),
        },
        4 | 5 => ToWorker::Visibility { visible: is_even },
        6 => ToWorker::Network { online: is_even },
        7 => ToWorker::Reconnect,
        8 => ToWorker::RefreshToken,
        _ => ToWorker::Leave,
    }
}
