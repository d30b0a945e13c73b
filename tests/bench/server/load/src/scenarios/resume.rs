//! All come back at once.

use super::SIZE;
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
    /// Events that each has to catch up on.
    #[arg(long, default_value_t = 50)]
    behind: u64,
    /// Events that the log has from before, none of them theirs.
    #[arg(long, default_value_t = 0)]
    older: u64,
}

pub(crate) fn run(options: &Options) -> Result<Value, Box<dyn Error>> {
    let mut swarm = Swarm::new(&options.target, 64)?;
    for _ in 0..options.older {
        swarm.publish(To::Nobody, SIZE)?;
        swarm.turn_until(|swarm| swarm.publishers.unanswered() < 256)?;
    }
    swarm.turn_until(|swarm| swarm.publishers.unanswered() == 0)?;
    swarm.open(options.connections, "")?;
    let streams = options.connections as u64;
    swarm.publish(To::All, SIZE)?;
    swarm.turn_until(|swarm| swarm.received == streams && swarm.publishers.unanswered() == 0)?;
    let last = swarm.last_event_id().ok_or("no event had an ID")?;
    swarm.close_all();
    // The server is to have seen them go.
    swarm.turn_for(Duration::from_secs(2))?;
    for _ in 0..options.behind {
        swarm.publish(To::All, SIZE)?;
    }
    swarm.turn_until(|swarm| swarm.publishers.unanswered() == 0)?;
    let start = Instant::now();
    swarm.open(options.connections, &last)?;
    swarm.turn_until(|swarm| swarm.received >= streams * options.behind)?;
    let took = start.elapsed();
    order::check(&swarm.got(), options.behind)?;
    Ok(json!({
        "connections": options.connections,
        "behind": options.behind,
        "older": options.older,
        "resumeSeconds": took.as_secs_f64(),
    }))
}
