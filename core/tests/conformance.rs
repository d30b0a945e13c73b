//! The corpus under `tests/conformance/`, read by the native parser with every split.

mod parser_support;

use std::fs;
use std::path::Path;

use parser_support::{Outcome, Seen, read, reference};
use serde_json::Value;
use tabcast_core::parser::Limits;

/// Streams up to this size, in bytes, are split at each byte; longer ones at some.
const SPLIT_EVERYWHERE: usize = 2500;

struct Case {
    name: String,
    resume_after: String,
    chunks: Vec<Vec<u8>>,
    expected: Outcome,
}

#[test]
fn every_case_with_every_split() {
    let cases = corpus();
    assert!(
        cases.len() >= 150,
        "the corpus lost cases: {} left",
        cases.len()
    );
    for case in &cases {
        let stream = case.chunks.concat();
        case.check("as given", case.chunks.iter().map(Vec::as_slice));
        case.check("whole", [&stream[..]]);
        case.check("byte by byte", stream.chunks(1));
        let step = if stream.len() <= SPLIT_EVERYWHERE {
            1
        } else {
            stream.len() / 64
        };
        for at in (0..=stream.len()).step_by(step) {
            let (head, tail) = stream.split_at(at);
            case.check(&format!("split at {at}"), [head, tail]);
        }
    }
}

#[test]
fn the_plain_reading_agrees_with_the_corpus() {
    for case in corpus() {
        let read = reference::read(&case.chunks.concat(), &case.resume_after);
        assert_eq!(read, case.expected, "{}", case.name);
    }
}

impl Case {
    fn check<'c>(&self, split: &str, chunks: impl IntoIterator<Item = &'c [u8]>) {
        let (outcome, result) = read(Limits::default(), &self.resume_after, chunks);
        assert_eq!(result, Ok(()), "{}, {split}", self.name);
        assert_eq!(outcome, self.expected, "{}, {split}", self.name);
    }

    fn from_json(case: &Value) -> Self {
        Self {
            name: text(&case["name"]),
            resume_after: case.get("resumeAfter").map(text).unwrap_or_default(),
            chunks: case["chunks"]
                .as_array()
                .unwrap()
                .iter()
                .map(bytes)
                .collect(),
            expected: Outcome {
                events: case["events"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(event)
                    .collect(),
                last_event_id: text(&case["lastEventId"]),
                retry: case["retry"].as_u64(),
                comments: case["comments"].as_u64().unwrap(),
            },
        }
    }
}

fn corpus() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/conformance");
    let mut cases = Vec::new();
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            let json: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
            cases.extend(
                json["cases"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(Case::from_json),
            );
        }
    }
    cases
}

fn event(json: &Value) -> Seen {
    Seen {
        event_type: text(&json["type"]),
        data: text(&json["data"]),
        last_event_id: text(&json["lastEventId"]),
        has_own_id: json["ownId"].as_bool().unwrap(),
    }
}

fn bytes(json: &Value) -> Vec<u8> {
    match json {
        Value::Array(bytes) => bytes
            .iter()
            .map(|byte| u8::try_from(byte.as_u64().unwrap()).unwrap())
            .collect(),
        _ => text(json).into_bytes(),
    }
}

fn text(json: &Value) -> String {
    match json {
        Value::String(text) => text.clone(),
        _ => {
            let times = usize::try_from(json["times"].as_u64().unwrap()).unwrap();
            let then = json.get("then").map(text).unwrap_or_default();
            text(&json["repeat"]).repeat(times) + &then
        }
    }
}
