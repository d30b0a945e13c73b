//! Listening, serving, and leaving in good order.

use std::{io::Write as _, time::Duration};

use socket2::SockRef;
use tokio::{
    net::TcpListener,
    signal::unix::{Signal, SignalKind, signal},
    sync::watch,
    time::{Instant, sleep, timeout},
};

use crate::{
    app::app,
    config::Config,
    conn::End,
    connection::{self, Serving},
    error::StartError,
    state::AppState,
    tidy, tls,
};

/// How many connections may wait to be accepted; the kernel takes no more than its own limit
/// (`net.core.somaxconn`). With tokio's 128, of clients that all come back at once most would be
/// left to try again a second later (RFC 6298, section 2).
const BACKLOG: i32 = 65_535;
/// How long a request may still take once the server is leaving.
const LAST_REQUESTS: Duration = Duration::from_millis(500);
/// Streams end over a longer time the more there are, but no longer than this.
const LONGEST_DRAIN: Duration = Duration::from_secs(3);

/// Serves until SIGTERM or SIGINT. The first line it prints is the URL.
///
/// # Errors
/// When the storage cannot be opened or the address cannot be listened on.
pub fn run(config: Config) -> Result<(), StartError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    // In a task, it accepts connections in the thread that then serves them.
    let served = runtime.block_on(runtime.spawn(serve(config)));
    served.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))
}

async fn serve(config: Config) -> Result<(), StartError> {
    // First, so that a signal that comes during the start is not lost.
    let mut signals = Signals::new()?;
    let listener = listen(&config.listen)
        .await
        .map_err(|source| StartError::Listen {
            address: config.listen.clone(),
            source,
        })?;
    let state = tokio::select! {
        state = AppState::open(config) => state?,
        // Catching up with a log may take a while.
        () = signals.next() => return Ok(()),
    };
    let tls = match (&state.config.tls_cert, &state.config.tls_key) {
        (Some(cert), Some(key)) => Some(tls::acceptor(cert, key)?),
        _ => None,
    };
    let scheme = if tls.is_some() { "https" } else { "http" };
    announce(&format!("{scheme}://{}", listener.local_addr()?))?;
    let leaving = watch::Sender::new(false);
    let serving = Serving {
        router: app(state.clone()),
        config: state.config.clone(),
        metrics: state.metrics.clone(),
        tls,
        leaving: leaving.subscribe(),
    };

    let clearing = tokio::spawn(tidy::run(state.clone()));
    let mut end = Ok(());
    loop {
        let accepted = tokio::select! {
            () = signals.next() => break,
            error = state.broken() => {
                end = Err(error);
                break;
            }
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((socket, _)) => {
                tokio::spawn(connection::serve(socket, serving.clone()));
            }
            Err(error) => {
                // Out of descriptors, say; it passes, and spinning would not help.
                tracing::warn!(%error, "a connection could not be accepted");
                sleep(Duration::from_millis(50)).await;
            }
        }
    }
    drop((listener, serving));
    clearing.abort();
    leave(&state, leaving).await;
    end
}

async fn listen(address: &str) -> std::io::Result<TcpListener> {
    let listener = TcpListener::bind(address).await?;
    SockRef::from(&listener).listen(BACKLOG)?;
    Ok(listener)
}

fn announce(url: &str) -> Result<(), StartError> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{url}")?;
    out.flush()?;
    tracing::info!(url, "listening");
    Ok(())
}

/// Ends the streams, waits for the requests under way, closes the database.
async fn leave(state: &AppState, leaving: watch::Sender<bool>) {
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
    leaving.send_replace(true);
    if timeout(LAST_REQUESTS, leaving.closed()).await.is_err() {
        tracing::warn!("some requests were still under way and are dropped");
    }
    state.close().await;
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
