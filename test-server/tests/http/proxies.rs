//! Behind TLS, and behind a real nginx.

use std::{
    path::Path,
    process::{Child, Command, Stdio},
};

use crate::support::{Client, Server, free_port, run_to_end, until};

#[tokio::test]
async fn over_tls_it_speaks_both_versions_of_http() {
    let dir = tempfile::tempdir().expect("a folder");
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("a certificate");
    let (cert, key) = (dir.path().join("cert.pem"), dir.path().join("key.pem"));
    std::fs::write(&cert, made.cert.pem()).expect("a file");
    std::fs::write(&key, made.signing_key.serialize_pem()).expect("a file");
    let (cert, key) = (cert.to_string_lossy(), key.to_string_lossy());
    let server = Server::start(&["--in-memory", "--tls-cert", &cert, "--tls-key", &key]);
    assert!(server.url.starts_with("https://"));

    let root = reqwest::Certificate::from_pem(made.cert.pem().as_bytes()).expect("a certificate");
    for (http1_only, version) in [
        (true, reqwest::Version::HTTP_11),
        (false, reqwest::Version::HTTP_2),
    ] {
        let builder = crate::support::http().tls_certs_only([root.clone()]);
        let builder = if http1_only {
            builder.http1_only()
        } else {
            builder
        };
        let http = builder.build().expect("a client");
        let health = http.get(format!("{}/healthz", server.url)).send().await;
        assert_eq!(health.expect("an answer").version(), version);

        let client = Client::log_in_with(http, &server.url, "alice@test.com").await;
        // More streams than HTTP/1.1 would give an origin in a browser.
        let mut streams = Vec::new();
        for _ in 0..4 {
            streams.push(client.stream("").await);
        }
        client.say("over tls").await;
        for stream in &mut streams {
            assert_eq!(stream.next().await.content(), "over tls");
        }
        let connections = async || {
            let metrics = client.get("/metrics").await.body;
            let text = metrics.as_str().unwrap_or_default().to_owned();
            text.contains("sse_active_connections 0\n")
        };
        assert!(!connections().await);
        drop(streams);
        until("they are gone", connections).await;
    }
}

#[test]
fn a_certificate_that_cannot_be_used_is_said() {
    let dir = tempfile::tempdir().expect("a folder");
    let file = dir.path().join("bad.pem");
    std::fs::write(&file, "nothing").expect("a file");
    let file = file.to_string_lossy();
    let args = [
        "--in-memory",
        "--listen",
        "127.0.0.1:0",
        "--tls-cert",
        &file,
    ];
    let (code, _) = run_to_end(&args);
    assert_eq!(code, Some(2));
    let (code, stderr) = run_to_end(&[&args[..], &["--tls-key", &file]].concat());
    assert_eq!(code, Some(1));
    assert!(stderr.contains("bad.pem"), "{stderr}");
}

struct Nginx(Child);

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Nginx {
    /// Runs the documented configuration, with only the addresses changed.
    fn start(program: &str, dir: &Path, port: u16, server: &str) -> Self {
        let config = concat!(env!("CARGO_MANIFEST_DIR"), "/nginx.conf");
        let config = std::fs::read_to_string(config).expect("the configuration is there");
        let config = config
            .replace("127.0.0.1:8080", &format!("127.0.0.1:{port}"))
            .replace("http://127.0.0.1:3001", server);
        let path = dir.join("nginx.conf");
        std::fs::write(&path, config).expect("a file");
        let child = Command::new(program)
            .args(["-e", "stderr", "-g", "daemon off; master_process off;"])
            .arg("-p")
            .arg(dir)
            .arg("-c")
            .arg(&path)
            .stderr(Stdio::null())
            .spawn();
        Self(child.expect("nginx starts"))
    }
}

#[tokio::test]
async fn behind_nginx_and_a_path_prefix_a_stream_lives_as_without() {
    let Some(nginx) = crate::support::program("nginx", "nginx-light") else {
        return;
    };
    let server = Server::start(&["--in-memory", "--heartbeat", "100ms"]);
    let dir = tempfile::tempdir().expect("a folder");
    let port = free_port();
    let _nginx = Nginx::start(&nginx, dir.path(), port, &server.url);
    let url = format!("http://127.0.0.1:{port}/notify");
    until("nginx listens", async || {
        tokio::net::TcpStream::connect(("127.0.0.1", port))
            .await
            .is_ok()
    })
    .await;

    let alice = Client::log_in(&url, "alice@test.com").await;
    let token = alice.token.clone().unwrap_or_default();
    let mut stream = Client::anonymous(&url)
        .stream(&format!("access_token={token}"))
        .await;
    stream.ping().await;
    alice.say("through nginx").await;
    let event = stream.next().await;
    assert_eq!(event.content(), "through nginx");
    drop(stream);
    until("the server sees the client go", async || {
        server.metric("sse_active_connections").await == 0.0
    })
    .await;
    alice.say("missed").await;
    assert_eq!(
        alice.resume(event.id()).await.next().await.content(),
        "missed"
    );
    let log = std::fs::read_to_string(dir.path().join("access.log")).unwrap_or_default();
    assert!(log.contains("/notify/events"), "{log}");
    assert!(!log.contains(&token), "{log}");
}
