//! The folder of the database and of what else outlives the process.

use std::{
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use rusqlite::Connection;

use crate::{cluster::Link, config::Config, error::StartError};

/// A folder that no other server uses for as long as this lives; none in memory.
#[derive(Debug)]
pub(crate) struct DataFolder {
    path: Option<PathBuf>,
    _lock: Option<File>,
}

impl DataFolder {
    pub(crate) fn open(config: &Config) -> Result<Self, StartError> {
        if config.in_memory {
            return Ok(Self {
                path: None,
                _lock: None,
            });
        }
        let path = config.data.clone();
        let fail = |source| StartError::DataFolder {
            path: path.clone(),
            source,
        };
        make(&path).map_err(fail)?;
        let lock = File::create(path.join("lock")).map_err(fail)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(StartError::InUse { path }),
            Err(TryLockError::Error(source)) => return Err(fail(source)),
        }
        Ok(Self {
            path: Some(path),
            _lock: Some(lock),
        })
    }

    /// The database, and its file if it has one.
    pub(crate) async fn database(
        &self,
        config: &Config,
        link: Option<&Arc<Link>>,
    ) -> Result<(Connection, Option<PathBuf>), StartError> {
        let file = match &self.path {
            Some(_) => config.database(),
            None => scratch(),
        };
        if let Some(link) = link {
            link.restore(&file).await?;
        }
        let fail = |source| StartError::Database {
            path: file.clone(),
            source,
        };
        if self.path.is_some() {
            return Ok((Connection::open(&file).map_err(fail)?, Some(file)));
        }
        let mut conn = Connection::open_in_memory().map_err(fail)?;
        if file.exists() {
            let restored = conn.restore("main", &file, None::<fn(_)>);
            let _ = fs::remove_file(&file);
            restored.map_err(fail)?;
        }
        Ok((conn, None))
    }

    /// What signs tokens. Kept here, so that they outlive a restart, or where
    /// all servers find it.
    pub(crate) async fn secret(
        &self,
        config: &Config,
        link: Option<&Arc<Link>>,
    ) -> Result<Vec<u8>, StartError> {
        if let Some(secret) = &config.jwt_secret {
            return Ok(secret.clone().into_bytes());
        }
        if let Some(link) = link {
            return link.shared_secret().await;
        }
        let Some(path) = &self.path else {
            return Ok(rand::random::<[u8; 32]>().to_vec());
        };
        secret(path).map_err(|source| StartError::DataFolder {
            path: path.clone(),
            source,
        })
    }
}

fn scratch() -> PathBuf {
    std::env::temp_dir().join(format!("tabcast-{:016x}.sqlite", rand::random::<u64>()))
}

fn make(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)?;
    // It may lie in a checkout; what is in it belongs into no commit.
    let ignore = path.join(".gitignore");
    if !ignore.exists() {
        fs::write(ignore, "*\n")?;
    }
    Ok(())
}

fn secret(folder: &Path) -> io::Result<Vec<u8>> {
    let path = folder.join("jwt-secret");
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
