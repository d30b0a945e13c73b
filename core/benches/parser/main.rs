//! The parser beside other parsers of event streams:
//! `cargo bench -p tabcast-core --bench parser`.
//!
//! One table, some seconds. Each parser takes the same chunks, and its events and their
//! bytes are counted, so that none is fast by leaving something out. The peers give owned,
//! checked text; the ratio is to Tabcast's parser doing the same. Its other rows are what
//! a caller gets who needs less.

mod peers;
mod streams;

use std::time::{Duration, Instant};

use peers::{PARSERS, Read};
use streams::{STREAMS, Stream};

/// How long each cell of the table is measured.
const TIME: Duration = Duration::from_millis(250);

fn main() {
    println!(
        "{:<36}{:<28}{:>9}{:>14}{:>9}",
        "stream", "parser", "MB/s", "events/s", "ratio"
    );
    for stream in STREAMS.iter().map(|make| make()) {
        let mut first = None;
        for (name, read) in PARSERS {
            let events_per_second = measure(&stream, *read);
            let first = *first.get_or_insert(events_per_second);
            println!(
                "{:<36}{name:<28}{:>9.0}{events_per_second:>14.0}{:>8.2}x",
                stream.name,
                events_per_second / stream.events as f64 * stream.bytes() as f64 / 1e6,
                first / events_per_second,
            );
        }
    }
    println!("\nratio: how many times as fast Tabcast's parser is, handing over owned text");
}

/// Events per second, of the best run: what else the machine does only slows down.
fn measure(stream: &Stream, read: Read) -> f64 {
    let start = Instant::now();
    let mut best = Duration::MAX;
    while start.elapsed() < TIME {
        let run = Instant::now();
        let seen = read(&stream.chunks);
        best = best.min(run.elapsed());
        assert_eq!(seen.events, stream.events, "{}: events", stream.name);
        assert_eq!(seen.bytes, stream.payload, "{}: bytes of data", stream.name);
    }
    stream.events as f64 / best.as_secs_f64()
}
