//! Readers over HTTP/2 that take nothing.
//!
//! There a reader stops one stream by its window, and the connection below goes
//! on, so it does not show in the writes of the socket. It shows in that what
//! was handed over is not followed by a question for more.

use std::{collections::VecDeque, time::Duration};

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
    bytes: impl Stream<Item = Piece> + Unpin,
    limit: Duration,
    cut: Cut,
) -> impl Stream<Item = Piece> {
    let handed_over = watch::Sender::new(None);
    tokio::spawn(watch(handed_over.subscribe(), limit, cut));
    stream! {
        let mut pieces = pieces(bytes);
        while let Some(piece) = {
            handed_over.send_replace(None);
            pieces.next().await
        } {
            handed_over.send_replace(Some(Instant::now()));
            yield piece;
        }
    }
}

fn pieces(mut bytes: impl Stream<Item = Piece> + Unpin) -> impl Stream<Item = Piece> + Unpin {
    Box::pin(stream! {
        let mut rest: VecDeque<Piece> = VecDeque::new();
        loop {
            match rest.pop_front() {
                Some(Ok(mut next)) if next.len() > PIECE => {
                    let piece = next.split_to(PIECE);
                    rest.push_front(Ok(next));
                    yield Ok(piece);
                }
                Some(piece) => yield piece,
                None => match bytes.next().await {
                    Some(next) => rest.push_back(next),
                    None => return,
                },
            }
        }
    })
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
