//! The manual shows commands; they work as written.

use std::process::Command;

use crate::support::{Nats, Server, free_port};

#[tokio::test]
async fn every_line_of_the_manual_works_as_written() {
    let manual = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/server.md");
    let manual = std::fs::read_to_string(manual).expect("the manual is there");
    let server = Server::start(&["--faults"]);
    let blocks = manual.split("```sh\n").skip(1);
    let mut blocks: Vec<_> = blocks
        .filter_map(|block| block.split("```").next())
        .collect();
    assert!(blocks.len() > 10, "{}", blocks.len());
    let nats = Nats::start();
    if nats.is_none() {
        blocks.retain(|block| !block.contains("127.0.0.1:3003"));
    }
    // Each line must succeed; of a pipe, what grep says counts.
    let mut script =
        format!("set -e\n{}", blocks.join("\n")).replace("http://127.0.0.1:3001", &server.url);
    for port in ["3002", "3003"] {
        script = script.replace(port, &free_port().to_string());
    }
    if let Some(nats) = &nats {
        script = script.replace("4222", &nats.port().to_string());
    }
    let folder = std::path::Path::new(env!("CARGO_BIN_EXE_tabcast-server")).parent();
    let path = std::env::var("PATH").expect("there is a path");
    let path = format!("{}:{path}", folder.expect("a folder").display());
    let output = Command::new("bash")
        .args(["-xc", &script])
        .env("PATH", path)
        .output();
    let output = output.expect("bash runs");
    let (stdout, stderr) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success(), "{stdout}\n{stderr}");
}
