//! Readers over HTTP/2 that take nothing.
//!
//! There a reader stops one stream by its window, and the connection below goes
//! on, so it does not show in the writes of the socket. It shows in that what
//! was handed over is not followed by a question for more.

use std::time::Duration;

use async_stream::stream;
use bytes::Bytes;
use futures::{Stream, StreamExt as _};
use tokio::{
    sync::watch,
    time::{Instant, sleep_until},
};

use crate::connection::Cut;

/// Handed over at a time: a reader that takes less than this within the limit
/// counts as one that takes nothing.
const PIECE: usize = 16 << 10;

type Piece = Result<Bytes, std::io::Error>;

/// Cuts the connection when a piece of `bytes` is not taken for so long.
pub(super) fn watched(
    mut bytes: impl Stream<Item = Piece> + Unpin,
    limit: Duration,
    cut: Cut,
) -> impl Stream<Item = Piece> {
    let handed_over = watch::Sender::new(None);
    tokio::spawn(watch(handed_over.subscribe(), limit, cut));
    stream! {
        while let Some(next) = bytes.next().await {
            for piece in pieces(next) {
                handed_over.send_replace(Some(Instant::now()));
                yield piece;
            }
            handed_over.send_replace(None);
        }
    }
}

fn pieces(bytes: Piece) -> Vec<Piece> {
    let mut rest = match bytes {
        Ok(bytes) => bytes,
        error => return vec![error],
    };
    let mut pieces = Vec::with_capacity(rest.len().div_ceil(PIECE));
    while !rest.is_empty() {
        pieces.push(Ok(rest.split_to(PIECE.min(rest.len()))));
    }
    pieces
}

/// Ends with the stream.
async fn watch(mut handed_over: watch::Receiver<Option<Instant>>, limit: Duration, cut: Cut) {
    while let Ok(since) = handed_over
        .wait_for(Option::is_some)
        .await
        .map(|since| *since)
    {
        let Some(since) = since else { return };
        tokio::select! {
            () = sleep_until(since + limit) => return cut.now(),
            changed = handed_over.changed() => if changed.is_err() { return },
        }
    }
}
