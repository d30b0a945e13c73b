//! A real nats-server with JetStream.

use std::{
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;

use super::{PATIENCE, program};

/// On a free port, with a scratch folder; ended with the test.
#[derive(Debug)]
pub(crate) struct Nats {
    program: String,
    child: Child,
    dir: TempDir,
    port: u16,
}

impl Nats {
    /// None where it is not installed, which is an error in CI.
    pub(crate) fn start() -> Option<Self> {
        let program = program("nats-server", "nats-server")?;
        let dir = TempDir::new().expect("a scratch folder");
        let mut child = spawn(&program, &dir, "-1");
        let port = port(&mut child, &dir);
        Some(Self {
            program,
            child,
            dir,
            port,
        })
    }

    pub(crate) fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) async fn client(&self) -> async_nats::Client {
        async_nats::connect(self.url()).await.expect("NATS answers")
    }

    /// SIGKILL.
    pub(crate) fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Over the same data, on the same port.
    pub(crate) fn start_again(&mut self) {
        self.kill();
        self.child = spawn(&self.program, &self.dir, &self.port.to_string());
    }
}

impl Drop for Nats {
    fn drop(&mut self) {
        self.kill();
    }
}

fn spawn(program: &str, dir: &TempDir, port: &str) -> Child {
    let mut command = Command::new(program);
    command.args(["-js", "-a", "127.0.0.1", "-p", port, "--ports_file_dir"]);
    command
        .arg(dir.path())
        .arg("-sd")
        .arg(dir.path().join("data"));
    command.stdin(Stdio::null()).stdout(Stdio::null());
    let log = std::fs::File::create(dir.path().join("log")).expect("a file for the log");
    command.stderr(log).spawn().expect("nats-server starts")
}

fn port(child: &mut Child, dir: &TempDir) -> u16 {
    let file = format!("nats-server_{}.ports", child.id());
    let file = dir.path().join(file);
    let start = Instant::now();
    loop {
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        if let Ok(ports) = serde_json::from_str::<serde_json::Value>(&text) {
            let url = ports["nats"][0].as_str().expect("an address");
            let port = url.rsplit(':').next().expect("a port");
            return port.parse().expect("a number");
        }
        assert!(start.elapsed() < PATIENCE, "nats-server does not start");
        std::thread::sleep(Duration::from_millis(5));
    }
}
