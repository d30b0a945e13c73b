//! An event stream on a connection of its own: pieces go to the socket as they
//! come, and nothing is kept of what is written.

use std::{
    future::Future,
    io::{self, IoSlice, Write as _},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::SystemTime,
};

use axum::http::{header, response};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::{
    conn::Conn,
    socket::Socket,
    takeover::{Opened, Pieces},
};

const LAST_CHUNK: &[u8] = b"0\r\n\r\n";

/// Writes a stream until it or the connection ends.
pub(crate) struct Wire<S> {
    socket: S,
    pieces: Pieces,
    /// Whose lane leads to this socket.
    conn: Option<Arc<Conn>>,
    /// What the socket did not take yet.
    unsent: Vec<u8>,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    /// The reader has to take something first.
    Blocked,
    /// All pieces were written.
    Ended,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Wire<S> {
    /// Without a `lane` to the socket, nobody else writes.
    pub(crate) fn new(
        socket: S,
        lane: Option<Socket>,
        head: &response::Parts,
        opened: Opened,
    ) -> Self {
        let conn = opened.conn.filter(|_| lane.is_some());
        if let (Some(conn), Some(Socket(socket))) = (&conn, lane) {
            conn.attach(socket);
        }
        Self {
            socket,
            conn,
            pieces: opened.pieces,
            unsent: encode(head),
            state: State::Open,
        }
    }

    fn write(&mut self, cx: &mut Context<'_>, piece: &[u8]) -> io::Result<()> {
        let mut line = [0; 20];
        let size = chunk_size(&mut line, piece.len());
        let chunk = [size, piece, b"\r\n"];
        let mut written = 0;
        if self.unsent.is_empty() {
            let slices = chunk.map(IoSlice::new);
            let polled = Pin::new(&mut self.socket).poll_write_vectored(cx, &slices)?;
            if let Poll::Ready(count) = polled {
                written = count;
            }
        }
        for part in chunk {
            let skipped = written.min(part.len());
            written -= skipped;
            self.unsent.extend_from_slice(&part[skipped..]);
        }
        Ok(())
    }

    fn flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut written = 0;
        while written < self.unsent.len() {
            match Pin::new(&mut self.socket).poll_write(cx, &self.unsent[written..]) {
                Poll::Ready(Ok(0)) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Poll::Ready(Ok(count)) => written += count,
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => {
                    self.unsent.drain(..written);
                    return Poll::Pending;
                }
            }
        }
        // The memory too: most streams have nothing unsent most of the time.
        self.unsent = Vec::new();
        Pin::new(&mut self.socket).poll_flush(cx)
    }

    /// Ready when the client has gone. What it says meanwhile is not heard: the
    /// answer to its last request has no end but that of the connection.
    fn gone(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut bytes = [0; 64];
        loop {
            let mut buffer = ReadBuf::new(&mut bytes);
            ready!(Pin::new(&mut self.socket).poll_read(cx, &mut buffer))?;
            if buffer.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
        }
    }

    fn advance(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            let mut waits = false;
            match self.state {
                State::Blocked => {}
                State::Ended => {
                    ready!(self.flush(cx))?;
                    return Pin::new(&mut self.socket).poll_shutdown(cx);
                }
                State::Open => match self.pieces.as_mut().poll_next(cx) {
                    Poll::Ready(Some(piece)) => {
                        let piece = piece?;
                        // An empty chunk would end the stream.
                        if !piece.is_empty() {
                            self.write(cx, &piece)?;
                        }
                    }
                    Poll::Ready(None) => {
                        self.unsent.extend_from_slice(LAST_CHUNK);
                        self.state = State::Ended;
                        continue;
                    }
                    Poll::Pending => waits = true,
                },
            }
            if self.flush(cx)?.is_pending() {
                self.state = State::Blocked;
                return Poll::Pending;
            }
            self.state = State::Open;
            if waits {
                return Poll::Pending;
            }
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Future for Wire<S> {
    type Output = io::Result<()>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if let Some(conn) = &self.conn {
            let unsent = conn.close_lane();
            if !unsent.is_empty() {
                self.unsent = unsent;
                self.state = State::Blocked;
            }
        }
        if let Poll::Ready(ended) = self.advance(cx) {
            return Poll::Ready(ended);
        }
        self.gone(cx)
    }
}

impl<S> Drop for Wire<S> {
    fn drop(&mut self) {
        if let Some(conn) = &self.conn {
            conn.detach();
        }
    }
}

/// The head of an answer whose end is not known yet, on a connection that is
/// closed behind it.
fn encode(head: &response::Parts) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(1024);
    bytes.extend_from_slice(b"HTTP/1.1 ");
    bytes.extend_from_slice(head.status.as_str().as_bytes());
    bytes.push(b' ');
    let reason = head.status.canonical_reason().unwrap_or_default();
    bytes.extend_from_slice(reason.as_bytes());
    bytes.extend_from_slice(b"\r\n");
    let mut field = |name: &str, value: &[u8]| {
        bytes.extend_from_slice(name.as_bytes());
        bytes.extend_from_slice(b": ");
        bytes.extend_from_slice(value);
        bytes.extend_from_slice(b"\r\n");
    };
    for (name, value) in &head.headers {
        // Of the empty body that stands for the stream.
        if name != header::CONTENT_LENGTH {
            field(name.as_str(), value.as_bytes());
        }
    }
    field("transfer-encoding", b"chunked");
    field("connection", b"close");
    field(
        "date",
        httpdate::fmt_http_date(SystemTime::now()).as_bytes(),
    );
    bytes.extend_from_slice(b"\r\n");
    bytes
}

/// <https://www.rfc-editor.org/rfc/rfc9112#section-7.1>
fn chunk_size(line: &mut [u8; 20], size: usize) -> &[u8] {
    let mut rest = &mut line[..];
    // Sixteen digits and the end of the line fit in.
    let _ = write!(rest, "{size:x}\r\n");
    let left = rest.len();
    &line[..20 - left]
}
