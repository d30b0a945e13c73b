//! The manual shows commands; they work as written.

use std::process::Command;

use crate::support::{Nats, Server, free_port};

#[tokio::test]
async fn every_line_of_the_manual_works_as_written() {
    let manual = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/server.md");
    let manual = std::fs::read_to_string(manual).expect("the manual is there");
    let server = Server::start(&["--faults", "--heartbeat", "200ms"]);
    let blocks = manual.split("```sh\n").skip(1);
    let mut blocks: Vec<_> = blocks
        .filter_map(|block| block.split("```").next())
        .collect();
    assert!(blocks.len() > 10, "{}", blocks.len());
    let nats = Nats::start();
    if nats.is_none() {
        blocks.retain(|block| !block.contains("127.0.0.1:3003"));
    }
    let lines = blocks.iter().flat_map(|block| block.lines());
    let lines: Vec<_> = lines.map(with_patience).collect();
    // Each line must succeed; of a pipe, what grep says counts. Servers that were left running
    // after one that failed would keep bash's output open.
    let mut script = format!(
        "set -e\ntrap 'kill $(jobs -p) || true' EXIT\n{}",
        lines.join("\n")
    );
    let mut bash = Command::new("bash");
    let first = server.url.rsplit(':').next().and_then(|n| n.parse().ok());
    for (port, name, here) in [
        ("3001", "FIRST", first.expect("a port")),
        ("3002", "SECOND", free_port()),
        ("3003", "THIRD", free_port()),
        ("4222", "NATS", nats.as_ref().map_or(0, Nats::port)),
    ] {
        // Not by the number itself, in which another port of the manual may occur.
        script = script.replace(port, &format!("${{{name}}}"));
        bash.env(name, here.to_string());
    }
    let folder = std::path::Path::new(env!("CARGO_BIN_EXE_tabcast-server")).parent();
    let path = std::env::var("PATH").expect("there is a path");
    let path = format!("{}:{path}", folder.expect("a folder").display());
    bash.env("PATH", path).env("TABCAST_HEARTBEAT", "200ms");
    let output = bash.args(["-xc", &script]).output();
    let output = output.expect("bash runs");
    let (stdout, stderr) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success(), "{stdout}\n{stderr}");
}

/// A stream has no end, so the manual leaves it after a second or two, in which a busy machine may
/// not have answered yet. Here it is left at the first ping after what was looked for.
fn with_patience(line: &str) -> String {
    for seconds in [" -m 1 ", " -m 2 "] {
        if line.starts_with("curl ") && line.contains(seconds) {
            return line
                .replace(seconds, " -m 20 ")
                .replace("| grep ", "| grep -m 1 ");
        }
    }
    line.to_owned()
}
