//! The `tabcast-server` command: reads the flags, then hands over to the library.

use std::{io::IsTerminal as _, process::ExitCode};

use clap::Parser;
use tabcast_server::Config;
use tikv_jemallocator::Jemalloc;
use tracing_subscriber::EnvFilter;

/// Gives memory back when a crowd has left; see `docs/decisions/064-what-a-crowd-leaves-behind.md`.
#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

fn main() -> ExitCode {
    // clap ends the process with 2 and a sentence on stderr when the flags are wrong.
    let config = Config::parse();
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();

    match tabcast_server::run(config) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("tabcast-server: {error}");
            ExitCode::FAILURE
        }
    }
}
