//! What one writes first with axum: its `Sse` over tokio's broadcast channel.

use super::BACKLOG;
use ::axum::{
    Router,
    extract::State,
    response::sse::{Event, Sse},
    routing::{get, post},
};
use async_stream::stream;
use futures::Stream;
use socket2::SockRef;
use std::{convert::Infallible, error::Error};
use tokio::sync::broadcast::{self, error::RecvError};

/// Slow readers may be so far behind, more than any burst here.
const CAPACITY: usize = 4_096;

pub(crate) fn serve() -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        SockRef::from(&listener).listen(BACKLOG)?;
        println!("{}", listener.local_addr()?);
        let app = Router::new()
            .route("/sub", get(subscribe))
            .route("/pub", post(publish))
            .with_state(broadcast::Sender::new(CAPACITY));
        Ok(::axum::serve(listener, app).await?)
    })
}

async fn subscribe(
    State(sender): State<broadcast::Sender<String>>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let mut receiver = sender.subscribe();
    Sse::new(stream! {
        loop {
            match receiver.recv().await {
                Ok(data) => yield Ok(Event::default().data(data)),
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => break,
            }
        }
    })
}

async fn publish(State(sender): State<broadcast::Sender<String>>, data: String) {
    let _ = sender.send(data);
}
