//! Events to one user each, kept by the server.

use super::{SIZE, percentile};
use crate::{
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

#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(flatten)]
    target: Target,
    #[arg(long, default_value_t = 5_000)]
    connections: usize,
    /// Events sent as fast as they are taken.
    #[arg(long, default_value_t = 30_000)]
    flood: u64,
    /// Events at a thousand a second.
    #[arg(long, default_value_t = 5_000)]
    paced: u64,
}

pub(crate) fn run(options: &Options) -> Result<Value, Box<dyn Error>> {
    let mut swarm = Swarm::new(&options.target, 64)?;
    swarm.open(options.connections, "")?;
    let user = |number: u64| To::Stream(number as usize % options.connections);

    let start = Instant::now();
    for number in 0..options.flood {
        swarm.publish(user(number), SIZE)?;
        swarm.turn_until(|swarm| swarm.publishers.unanswered() < 256)?;
    }
    swarm.turn_until(|swarm| swarm.received == options.flood)?;
    let flood = options.flood as f64 / start.elapsed().as_secs_f64();

    swarm.latencies = Some(Vec::new());
    let start = Instant::now();
    for number in 0..options.paced {
        let due = start + Duration::from_millis(number);
        swarm.turn_for(due.saturating_duration_since(Instant::now()))?;
        swarm.publish(user(number), SIZE)?;
    }
    swarm.turn_until(|swarm| swarm.received == options.flood + options.paced)?;
    order::check_shares(&swarm.got(), options.flood + options.paced)?;
    let mut latencies = swarm.latencies.take().unwrap_or_default();
    Ok(json!({
        "connections": options.connections,
        "unicastPerSecond": flood,
        "unicastP50": percentile(&mut latencies, 0.5),
        "unicastP99": percentile(&mut latencies, 0.99),
    }))
}
