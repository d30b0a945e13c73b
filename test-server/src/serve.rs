//! Listening, serving, and leaving in good order.

use std::{io::Write as _, time::Duration};

use axum::{Router, body::Body, extract::Request};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto::Builder, graceful::GracefulShutdown},
};
use tokio::{
    net::{TcpListener, TcpStream},
    signal::unix::{Signal, SignalKind, signal},
    time::{Instant, sleep, timeout},
};
use tower::ServiceExt as _;

use crate::{
    app::app, config::Config, conn::End, error::StartError, faults::Refused, io::WriteDeadline,
    state::AppState, tidy,
};

/// A request's headers must be complete by then.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);
/// Bytes of a request's headers.
const MAX_HEADERS: usize = 64 << 10;
/// How long a request may still take once the server is leaving.
const LAST_REQUESTS: Duration = Duration::from_millis(500);
/// Streams end over a longer time the more there are, but no longer than this.
const LONGEST_DRAIN: Duration = Duration::from_secs(3);
/// Bytes the system holds for a reader beyond what it was sent; what waits
/// longer waits here, where what is urgent can still overtake.
const UNSENT: u32 = 16 << 10;

/// Serves until SIGTERM or SIGINT. The first line it prints is the URL.
///
/// # Errors
/// When the storage cannot be opened or the address cannot be listened on.
pub fn run(config: Config) -> Result<(), StartError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(serve(config))
}

async fn serve(config: Config) -> Result<(), StartError> {
    // First, so that a signal that comes during the start is not lost.
    let mut signals = Signals::new()?;
    let listener =
        TcpListener::bind(&config.listen)
            .await
            .map_err(|source| StartError::Listen {
                address: config.listen.clone(),
                source,
            })?;
    let state = AppState::open(config)?;
    let router = app(state.clone());
    announce(&format!("http://{}", listener.local_addr()?))?;

    let clearing = tokio::spawn(tidy::run(state.clone()));
    let connections = GracefulShutdown::new();
    loop {
        let accepted = tokio::select! {
            () = signals.next() => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((socket, _)) => {
                serve_connection(socket, router.clone(), &state, &connections);
            }
            Err(error) => {
                // Out of descriptors, say; it passes, and spinning would not help.
                tracing::warn!(%error, "a connection could not be accepted");
                sleep(Duration::from_millis(50)).await;
            }
        }
    }
    drop(listener);
    clearing.abort();
    leave(&state, connections).await;
    Ok(())
}

fn announce(url: &str) -> Result<(), StartError> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{url}")?;
    out.flush()?;
    tracing::info!(url, "listening");
    Ok(())
}

fn serve_connection(
    socket: TcpStream,
    router: Router,
    state: &AppState,
    connections: &GracefulShutdown,
) {
    tune(&socket, state.config.client_timeout);
    let socket = WriteDeadline::new(socket, state.config.send_timeout);
    let service = service_fn(move |request: Request<Incoming>| {
        let router = router.clone();
        async move {
            let response = router
                .oneshot(request.map(Body::new))
                .await
                .unwrap_or_else(|never| match never {});
            // hyper answers an error of the service by closing the connection.
            if response.extensions().get::<Refused>().is_some() {
                return Err("refused on purpose");
            }
            Ok(response)
        }
    });
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .max_buf_size(MAX_HEADERS);
    let connection = builder
        .serve_connection(TokioIo::new(socket), service)
        .into_owned();
    let watched = connections.watch(connection);
    tokio::spawn(async move {
        if let Err(error) = watched.await {
            tracing::debug!(%error, "a connection ended early");
        }
    });
}

fn tune(socket: &TcpStream, client_timeout: Duration) {
    // Without these it works too, only later.
    let _ = socket.set_nodelay(true);
    #[cfg(target_os = "linux")]
    {
        let socket = socket2::SockRef::from(socket);
        let _ = socket.set_tcp_notsent_lowat(UNSENT);
        let _ = socket.set_tcp_user_timeout(Some(client_timeout));
    }
}

/// Ends the streams, waits for the requests under way, closes the database.
async fn leave(state: &AppState, connections: GracefulShutdown) {
    let conns = state.hub.conns();
    tracing::info!(streams = conns.len(), "leaving");
    // The more clients there are, the further apart they are told to go and to
    // come back; a few can go at once.
    let crowd = u32::try_from(conns.len()).unwrap_or(u32::MAX);
    let drain = LONGEST_DRAIN.min(Duration::from_millis(1) * crowd);
    let started = Instant::now();
    let drained = async {
        for (index, conn) in (1_u32..).zip(&conns) {
            tokio::time::sleep_until(started + drain * index / crowd.max(1)).await;
            let longest = Duration::from_millis(1000) + drain * 3;
            let retry = longest.mul_f64(rand::random_range(0.5..1.0));
            conn.end(End::Shutdown { retry });
        }
    };
    drained.await;
    if timeout(LAST_REQUESTS, connections.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("some requests were still under way and are dropped");
    }
    state.store.close().await;
}

struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
