//! One event to all streams.

use super::{SIZE, percentile};
use crate::{
    cpu,
    memory::resident,
    order,
    swarm::Swarm,
    target::{Target, To},
};
use clap::Args;
use serde_json::{Value, json};
use std::{
    error::Error,
    time::{Duration, Instant},
};

/// How long a server has to settle before its memory is read.
const SETTLE: Duration = Duration::from_secs(2);
/// How long it has to give memory back: allocators keep what was freed for a while, jemalloc 10 s.
const GIVE_BACK: Duration = Duration::from_secs(12);

#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(flatten)]
    target: Target,
    #[arg(long, default_value_t = 10_000)]
    connections: usize,
    /// Events at one a second.
    #[arg(long, default_value_t = 6)]
    paced: u64,
    /// Events each sent when all have the one before.
    #[arg(long, default_value_t = 20)]
    single: u64,
    /// Events sent at once.
    #[arg(long, default_value_t = 100)]
    burst: u64,
}

pub(crate) fn run(options: &Options) -> Result<Value, Box<dyn Error>> {
    let Options {
        target,
        connections,
        ..
    } = options;
    let streams = *connections as u64;
    let mut swarm = Swarm::new(target, 16)?;
    let before = resident(&target.pids)?;
    let rested = cpu::spent(&target.pids)?;
    let opening = swarm.open(*connections, "")?;
    let opened = cpu::spent(&target.pids)?;
    swarm.turn_for(SETTLE)?;
    let idle = resident(&target.pids)?;

    swarm.latencies = Some(Vec::new());
    for number in 1..=options.paced {
        swarm.publish(To::All, SIZE)?;
        swarm.turn_for(Duration::from_secs(1))?;
        swarm.turn_until(|swarm| swarm.received == streams * number)?;
    }
    let mut latencies = swarm.latencies.take().unwrap_or_default();

    let mut sent = options.paced;
    let paced = cpu::spent(&target.pids)?;
    let start = Instant::now();
    for _ in 0..options.single {
        sent += 1;
        swarm.publish(To::All, SIZE)?;
        swarm.turn_until(|swarm| swarm.received == streams * sent)?;
    }
    let single = (streams * options.single) as f64 / start.elapsed().as_secs_f64();

    let singly = cpu::spent(&target.pids)?;
    let start = Instant::now();
    for _ in 0..options.burst {
        swarm.publish(To::All, SIZE)?;
    }
    sent += options.burst;
    swarm.turn_until(|swarm| swarm.received == streams * sent)?;
    let burst = (streams * options.burst) as f64 / start.elapsed().as_secs_f64();
    order::check(&swarm.got(), sent)?;

    swarm.turn_for(SETTLE)?;
    let loaded = resident(&target.pids)?;
    swarm.close_all();
    swarm.turn_for(GIVE_BACK)?;
    let closed = resident(&target.pids)?;
    // What is left is memory that is used again, or it is a leak.
    swarm.open(*connections, "")?;
    swarm.turn_for(SETTLE)?;
    swarm.close_all();
    swarm.turn_for(GIVE_BACK)?;
    let again = resident(&target.pids)?;
    let each = |kilobytes: f64| (kilobytes - before) / *connections as f64;
    Ok(json!({
        "connections": connections,
        "connectsPerSecond": *connections as f64 / opening.as_secs_f64(),
        "connectMicroseconds": (opened - rested) * 1e6 / *connections as f64,
        "singleMicroseconds": (singly - paced) * 1e6 / (streams * options.single) as f64,
        "idleKilobytes": each(idle),
        "loadedKilobytes": each(loaded),
        "closedKilobytes": each(closed),
        "leakedKilobytes": (again - closed) / *connections as f64,
        "fanoutP50": percentile(&mut latencies, 0.5),
        "fanoutP99": percentile(&mut latencies, 0.99),
        "singlePerSecond": single,
        "burstPerSecond": burst,
    }))
}
