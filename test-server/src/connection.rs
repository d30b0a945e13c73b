//! One TCP connection, with or without TLS.

use std::{io, sync::Arc, time::Duration};

use axum::{Router, body::Body, extract::Request, http::Version};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto::Builder, graceful::Watcher},
};
use prometheus_client::metrics::counter::Counter;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    sync::Notify,
    time::timeout,
};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt as _;

use crate::{config::Config, faults::Refused, io::WriteDeadline, metrics::Metrics};

/// A request's headers, or a TLS handshake, must be complete by then.
const OPENING: Duration = Duration::from_secs(10);
/// Bytes of a request's headers.
const MAX_HEADERS: u16 = 32 << 10;
/// Bytes the system holds for a reader beyond what it was sent; what waits
/// longer waits here, where what is urgent can still overtake.
#[cfg(target_os = "linux")]
const UNSENT: u32 = 16 << 10;

/// Cuts an HTTP/2 connection, with all of its streams; their clients resume.
#[derive(Clone, Debug)]
pub(crate) struct Cut {
    order: Arc<Notify>,
    slow_readers: Counter,
}

impl Cut {
    pub(crate) fn now(&self) {
        self.slow_readers.inc();
        self.order.notify_one();
    }
}

/// What every connection needs.
#[derive(Clone)]
pub(crate) struct Serving {
    pub(crate) router: Router,
    pub(crate) config: Arc<Config>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) tls: Option<TlsAcceptor>,
}

/// Serves a connection until it ends, or is asked to by way of `watcher`.
pub(crate) async fn serve(socket: TcpStream, serving: Serving, watcher: Watcher) {
    tune(&socket, serving.config.client_timeout);
    let cut = serving.metrics.slow_readers.clone();
    let socket = WriteDeadline::new(socket, serving.config.send_timeout, cut);
    let Some(tls) = serving.tls.clone() else {
        return http(socket, serving, watcher).await;
    };
    let handshake = timeout(OPENING, tls.accept(socket)).await;
    match handshake.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into())) {
        Ok(socket) => http(socket, serving, watcher).await,
        Err(error) => tracing::debug!(%error, "a TLS handshake failed"),
    }
}

async fn http(
    socket: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    serving: Serving,
    watcher: Watcher,
) {
    let router = serving.router;
    let cut = Cut {
        order: Arc::default(),
        slow_readers: serving.metrics.slow_readers.clone(),
    };
    let order = cut.order.clone();
    let service = service_fn(move |mut request: Request<Incoming>| {
        let router = router.clone();
        if request.version() == Version::HTTP_2 {
            request.extensions_mut().insert(cut.clone());
        }
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
        .header_read_timeout(OPENING)
        .max_buf_size(usize::from(MAX_HEADERS));
    // A client that is gone without a word is noticed by its missing answers.
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(u32::from(MAX_HEADERS))
        .keep_alive_interval(serving.config.client_timeout / 2)
        .keep_alive_timeout(serving.config.client_timeout / 2);
    let connection = builder.serve_connection(TokioIo::new(socket), service);
    tokio::select! {
        ended = watcher.watch(connection.into_owned()) => {
            if let Err(error) = ended {
                tracing::debug!(%error, "a connection ended early");
            }
        }
        () = order.notified() => tracing::debug!("a reader took nothing"),
    }
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
    #[cfg(not(target_os = "linux"))]
    let _ = client_timeout;
}
