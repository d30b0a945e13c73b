//! One run of one plan, and the search for the least of it that still fails.

use crate::promises::Broken;
use crate::report::{Report, name_of};
use crate::schedule::{Plan, Step};
use crate::trace::{Recorder, Trace};
use crate::world::World;
use std::panic::{AssertUnwindSafe, catch_unwind};

pub(crate) struct Outcome {
    pub(crate) broken: Option<Broken>,
    pub(crate) report: Report,
    pub(crate) log: Vec<String>,
}

pub(crate) fn run(plan: &Plan, logs: bool) -> Outcome {
    let mut world = World::new(plan.clone(), Recorder::default(), logs);
    let run = AssertUnwindSafe(|| go(&mut world));
    if let Err(panic) = catch_unwind(run) {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        world.broken = Some(Broken::Panicked(text.unwrap_or_default()));
    }
    world.report.schedules = 1;
    world.report.virtual_millis = world.clock.now;
    if let Some(broken) = &world.broken {
        world.report.count(plan.seed, broken);
    }
    Outcome {
        broken: world.broken,
        report: world.report,
        log: world.log.unwrap_or_default(),
    }
}

/// The traces of the tabs.
pub(crate) fn record(plan: &Plan) -> Vec<(usize, Trace)> {
    let mut world = World::new(plan.clone(), Recorder::on(), false);
    go(&mut world);
    world.recorder.traces().into_iter().enumerate().collect()
}

fn go(world: &mut World) {
    for step in world.plan.steps.clone() {
        world.step(step);
        if world.broken.is_some() {
            return;
        }
    }
}

/// Leaves out steps as long as the same promise stays broken.
pub(crate) fn shrink(plan: &Plan, broken: &Broken) -> Plan {
    let mut least = plan.clone();
    let still_fails = |steps: &[Step]| {
        let plan = Plan {
            steps: steps.to_vec(),
            ..plan.clone()
        };
        let again = run(&plan, false).broken;
        again.is_some_and(|again| name_of(&again) == name_of(broken))
    };
    loop {
        let before = least.steps.len();
        for index in (0..before).rev() {
            let mut fewer = least.steps.clone();
            fewer.remove(index);
            if still_fails(&fewer) {
                least.steps = fewer;
            }
        }
        if least.steps.len() == before {
            return least;
        }
    }
}

/// What to read about a failure: the seed, the least plan, and all that happened in it.
pub(crate) fn explain(plan: &Plan, broken: &Broken) -> String {
    let least = shrink(plan, broken);
    let Outcome { broken, log, .. } = run(&least, true);
    let steps: Vec<String> = least
        .steps
        .iter()
        .map(|step| format!("    {step:?}\n"))
        .collect();
    format!(
        "seed {}: {broken:?}\n  {:?}, {:?}, {:?}, polls: {}, pauses: {}, frozen tabs lose: {}\n  the least that fails:\n{}\n{}\n\n  SIM_SEED={} cargo test -p tabcast-core --test sim -- replay --nocapture\n",
        plan.seed,
        plan.style,
        plan.heartbeat,
        plan.options.transport,
        plan.options.poll.is_some(),
        plan.options.pause_when_hidden.is_some(),
        plan.frozen_tabs_lose,
        steps.concat(),
        log.join("\n"),
        plan.seed,
    )
}
