//! A plain reading of the standard (WHATWG HTML 9.2.5 and 9.2.6) over the whole text at
//! once, step by step in the standard's words. Slow, and with nothing in common with the
//! parser but the result.

use super::{Outcome, Seen};

/// Reads `bytes` as a stream that ends after them.
pub fn read(bytes: &[u8], resume_after: &str) -> Outcome {
    // "Streams must be decoded using the UTF-8 decode algorithm", which strips one mark.
    let decoded = String::from_utf8_lossy(bytes);
    let text = decoded.strip_prefix('\u{FEFF}').unwrap_or(&decoded);
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut lines: Vec<&str> = text.split('\n').collect();
    // What follows the last line end is not a line yet.
    lines.pop();

    let mut outcome = Outcome {
        last_event_id: resume_after.to_owned(),
        ..Outcome::default()
    };
    let mut data_buffer = String::new();
    let mut event_type_buffer = String::new();
    let mut last_event_id_buffer = resume_after.to_owned();
    let mut has_own_id = false;
    for line in lines {
        if line.is_empty() {
            outcome.last_event_id.clone_from(&last_event_id_buffer);
            if !data_buffer.is_empty() {
                data_buffer.pop();
                let event_type = if event_type_buffer.is_empty() {
                    "message"
                } else {
                    &event_type_buffer
                };
                outcome.events.push(Seen {
                    event_type: event_type.to_owned(),
                    data: data_buffer.clone(),
                    last_event_id: outcome.last_event_id.clone(),
                    has_own_id,
                });
            }
            data_buffer.clear();
            event_type_buffer.clear();
            has_own_id = false;
            continue;
        }
        if line.starts_with(':') {
            outcome.comments += 1;
            continue;
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => event_type_buffer = value.to_owned(),
            "data" => {
                data_buffer.push_str(value);
                data_buffer.push('\n');
            }
            "id" if !value.contains('\0') => {
                last_event_id_buffer = value.to_owned();
                has_own_id = true;
            }
            "retry" => outcome.retry = reconnection_time(value).or(outcome.retry),
            _ => {}
        }
    }
    outcome
}

fn reconnection_time(value: &str) -> Option<u64> {
    let digits = !value.is_empty() && value.chars().all(|digit| digit.is_ascii_digit());
    // Ten digits hold the limit; more of them, leading zeros apart, are beyond it.
    digits.then(|| match value.trim_start_matches('0') {
        "" => 0,
        long if long.len() > 10 => 2_147_483_647,
        short => short.parse::<u64>().unwrap().min(2_147_483_647),
    })
}
