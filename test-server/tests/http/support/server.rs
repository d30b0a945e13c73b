//! Starting and ending the binary.

use std::{
    io::{BufRead as _, BufReader, Read as _},
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;

use super::{Client, PATIENCE};

/// A running server; ended with the test.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    pub(crate) url: String,
    pub(crate) dir: TempDir,
    http: reqwest::Client,
    args: Vec<String>,
}

/// The binary with these arguments, in an environment of its own.
pub(crate) fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tabcast-server"));
    command.env_clear().args(args);
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    command.stderr(Stdio::piped());
    command
}

impl Server {
    /// On a free port, with a database in a scratch folder.
    pub(crate) fn start(args: &[&str]) -> Self {
        let dir = TempDir::new().expect("a scratch folder");
        Self::start_in(dir, args.iter().map(|&arg| arg.to_owned()).collect())
    }

    fn start_in(dir: TempDir, args: Vec<String>) -> Self {
        let mut command = command(&["--listen", "127.0.0.1:0"]);
        if !args.iter().any(|arg| arg == "--in-memory") {
            command.arg("--data").arg(dir.path().join("data"));
        }
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(dir.path().join("log"))
            .expect("a file for the log");
        command.args(&args).current_dir(dir.path()).stderr(log);
        command.env("RUST_LOG", "debug,hyper=info");
        let mut child = command.spawn().expect("the server starts");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("stdout is piped");
        BufReader::new(stdout)
            .read_line(&mut line)
            .expect("stdout can be read");
        let url = line.trim_end().to_owned();
        assert!(url.contains("://127.0.0.1:"), "not a URL: {line:?}");
        Self {
            child,
            url,
            dir,
            http: super::http().build().expect("a client"),
            args,
        }
    }

    /// Logs in as one of the seeded users.
    pub(crate) async fn user(&self, name: &str) -> Client {
        let email = match name {
            "super" | "alice" | "bob" => format!("{name}@test.com"),
            _ => format!("{name}@example.com"),
        };
        Client::log_in(&self.url, &email).await
    }

    /// What it has written to stderr.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.dir.path().join("log")).unwrap_or_default()
    }

    /// The value of a metric without labels.
    pub(crate) async fn metric(&self, name: &str) -> f64 {
        let text = self
            .http
            .get(format!("{}/metrics", self.url))
            .send()
            .await
            .expect("metrics answer")
            .text()
            .await
            .expect("metrics are text");
        let value = text
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        value
            .unwrap_or_else(|| panic!("no metric {name} in\n{text}"))
            .parse()
            .expect("a metric is a number")
    }

    /// SIGTERM; says how long it took to leave.
    pub(crate) fn terminate(&mut self) -> (ExitStatus, Duration) {
        let start = Instant::now();
        let sent = Command::new("kill")
            .arg(self.child.id().to_string())
            .status()
            .expect("kill runs");
        assert!(sent.success());
        (self.wait(), start.elapsed())
    }

    /// SIGKILL: no chance to do anything.
    pub(crate) fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Starts again over the same data, on another port.
    pub(crate) fn again(mut self) -> Self {
        self.kill();
        let args = std::mem::take(&mut self.args);
        let dir = std::mem::replace(&mut self.dir, TempDir::new().expect("a scratch folder"));
        Self::start_in(dir, args)
    }

    fn wait(&mut self) -> ExitStatus {
        wait(&mut self.child)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

fn wait(child: &mut Child) -> ExitStatus {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait().expect("a child can be waited for") {
            return status;
        }
        assert!(start.elapsed() < PATIENCE, "the server does not leave");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Runs it until it ends by itself: exit code and stderr.
pub(crate) fn run_to_end(args: &[&str]) -> (Option<i32>, String) {
    let mut child = command(args).spawn().expect("the server starts");
    let status = wait(&mut child);
    let mut text = String::new();
    let mut stderr = child.stderr.take().expect("stderr is piped");
    stderr
        .read_to_string(&mut text)
        .expect("stderr can be read");
    (status.code(), text)
}
