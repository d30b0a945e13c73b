//! The manual shows commands; they work as written.

use std::process::Command;

use crate::support::Server;

#[tokio::test]
async fn every_line_of_the_manual_works_as_written() {
    let manual = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/server.md");
    let manual = std::fs::read_to_string(manual).expect("the manual is there");
    let server = Server::start(&["--faults"]);
    let blocks = manual.split("```sh\n").skip(1);
    let blocks: Vec<_> = blocks
        .filter_map(|block| block.split("```").next())
        .collect();
    assert!(blocks.len() > 10, "{}", blocks.len());
    // Each line must succeed; of a pipe, what grep says counts.
    let script =
        format!("set -e\n{}", blocks.join("\n")).replace("http://127.0.0.1:3001", &server.url);
    let output = Command::new("bash").args(["-xc", &script]).output();
    let output = output.expect("bash runs");
    let (stdout, stderr) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success(), "{stdout}\n{stderr}");
}
