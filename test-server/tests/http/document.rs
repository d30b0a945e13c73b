//! The API against its document, by a tool that knows nothing of it.

use std::process::Command;

use crate::support::Server;

/// Requests for each operation of each kind; more finds nothing else.
const EXAMPLES: &str = "20";

#[tokio::test]
async fn schemathesis_finds_nothing() {
    let Ok(schemathesis) = std::env::var("TABCAST_SCHEMATHESIS") else {
        let notice =
            "TABCAST_SCHEMATHESIS does not say where schemathesis is; `npm test -- native` does";
        assert!(std::env::var("CI").as_deref() != Ok("true"), "{notice}");
        eprintln!("\n*** NOT TESTED: {notice} ***\n");
        return;
    };
    let server = Server::start(&["--in-memory"]);
    let token = server.user("super").await.token.expect("a token");
    let mut command = Command::new(schemathesis);
    command.current_dir(server.dir.path());
    command.args(["run", &format!("{}/openapi.json", server.url)]);
    command
        .arg("--header")
        .arg(format!("Authorization: Bearer {token}"));
    command.args(["--max-examples", EXAMPLES, "--seed", "1", "--no-color"]);
    command.args(["--request-timeout", "30"]);
    // A stream has no end, and logging in is slowed down; ours ask for those.
    command.args([
        "--exclude-path-regex",
        "^/events$|/stream|/auth/login|/api/signin",
    ]);
    // The document cannot say all that makes a request good: that a user or an
    // event must be there, say.
    command.args(["--exclude-checks", "positive_data_acceptance"]);
    let output = tokio::task::spawn_blocking(move || command.output()).await;
    let output = output.expect("it ends").expect("it runs");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
    assert!(
        said.contains("test cases") || said.contains("Test cases"),
        "{said}"
    );
    assert!(!server.log().contains("panicked"), "{}", server.log());
}
