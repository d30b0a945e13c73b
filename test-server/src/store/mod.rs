//! The database: one thread that writes, and readers beside it.
//!
//! All writes go through one thread that takes whatever is waiting into one
//! transaction, so that many acknowledged messages share one flush to disk.
//! What a write means for live streams (an event to deliver, a member who
//! joined, a stream to register) is applied in the order of the writes, after
//! they are durable. So a stream that registers knows exactly where the log
//! ends for it: before that it replays, after that it is delivered to.

pub(crate) mod chats;
pub(crate) mod inbox;
pub(crate) mod log;
mod schema;
pub(crate) mod sends;
pub(crate) mod subscriptions;
pub(crate) mod tidy;
pub(crate) mod users;
mod writer;

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    thread::JoinHandle,
    time::Duration,
};

use rusqlite::Connection;
use tokio::sync::{Semaphore, mpsc, oneshot};

use crate::{
    error::{ApiError, StartError},
    hub::Hub,
};
pub(crate) use writer::Write;
use writer::{Command, Outcome};

/// Writes that may wait; above it, requests wait to get in.
const WAITING_WRITES: usize = 4096;
const MAX_READERS: usize = 4;

/// Where the database lives.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    Memory,
    File(PathBuf),
}

/// The open database.
#[derive(Debug)]
pub(crate) struct Store {
    writer: mpsc::Sender<Command>,
    thread: Mutex<Option<JoinHandle<()>>>,
    /// None in memory, where the one connection does everything.
    readers: Option<Readers>,
    epoch: Arc<str>,
}

#[derive(Debug)]
struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
    permits: Semaphore,
}

impl Store {
    /// Opens the database, makes or migrates its tables, and starts the writer.
    pub(crate) fn open(place: &Place, hub: Arc<Hub>) -> Result<Arc<Self>, StartError> {
        let path = match place {
            Place::Memory => PathBuf::from(":memory:"),
            Place::File(path) => path.clone(),
        };
        let opened = schema::open(&path).map_err(|source| StartError::Database {
            path: path.clone(),
            source,
        })?;
        let epoch: Arc<str> = opened.epoch.into();
        hub.start_at(opened.last);
        let (writer, commands) = mpsc::channel(WAITING_WRITES);
        let thread = {
            let mut state = writer::Writer::new(opened.conn, hub, epoch.clone(), opened.last);
            std::thread::Builder::new()
                .name("store".into())
                .spawn(move || state.run(commands))?
        };
        let readers = matches!(place, Place::File(_)).then(|| Readers {
            path,
            idle: Mutex::default(),
            permits: Semaphore::new(MAX_READERS),
        });
        Ok(Arc::new(Self {
            writer,
            thread: Mutex::new(Some(thread)),
            readers,
            epoch,
        }))
    }

    /// The name of this log; ids of another log are told by it.
    pub(crate) fn epoch(&self) -> &Arc<str> {
        &self.epoch
    }

    /// Runs `work` in the next transaction. An answer means that it is durable
    /// and that live streams have been told; an error, that nothing was kept.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Write<'_>) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let (answer, answered) = oneshot::channel();
        let job = Box::new(move |write: &mut Write<'_>| {
            let result = work(write);
            Outcome {
                keep: result.is_ok(),
                finish: Box::new(move |committed: Result<(), ApiError>| {
                    // Whoever asked may be gone; then the value is dropped here.
                    let _ = answer.send(committed.and(result));
                }),
            }
        });
        self.writer
            .send(Command::Write(job))
            .await
            .map_err(|_| ApiError::shutting_down())?;
        answered.await.map_err(|_| ApiError::shutting_down())?
    }

    /// Runs `work` on a connection that sees what is committed.
    pub(crate) async fn read<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Connection) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let Some(readers) = &self.readers else {
            return self.write(move |write| work(write.conn())).await;
        };
        let _permit = readers
            .permits
            .acquire()
            .await
            .map_err(|_| ApiError::shutting_down())?;
        let store = self.clone();
        tokio::task::spawn_blocking(move || {
            let Some(readers) = &store.readers else {
                return Err(ApiError::shutting_down());
            };
            let conn = readers.take()?;
            let result = work(&conn);
            readers.put_back(conn);
            result
        })
        .await
        .map_err(ApiError::internal)?
    }

    /// Finishes what is waiting, folds the write-ahead log into the file and closes.
    pub(crate) async fn close(&self) {
        if let Some(readers) = &self.readers {
            readers.permits.close();
            lock(&readers.idle).clear();
        }
        let _ = self.writer.send(Command::Stop).await;
        let thread = lock(&self.thread).take();
        if let Some(thread) = thread {
            let _ = tokio::task::spawn_blocking(move || thread.join()).await;
        }
    }
}

impl Readers {
    fn take(&self) -> Result<Connection, ApiError> {
        if let Some(conn) = lock(&self.idle).pop() {
            return Ok(conn);
        }
        let conn = Connection::open(&self.path)?;
        conn.busy_timeout(Duration::from_secs(5))?;
        conn.pragma_update(None, "query_only", true)?;
        Ok(conn)
    }

    fn put_back(&self, conn: Connection) {
        if !self.permits.is_closed() {
            lock(&self.idle).push(conn);
        }
    }
}

/// The lock, also after a panic elsewhere: what is guarded so is always whole.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
