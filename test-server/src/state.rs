//! What every request shares.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::{
    auth::{Throttle, Tickets, Tokens},
    config::Config,
    error::StartError,
    faults::FaultTable,
    hub::Hub,
    messages::inbox::UnreadCounts,
    metrics::Metrics,
    store::{Place, Store},
};

/// The open database, the connected streams and the settings. Cheap to clone.
#[derive(Clone, Debug)]
pub struct AppState {
    pub(crate) config: Arc<Config>,
    pub(crate) store: Arc<Store>,
    pub(crate) hub: Arc<Hub>,
    pub(crate) tokens: Arc<Tokens>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) faults: Arc<FaultTable>,
    pub(crate) tickets: Arc<Tickets>,
    pub(crate) logins: Arc<Throttle>,
    pub(crate) unread: Arc<UnreadCounts>,
}

impl AppState {
    /// Opens the storage that `config` names.
    ///
    /// # Errors
    /// When the data folder, the database or a folder to serve cannot be used.
    pub fn open(mut config: Config) -> Result<Self, StartError> {
        config.www = folder("www", config.www, "www")?;
        config.package = folder("package", config.package, "dist")?;
        let place = if config.in_memory {
            Place::Memory
        } else {
            make_data_folder(&config.data).map_err(|source| StartError::DataFolder {
                path: config.data.clone(),
                source,
            })?;
            Place::File(config.data.join("tabcast.sqlite"))
        };
        let secret = secret(&config).map_err(|source| StartError::DataFolder {
            path: config.data.clone(),
            source,
        })?;
        let metrics = Arc::new(Metrics::new());
        let hub = Hub::new(
            config.max_connections,
            config.max_connections_per_user,
            metrics.clone(),
        );
        let store = Store::open(&place, hub.clone())?;
        Ok(Self {
            tokens: Arc::new(Tokens::new(&secret, config.token_lifetime)),
            faults: Arc::default(),
            tickets: Arc::default(),
            logins: Arc::default(),
            unread: Arc::default(),
            config: Arc::new(config),
            store,
            hub,
            metrics,
        })
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

fn make_data_folder(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)?;
    // It may lie in a checkout; what is in it belongs into no commit.
    let ignore = path.join(".gitignore");
    if !ignore.exists() {
        fs::write(ignore, "*\n")?;
    }
    Ok(())
}

// Kept beside the database, so that tokens outlive a restart.
fn secret(config: &Config) -> io::Result<Vec<u8>> {
    if let Some(secret) = &config.jwt_secret {
        return Ok(secret.clone().into_bytes());
    }
    if config.in_memory {
        return Ok(rand::random::<[u8; 32]>().to_vec());
    }
    let path = config.data.join("jwt-secret");
    match fs::read(&path) {
        Ok(secret) if secret.len() >= 32 => Ok(secret),
        Ok(_) => Err(io::Error::other(format!("{} is cut short", path.display()))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let secret = rand::random::<[u8; 32]>();
            write_private(&path, &secret)?;
            Ok(secret.to_vec())
        }
        Err(error) => Err(error),
    }
}

fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    use std::io::Write as _;
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}
