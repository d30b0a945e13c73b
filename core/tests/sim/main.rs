//! A deterministic simulation: a server, a network, a proxy, a worker and tabs in virtual time,
//! with faults of every kind, from one seed. After every happening it checks what design and
//! documentation promise to a subscriber.
//!
//! A failure prints its seed, the least steps that still fail and all that happened in them.
//! Again, with one command:
//!
//! `SIM_SEED=123 cargo test -p tabcast-core --test sim -- replay --nocapture`
//!
//! The model of a tab follows the rules of `page/`, and its recorded traces hold the two together.
//!
//! `cargo test` runs a fixed range of seeds; `npm run soak -- 1000000` as many as asked.

mod checks;
mod clock;
mod driving;
mod network;
mod pages;
mod polling;
mod promises;
mod proxy;
mod random;
mod report;
mod run;
mod schedule;
mod seen;
mod sequence;
mod server;
mod serving;
mod steps;
mod tab;
mod trace;
mod traces;
mod worker;
mod world;

use report::Report;
use run::{explain, run};
use schedule::Plan;
use std::time::Instant;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Runs the seeds from `first` on; gives the figures, and the explanation of the first failures.
fn run_all(first: u64, count: u64) -> (Report, Vec<String>) {
    let mut report = Report::default();
    let mut failures = Vec::new();
    for seed in first..first + count {
        let plan = Plan::of(seed);
        let outcome = run(&plan, false);
        report.add(&outcome.report);
        if let Some(broken) = outcome.broken
            && failures.len() < 2
        {
            failures.push(explain(&plan, &broken));
        }
    }
    (report, failures)
}

/// The same, shared out among the cores.
fn run_on_all_cores(first: u64, count: u64) -> (Report, Vec<String>) {
    let cores = std::thread::available_parallelism().map_or(1, |cores| cores.get() as u64);
    let share = count.div_ceil(cores);
    std::thread::scope(|scope| {
        let shares: Vec<_> = (0..cores)
            .map(|core| {
                let begin = (core * share).min(count);
                let own = share.min(count - begin);
                scope.spawn(move || run_all(first + begin, own))
            })
            .collect();
        let mut sum = (Report::default(), Vec::new());
        for share in shares {
            let (report, failures) = share.join().expect("a share that ends");
            sum.0.add(&report);
            sum.1.extend(failures);
        }
        sum
    })
}

#[test]
fn no_schedule_breaks_a_promise() {
    let (report, failures) = run_all(0, 20_000);
    assert!(
        failures.is_empty(),
        "{}\n{}",
        failures.join("\n"),
        report.figures(1.0)
    );
}

/// `SIM_SEED=… cargo test -p tabcast-core --test sim -- replay --nocapture`
#[test]
fn replay() {
    let Some(seed) = number("SIM_SEED") else {
        return;
    };
    let plan = Plan::of(seed);
    let outcome = run(&plan, true);
    match outcome.broken {
        Some(broken) => panic!("{}", explain(&plan, &broken)),
        None => println!(
            "{}\nseed {seed}: all promises are kept",
            outcome.log.join("\n")
        ),
    }
}

const WRITE: &str = "cargo test -p tabcast-core --test sim -- --ignored write_traces";

#[test]
fn the_kept_traces_are_those_of_these_rules() {
    for (name, trace) in traces::traces() {
        let kept = std::fs::read_to_string(traces::folder().join(&name)).unwrap_or_default();
        let kept: serde_json::Value = serde_json::from_str(&kept).unwrap_or_default();
        assert_eq!(
            kept, trace,
            "{name} is another now; if that is meant: {WRITE}"
        );
    }
}

#[test]
#[ignore = "writes tests/sim-traces/"]
fn write_traces() {
    let folder = traces::folder();
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder");
    for (name, trace) in traces::traces() {
        std::fs::write(folder.join(name), traces::text(&trace)).expect("written");
    }
}

/// `npm run soak`
#[test]
#[ignore = "as long as asked: npm run soak"]
fn soak() {
    let count = number("SIM_SCHEDULES").unwrap_or(100_000);
    let first = number("SIM_FIRST").unwrap_or(0);
    let start = Instant::now();
    let (report, failures) = run_on_all_cores(first, count);
    println!("{}", report.figures(start.elapsed().as_secs_f64()));
    assert!(
        failures.is_empty(),
        "{}\nseeds: {:?}",
        failures.join("\n"),
        report.failed_seeds
    );
}
