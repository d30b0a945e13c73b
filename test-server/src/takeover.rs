//! How an event stream over HTTP/1.1 gets its connection for itself.
//!
//! hyper reads the request and the routes decide about it, like about any
//! other. Then, in place of an answer through hyper, the stream takes the socket
//! over: hyper's buffers and state, 30 kB of them, would otherwise stay for as
//! long as the stream lives.

use std::{
    io,
    pin::Pin,
    sync::{Arc, Mutex},
};

use axum::http::{Method, Request, Response, Version, response};
use bytes::Bytes;
use futures::Stream;

use crate::{conn::Conn, connection::Cut, io::Backlog, store::lock};

/// How a stream gets to its client, by what its connection is. Absent from a
/// request, the stream is the body of the answer and no more.
#[derive(Clone, Debug, Default)]
pub(crate) enum Way {
    #[default]
    Body,
    /// One of several on a connection, which can be cut for a slow reader.
    Shared(Cut),
    /// It can have the connection for itself.
    Takeover(Takeover),
}

/// What a stream sends, piece by piece; an error cuts the connection.
pub(crate) type Pieces = Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>;

/// A connection that a stream may take over. A route that is offered this
/// leaves the stream here, and answers with its head alone.
#[derive(Clone)]
pub(crate) struct Takeover {
    left: Arc<Mutex<Left>>,
    backlog: Backlog,
}

#[derive(Default)]
enum Left {
    #[default]
    Nothing,
    Opened(Opened),
    Stream(response::Parts, Opened),
}

/// A stream that was opened.
pub(crate) struct Opened {
    pub(crate) pieces: Pieces,
    /// Where others may write its events, too.
    pub(crate) conn: Option<Arc<Conn>>,
}

impl std::fmt::Debug for Takeover {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Takeover").finish_non_exhaustive()
    }
}

impl Takeover {
    pub(crate) fn new(backlog: Backlog) -> Self {
        Self {
            left: Arc::default(),
            backlog,
        }
    }

    /// Offers the connection to the route, if a stream could have it.
    pub(crate) fn offer<B>(&self, request: &mut Request<B>) {
        let streamable = request.method() == Method::GET && request.version() == Version::HTTP_11;
        // An answer from before may still be on its way: it is in hyper's hands.
        if streamable && !self.backlog.is_some() {
            request.extensions_mut().insert(Way::Takeover(self.clone()));
        }
    }

    pub(crate) fn leave(&self, opened: Opened) {
        *lock(&self.left) = Left::Opened(opened);
    }

    /// Adds the head of the answer to the stream that the route left. If it left
    /// none, the answer is returned to be sent in the usual way.
    pub(crate) fn complete<B>(&self, answer: Response<B>) -> Option<Response<B>> {
        let mut left = lock(&self.left);
        match std::mem::take(&mut *left) {
            Left::Opened(opened) => {
                *left = Left::Stream(answer.into_parts().0, opened);
                None
            }
            _ => Some(answer),
        }
    }

    /// The stream that is to have the connection.
    pub(crate) fn taken(&self) -> Option<(response::Parts, Opened)> {
        let mut left = lock(&self.left);
        match std::mem::take(&mut *left) {
            Left::Stream(head, opened) => Some((head, opened)),
            other => {
                *left = other;
                None
            }
        }
    }
}
