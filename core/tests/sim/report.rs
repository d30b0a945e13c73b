//! What happened over many runs, in figures.

use crate::promises::Broken;
use crate::schedule::Step;
use crate::server::Data;
use std::collections::BTreeMap;

#[derive(Clone, Debug, Default)]
pub(crate) struct Report {
    pub(crate) schedules: u64,
    pub(crate) happenings: u64,
    pub(crate) logged: u64,
    pub(crate) delivered: u64,
    pub(crate) batches: u64,
    pub(crate) gaps: u64,
    /// Gaps told because a new worker could not place a tab.
    pub(crate) unplaced: u64,
    pub(crate) faults: BTreeMap<&'static str, u64>,
    pub(crate) broken: BTreeMap<&'static str, u64>,
    pub(crate) calms: u64,
    pub(crate) slowest_reach: u64,
    pub(crate) virtual_millis: u64,
    pub(crate) failed_seeds: Vec<u64>,
}

const PROMISES: [&str; 8] = [
    "lost in silence",
    "repeated",
    "out of order",
    "another user's",
    "two connections",
    "false status",
    "stuck",
    "panicked",
];

impl Report {
    pub(crate) fn fault(&mut self, step: &Step) {
        if let Some(name) = step.fault() {
            *self.faults.entry(name).or_default() += 1;
        }
    }

    pub(crate) fn dispatched(&mut self, data: &Data) {
        self.delivered += u64::from(matches!(data, Data::News(..)));
    }

    pub(crate) fn reached(&mut self, after: u64) {
        self.calms += 1;
        self.slowest_reach = self.slowest_reach.max(after);
    }

    pub(crate) fn count(&mut self, seed: u64, broken: &Broken) {
        *self.broken.entry(name_of(broken)).or_default() += 1;
        self.failed_seeds.push(seed);
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.schedules += other.schedules;
        self.happenings += other.happenings;
        self.logged += other.logged;
        self.delivered += other.delivered;
        self.batches += other.batches;
        self.gaps += other.gaps;
        self.unplaced += other.unplaced;
        self.calms += other.calms;
        self.virtual_millis += other.virtual_millis;
        self.slowest_reach = self.slowest_reach.max(other.slowest_reach);
        for (name, count) in &other.faults {
            *self.faults.entry(name).or_default() += count;
        }
        for (name, count) in &other.broken {
            *self.broken.entry(name).or_default() += count;
        }
        self.failed_seeds.extend(&other.failed_seeds);
    }

    /// One figure a line; `scripts/soak.mjs` makes a table of them.
    pub(crate) fn figures(&self, seconds: f64) -> String {
        let mut rows = vec![
            ("schedules".to_owned(), self.schedules.to_string()),
            (
                "schedules per second".to_owned(),
                format!("{:.0}", self.schedules as f64 / seconds),
            ),
            (
                "virtual days".to_owned(),
                format!("{:.0}", self.virtual_millis as f64 / 86_400_000.0),
            ),
            ("happenings".to_owned(), self.happenings.to_string()),
            ("events logged".to_owned(), self.logged.to_string()),
            (
                "events delivered to tabs".to_owned(),
                self.delivered.to_string(),
            ),
            ("gaps told".to_owned(), self.gaps.to_string()),
            (
                "gaps told to tabs without a place".to_owned(),
                self.unplaced.to_string(),
            ),
            ("recoveries checked".to_owned(), self.calms.to_string()),
            (
                "slowest recovery, s".to_owned(),
                format!("{:.1}", self.slowest_reach as f64 / 1_000.0),
            ),
        ];
        let faults = self.faults.iter();
        rows.extend(faults.map(|(name, count)| (format!("fault: {name}"), count.to_string())));
        let broken = |name| {
            self.broken
                .get(name)
                .copied()
                .unwrap_or_default()
                .to_string()
        };
        rows.extend(PROMISES.map(|name| (name.to_owned(), broken(name))));
        let lines = rows
            .iter()
            .map(|(name, figure)| format!("figure: {name}: {figure}\n"));
        lines.collect()
    }
}

pub(crate) fn name_of(broken: &Broken) -> &'static str {
    match broken {
        Broken::LostInSilence(_) => PROMISES[0],
        Broken::Repeated(_) => PROMISES[1],
        Broken::OutOfOrder(_) => PROMISES[2],
        Broken::AnotherUsers(_) => PROMISES[3],
        Broken::TwoConnections(_) => PROMISES[4],
        Broken::StatusLies(_) => PROMISES[5],
        Broken::Stuck(_) => PROMISES[6],
        Broken::Panicked(_) => PROMISES[7],
    }
}
