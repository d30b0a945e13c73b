//! What every request shares.

use std::{ops::Deref, path::PathBuf, sync::Arc};

use tokio::sync::{Mutex, mpsc};

use crate::{
    auth::{Throttle, Tickets, Tokens},
    cluster::{self, Link, Tasks},
    config::Config,
    data_folder::DataFolder,
    error::StartError,
    faults::FaultTable,
    hub::Hub,
    metrics::Metrics,
    store::Store,
    unread::UnreadCounts,
};

/// The open database, the connected streams and the settings. Cheap to clone.
#[derive(Clone, Debug)]
pub struct AppState(Arc<Parts>);

impl Deref for AppState {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

/// What an [`AppState`] is made of.
#[derive(Debug)]
pub struct Parts {
    pub(crate) config: Arc<Config>,
    pub(crate) store: Arc<Store>,
    pub(crate) hub: Arc<Hub>,
    pub(crate) tokens: Tokens,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) faults: FaultTable,
    pub(crate) tickets: Tickets,
    pub(crate) logins: Throttle,
    pub(crate) unread: Arc<UnreadCounts>,
    /// None where this server is alone.
    tasks: Mutex<Option<Tasks>>,
    _folder: DataFolder,
}

impl AppState {
    /// Opens the storage that `config` names.
    ///
    /// # Errors
    /// When the data folder, the database, NATS or a folder to serve cannot be used.
    pub async fn open(mut config: Config) -> Result<Self, StartError> {
        config.www = folder("www", config.www, "www")?;
        config.package = folder("package", config.package, "dist")?;
        let folder = DataFolder::open(&config)?;
        let metrics = Arc::new(Metrics::new(config.metrics_per_user));
        let unread = Arc::default();
        let (link, told) = match &config.nats {
            Some(url) => {
                let (ended, told) = mpsc::unbounded_channel();
                let link = Link::connect(&config, url, metrics.clone(), ended).await?;
                (Some(Arc::new(link)), Some(told))
            }
            None => (None, None),
        };
        let hub = Hub::new(
            (config.max_connections, config.max_connections_per_user),
            metrics.clone(),
            Arc::clone(&unread),
            link.as_ref().map(|link| link.ended.clone()),
        );
        let secret = folder.secret(&config, link.as_ref()).await?;
        let (conn, file) = folder.database(&config, link.as_ref()).await?;
        let store = Store::open(conn, file, hub.clone(), link.clone())?;
        let state = Self(Arc::new(Parts {
            tokens: Tokens::new(&secret, config.token_lifetime),
            faults: FaultTable::default(),
            tickets: Tickets::new(link.as_ref()).await?,
            logins: Throttle::default(),
            unread,
            config: Arc::new(config),
            store,
            hub,
            metrics,
            tasks: Mutex::default(),
            _folder: folder,
        }));
        if let (Some(link), Some(told)) = (link, told) {
            let tasks = cluster::start(&state, &link, told).await?;
            *state.tasks.lock().await = Some(tasks);
        }
        Ok(state)
    }

    /// Returns only when this server cannot go on.
    pub(crate) async fn broken(&self) -> StartError {
        match &mut *self.tasks.lock().await {
            Some(tasks) => tasks.broken().await,
            None => std::future::pending().await,
        }
    }

    /// Says goodbye to other servers, and closes the database.
    pub(crate) async fn close(&self) {
        let tasks = self.tasks.lock().await.take();
        if let (Some(tasks), Some(link)) = (tasks, self.store.link()) {
            tasks.leave(link).await;
        }
        self.store.close().await;
    }
}

// What was named must be there; what is merely looked for may be missing.
fn folder(
    flag: &'static str,
    named: Option<PathBuf>,
    usual: &str,
) -> Result<Option<PathBuf>, StartError> {
    match named {
        Some(path) if path.is_dir() => Ok(Some(path)),
        Some(path) => Err(StartError::Folder { flag, path }),
        None => Ok(Some(PathBuf::from(usual)).filter(|path| path.is_dir())),
    }
}
