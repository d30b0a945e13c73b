//! The traces that are kept in the repository.

use crate::run::record;
use crate::schedule::Plan;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;

const WANTED: usize = 40;
const LONGEST: usize = 40;

pub(crate) fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/sim-traces")
}

/// One line for each step.
pub(crate) fn text(trace: &Value) -> String {
    let steps = trace["steps"].as_array().cloned().unwrap_or_default();
    let lines: Vec<String> = steps.iter().map(|step| format!("  {step}")).collect();
    let (seed, tab) = (&trace["seed"], &trace["tab"]);
    let lines = lines.join(",\n");
    format!("{{\"seed\": {seed}, \"tab\": {tab}, \"steps\": [\n{lines}\n]}}\n")
}

/// File names and contents: of the first seeds, those of which most is to be learnt.
pub(crate) fn traces() -> BTreeMap<String, Value> {
    let mut found = Vec::new();
    for seed in 0..1_500 {
        for (tab, trace) in record(&Plan::of(seed)) {
            if trace.interest > 0 && (3..=LONGEST).contains(&trace.steps.len()) {
                let worth = trace.interest * 100 / trace.steps.len();
                found.push((worth, seed, tab, trace.steps));
            }
        }
    }
    found.sort_by_key(|(worth, seed, tab, _)| (std::cmp::Reverse(*worth), *seed, *tab));
    // The densest are all alike; every so many of them is another story.
    let stride = (found.len() / 2 / WANTED).max(1);
    found
        .into_iter()
        .step_by(stride)
        .take(WANTED)
        .map(|(_, seed, tab, steps)| {
            let name = format!("seed-{seed}-tab-{tab}.json");
            (name, json!({ "seed": seed, "tab": tab, "steps": steps }))
        })
        .collect()
}
