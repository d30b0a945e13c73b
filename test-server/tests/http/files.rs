use crate::support::{Client, Server};

#[tokio::test]
async fn the_page_and_the_package_are_served_fresh_and_with_their_types() {
    let dir = tempfile::tempdir().expect("a folder");
    let (www, package) = (dir.path().join("site"), dir.path().join("built"));
    for (folder, name, text) in [
        (&www, "index.html", "<p>hello"),
        (&package, "worker.js", "let x"),
        (&package, "runtime.wasm", "\0asm"),
    ] {
        std::fs::create_dir_all(folder).expect("a folder");
        std::fs::write(folder.join(name), text).expect("a file");
    }
    let (site, built) = (www.to_string_lossy(), package.to_string_lossy());
    let server = Server::start(&["--in-memory", "--www", &site, "--package", &built]);
    let client = Client::anonymous(&server.url);
    for (path, content_type) in [
        ("/", "text/html"),
        ("/index.html?x=1", "text/html"),
        ("/tabcast/worker.js", "text/javascript"),
        ("/tabcast/runtime.wasm", "application/wasm"),
    ] {
        let reply = client.get(path).await;
        assert_eq!(reply.status, 200, "{path}");
        assert_eq!(reply.headers["content-type"], content_type, "{path}");
        assert_eq!(reply.headers["cache-control"], "no-cache", "{path}");
        assert_eq!(reply.headers["x-content-type-options"], "nosniff", "{path}");
    }
    for path in [
        "/tabcast/none.js",
        "/none",
        "/tabcast/../../etc/passwd",
        "/%2e%2e/built/worker.js",
    ] {
        client.get(path).await.refused(404, "not_found");
    }
    client
        .post("/none", serde_json::json!({}))
        .await
        .refused(404, "not_found");
}

#[tokio::test]
async fn without_folders_named_those_of_the_working_folder_are_used() {
    // The scratch folder is the working folder, and has neither.
    let server = Server::start(&["--in-memory"]);
    let client = Client::anonymous(&server.url);
    client.get("/").await.refused(404, "not_found");
    assert_eq!(client.get("/healthz").await.ok()["status"], "ok");
    assert_eq!(client.get("/readyz").await.ok()["status"], "ready");
}

#[tokio::test]
async fn pages_of_an_allowed_origin_may_call() {
    let origin = "https://app.example.org";
    let server = Server::start(&["--in-memory", "--allow-origin", origin]);
    let preflight = |from: &str| {
        let client = Client::anonymous(&server.url);
        let request = client.request(reqwest::Method::OPTIONS, "/events");
        let request = request
            .header("origin", from.to_owned())
            .header("access-control-request-method", "GET")
            .header(
                "access-control-request-headers",
                "authorization,last-event-id",
            );
        crate::support::Reply::of(request)
    };
    let reply = preflight(origin).await;
    assert_eq!(reply.headers["access-control-allow-origin"], origin);
    assert_eq!(reply.headers["access-control-allow-credentials"], "true");
    let allowed = reply.headers["access-control-allow-headers"]
        .to_str()
        .unwrap_or_default();
    assert!(allowed.contains("authorization") && allowed.contains("last-event-id"));
    let reply = preflight("https://evil.example").await;
    assert!(!reply.headers.contains_key("access-control-allow-origin"));
}
