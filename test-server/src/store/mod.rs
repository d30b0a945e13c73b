//! The database: one thread that writes, and readers beside it.
//!
//! All writes go through one thread that takes whatever is waiting into one
//! transaction, so that many acknowledged messages share one flush to disk.
//! What a write means for live streams (an event to deliver, a member who
//! joined, a stream to register) is applied in the order of the writes, after
//! they are durable. So a stream that registers knows exactly where the log
//! ends for it: before that it replays, after that it is delivered to.

mod change;
pub(crate) mod chats;
mod checkpoint;
pub(crate) mod connections;
pub(crate) mod inbox;
pub(crate) mod log;
pub(crate) mod schema;
pub(crate) mod sends;
pub(crate) mod subscriptions;
pub(crate) mod tidy;
pub(crate) mod users;
mod write;
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
    clock::Millis,
    cluster::Link,
    error::{ApiError, StartError},
    hub::Hub,
};
pub(crate) use change::{Change, Command};
pub(crate) use write::Write;
pub(crate) use writer::{Job, job};
use writer::{Message, Stretch};

/// Writes that may wait; above it, requests wait to get in.
const WAITING_WRITES: usize = 4096;
const MAX_READERS: usize = 4;

/// The open database.
#[derive(Debug)]
pub(crate) struct Store {
    writer: mpsc::Sender<Message>,
    thread: Mutex<Option<JoinHandle<()>>>,
    /// None in memory, where the one connection does everything.
    readers: Option<Readers>,
    epoch: Arc<str>,
    link: Option<Arc<Link>>,
}

#[derive(Debug)]
struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
    permits: Semaphore,
}

impl Store {
    /// Makes or migrates the tables, and starts the writer. In memory there is
    /// no `file`.
    pub(crate) fn open(
        conn: Connection,
        file: Option<PathBuf>,
        hub: Arc<Hub>,
        link: Option<Arc<Link>>,
    ) -> Result<Arc<Self>, StartError> {
        let shared = link.as_ref().map(|link| &**link.epoch());
        let path = file.clone().unwrap_or_else(|| ":memory:".into());
        let database = |source| StartError::Database {
            path: path.clone(),
            source,
        };
        let opened = schema::open(conn, shared).map_err(database)?;
        let epoch: Arc<str> = opened.epoch.as_str().into();
        match &link {
            Some(link) if link.epoch() != &epoch => {
                return Err(StartError::other_log("is not of the log in NATS"));
            }
            None if opened.applied > 0 => {
                return Err(StartError::other_log(
                    "is of a log in NATS, so --nats is needed",
                ));
            }
            Some(link) => drop(link.applied.send_replace(opened.applied)),
            None => {}
        }
        hub.start_at(opened.last);
        let known =
            connections::known(&opened.conn).map_err(|error| StartError::Log(error.message))?;
        hub.apply(known);
        let (writer, messages) = mpsc::channel(WAITING_WRITES);
        let thread = {
            let mut state =
                writer::Writer::new(opened, file.as_deref(), hub, epoch.clone(), link.is_some())
                    .map_err(database)?;
            std::thread::Builder::new()
                .name("store".into())
                .spawn(move || state.run(messages))?
        };
        let readers = file.map(|path| Readers {
            path,
            idle: Mutex::default(),
            permits: Semaphore::new(MAX_READERS),
        });
        Ok(Arc::new(Self {
            writer,
            thread: Mutex::new(Some(thread)),
            readers,
            epoch,
            link,
        }))
    }

    /// The log that is shared with other servers, if there is one.
    pub(crate) fn link(&self) -> Option<&Arc<Link>> {
        self.link.as_ref()
    }

    /// Whether others do things that this server does not hear of.
    pub(crate) fn is_cut_off(&self) -> bool {
        self.link.as_ref().is_some_and(|link| !link.is_following())
    }

    /// Does a change: here, or at all servers.
    pub(crate) async fn change<C: Change>(&self, change: C) -> Result<C::Answer, ApiError> {
        self.change_with(change, C::apply).await
    }

    /// The same, with `work` in place of the change itself at this server.
    pub(crate) async fn change_with<C: Change, T: Send + 'static>(
        &self,
        change: C,
        work: impl FnOnce(C, &mut Write<'_>) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let Some(link) = &self.link else {
            return self.write(move |write| work(change, write)).await;
        };
        let command = change.clone().into();
        let (answer, answered) = oneshot::channel();
        let job = job(
            move |write: &mut Write<'_>| work(change, write),
            move |result| drop(answer.send(result)),
        );
        link.submit(command, job, answered).await
    }

    /// Does the next of the shared log; says whether that is kept.
    pub(crate) async fn follow(&self, jobs: Vec<(Millis, Job)>, up_to: u64) -> bool {
        let (kept, told) = oneshot::channel();
        let stretch = Stretch { jobs, up_to, kept };
        let sent = self.writer.send(Message::Follow(stretch)).await;
        sent.is_ok() && told.await.unwrap_or(false)
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
        let job = job(work, move |result| {
            // Whoever asked may be gone; then the value is dropped here.
            let _ = answer.send(result);
        });
        self.writer
            .send(Message::Write(job))
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
        let _ = self.writer.send(Message::Stop).await;
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
