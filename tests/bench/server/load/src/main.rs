//! The load of `npm run bench -- server`: opens thousands of event streams from one thread,
//! publishes to them, and checks that each event came once and in order. Results go to standard
//! output as one line of JSON.

mod cpu;
mod memory;
mod order;
mod peers;
mod publishers;
mod scan;
mod scenarios;
mod swarm;
mod target;

use clap::{Parser, Subcommand};
use std::error::Error;

#[derive(Debug, Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// One event to all, paced, one by one, and in a burst.
    Fanout(scenarios::fanout::Options),
    /// Events to one user each.
    Unicast(scenarios::unicast::Options),
    /// All come back at once, with as many events behind them.
    Resume(scenarios::resume::Options),
    /// A peer: axum's `Sse` over tokio's broadcast channel.
    ServeAxum,
    /// A peer: one thread over epoll, one write an event, and nothing else.
    ServeEpoll,
    /// Adds users to a database of tabcast-server.
    Seed(target::Seed),
}

fn main() -> Result<(), Box<dyn Error>> {
    let result = match Arguments::parse().command {
        Command::Fanout(options) => scenarios::fanout::run(&options)?,
        Command::Unicast(options) => scenarios::unicast::run(&options)?,
        Command::Resume(options) => scenarios::resume::run(&options)?,
        Command::ServeAxum => return peers::axum::serve(),
        Command::ServeEpoll => return peers::epoll::serve(),
        Command::Seed(seed) => return seed.run(),
    };
    println!("{result}");
    Ok(())
}
