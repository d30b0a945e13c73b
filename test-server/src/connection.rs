//! One TCP connection, with or without TLS.

use std::{
    future::{Future as _, poll_fn},
    pin::{Pin, pin},
    sync::Arc,
    task::Poll,
    time::Duration,
};

use axum::{Router, body::Body, extract::Request, response::Response};
use hyper::{
    body::Incoming,
    server::conn::{http1, http2},
    service::service_fn,
};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use prometheus_client::metrics::counter::Counter;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    sync::{Notify, watch},
    time::timeout,
};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt as _;

use crate::{
    config::Config,
    faults::Refused,
    io::{Backlog, WriteDeadline},
    metrics::Metrics,
    socket::Socket,
    takeover::{Takeover, Way},
    wire::Wire,
};

type Error = Box<dyn std::error::Error + Send + Sync>;

/// A request's headers, or a TLS handshake, must be complete by then.
const OPENING: Duration = Duration::from_secs(10);
/// Bytes of a request's headers.
const MAX_HEADERS: u16 = 32 << 10;
/// Bytes the system holds for a reader beyond what it was sent; what waits
/// longer waits here, where what is urgent can still overtake.
#[cfg(target_os = "linux")]
const UNSENT: u32 = 16 << 10;
/// How HTTP/2 begins without TLS; no method of HTTP/1 begins so.
/// <https://www.rfc-editor.org/rfc/rfc9113#section-3.4>
const HTTP_2: &[u8] = b"PRI ";

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
    /// Becomes true when the server is to leave, and is held by each connection
    /// until it has.
    pub(crate) leaving: watch::Receiver<bool>,
}

/// Serves a connection until it ends, or the server leaves.
pub(crate) async fn serve(socket: TcpStream, serving: Serving) {
    tune(&socket, serving.config.client_timeout);
    let served = match serving.tls.clone() {
        None => plain(socket, serving).await,
        // Boxed, or all would have room for its large state.
        Some(tls) => Box::pin(encrypted(socket, tls, serving)).await,
    };
    if let Err(error) = served {
        tracing::debug!(%error, "a connection ended early");
    }
}

async fn plain(socket: TcpStream, mut serving: Serving) -> Result<(), Error> {
    let mut start = [0; HTTP_2.len()];
    let read = tokio::select! {
        read = timeout(OPENING, socket.peek(&mut start)) => read??,
        _ = serving.leaving.wait_for(|leaving| *leaving) => return Ok(()),
    };
    let lane = Socket(Arc::new(socket));
    let (socket, backlog) = watched(lane.clone(), &serving);
    if start[..read] == *HTTP_2 {
        return Box::pin(http_2(socket, serving)).await;
    }
    http_1(socket, Some(lane), backlog, serving).await
}

async fn encrypted(socket: TcpStream, tls: TlsAcceptor, serving: Serving) -> Result<(), Error> {
    let (socket, backlog) = watched(socket, &serving);
    let socket = timeout(OPENING, tls.accept(socket)).await??;
    if socket.get_ref().1.alpn_protocol() == Some(b"h2") {
        return http_2(socket, serving).await;
    }
    http_1(socket, None, backlog, serving).await
}

fn watched<S>(socket: S, serving: &Serving) -> (WriteDeadline<S>, Backlog) {
    let cut = serving.metrics.slow_readers.clone();
    let socket = WriteDeadline::new(socket, serving.config.send_timeout, cut);
    let backlog = socket.backlog();
    (socket, backlog)
}

/// `lane` leads to the socket past all else.
async fn http_1<S>(
    socket: S,
    lane: Option<Socket>,
    backlog: Backlog,
    serving: Serving,
) -> Result<(), Error>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let takeover = Takeover::new(backlog);
    let (router, offered) = (serving.router, takeover.clone());
    let service = service_fn(move |mut request: Request<Incoming>| {
        offered.offer(&mut request);
        let (answer, offered) = (answer(router.clone(), request), offered.clone());
        async move {
            match offered.complete(answer.await?) {
                Some(answer) => Ok::<_, &str>(answer),
                // The connection is the stream's, so hyper gets no answer.
                None => std::future::pending().await,
            }
        }
    });
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(OPENING)
        .max_buf_size(usize::from(MAX_HEADERS));
    let mut connection = builder.serve_connection(TokioIo::new(socket), service);
    let mut leaving = serving.leaving;
    let mut told = false;
    let ended = loop {
        let turn = poll_fn(|cx| {
            let polled = Pin::new(&mut connection).poll(cx);
            match takeover.taken() {
                Some(stream) => Poll::Ready(Ok(Some(stream))),
                None => polled.map_ok(|()| None),
            }
        });
        tokio::select! {
            biased;
            ended = turn => break ended,
            _ = leaving.wait_for(|leaving| *leaving), if !told => {
                told = true;
                Pin::new(&mut connection).graceful_shutdown();
            }
        }
    };
    if let Some((head, opened)) = ended? {
        let socket = connection.into_parts().io.into_inner();
        let wire = Wire::new(socket, lane, &head, opened);
        // A task of its own is a small one: this one has room for all of hyper.
        tokio::spawn(async move {
            if let Err(error) = wire.await {
                tracing::debug!(%error, "a stream ended early");
            }
            drop(leaving);
        });
    }
    Ok(())
}

async fn http_2<S>(socket: S, serving: Serving) -> Result<(), Error>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let cut = Cut {
        order: Arc::default(),
        slow_readers: serving.metrics.slow_readers.clone(),
    };
    let order = cut.order.clone();
    let router = serving.router;
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(Way::Shared(cut.clone()));
        answer(router.clone(), request)
    });
    // A client that is gone without a word is noticed by its missing answers.
    let mut builder = http2::Builder::new(TokioExecutor::new());
    builder
        .timer(TokioTimer::new())
        .max_header_list_size(u32::from(MAX_HEADERS))
        .keep_alive_interval(serving.config.client_timeout / 2)
        .keep_alive_timeout(serving.config.client_timeout / 2);
    let mut connection = pin!(builder.serve_connection(TokioIo::new(socket), service));
    let mut leaving = serving.leaving;
    let mut told = false;
    loop {
        tokio::select! {
            biased;
            ended = &mut connection => return Ok(ended?),
            () = order.notified() => return Err("a reader took nothing".into()),
            _ = leaving.wait_for(|leaving| *leaving), if !told => {
                told = true;
                connection.as_mut().graceful_shutdown();
            }
        }
    }
}

async fn answer(router: Router, request: Request<Incoming>) -> Result<Response, &'static str> {
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
