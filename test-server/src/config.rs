//! The flags of the server. Every flag can also be set in the environment.

use std::{path::PathBuf, time::Duration};

use axum::http::HeaderValue;
use clap::Parser;

/// The notify backend of Tabcast: login, chats, and one event stream per browser.
///
/// Durations are written with a unit, like `30s`, `200ms` or `1h`.
#[derive(Clone, Debug, Parser)]
#[command(name = "tabcast-server", version)]
pub struct Config {
    /// Address and port to listen on; port 0 takes a free one.
    #[arg(long, env = "TABCAST_LISTEN", default_value = "127.0.0.1:3001")]
    pub listen: String,

    /// Folder of the database and the signing secret; it is made if missing.
    #[arg(
        long,
        env = "TABCAST_DATA",
        value_name = "DIR",
        default_value = "tabcast-data"
    )]
    pub data: PathBuf,

    /// Keep everything in memory; nothing outlives the process.
    #[arg(long, env = "TABCAST_IN_MEMORY", conflicts_with = "data")]
    pub in_memory: bool,

    /// NATS server with JetStream, like `nats://user:password@host:4222`, or several
    /// separated by commas: all servers that name the same one act as one.
    #[arg(
        long,
        env = "TABCAST_NATS",
        value_name = "URL",
        hide_env_values = true,
        value_parser = nats
    )]
    pub nats: Option<String>,

    /// Secret that signs tokens, at least 16 bytes. Default: random, kept in the
    /// data folder, or in NATS.
    #[arg(
        long,
        env = "TABCAST_JWT_SECRET",
        hide_env_values = true,
        value_parser = secret
    )]
    pub jwt_secret: Option<String>,

    /// How long a token is valid, in whole seconds.
    #[arg(long, env = "TABCAST_TOKEN_LIFETIME", default_value = "1h", value_parser = whole_seconds)]
    pub token_lifetime: Duration,

    /// Origin whose pages may call the server, like `https://app.example.org`, or `*`. May be repeated.
    #[arg(
        long = "allow-origin",
        env = "TABCAST_ALLOW_ORIGIN",
        value_name = "ORIGIN",
        value_delimiter = ',',
        value_parser = origin
    )]
    pub allow_origins: Vec<HeaderValue>,

    /// Time between two `ping` events of a stream.
    #[arg(long, env = "TABCAST_HEARTBEAT", default_value = "30s", value_parser = positive)]
    pub heartbeat: Duration,

    /// A stream ends, and its client comes back, after four fifths of this at
    /// the earliest: spread, so that not all come at once.
    #[arg(long, env = "TABCAST_MAX_LIFETIME", default_value = "1h", value_parser = positive)]
    pub max_lifetime: Duration,

    /// Streams open at once, of all users together.
    #[arg(
        long,
        env = "TABCAST_MAX_CONNECTIONS",
        default_value_t = 10_000,
        value_name = "N"
    )]
    pub max_connections: usize,

    /// Streams open at once for one user; above it the newest wins.
    #[arg(
        long,
        env = "TABCAST_MAX_CONNECTIONS_PER_USER",
        default_value_t = 5,
        value_name = "N",
        value_parser = at_least_one
    )]
    pub max_connections_per_user: usize,

    /// A reader that takes nothing for so long is cut; it resumes from the log.
    #[arg(long, env = "TABCAST_SEND_TIMEOUT", default_value = "5s", value_parser = positive)]
    pub send_timeout: Duration,

    /// A client whose system acknowledges nothing for so long is gone.
    #[arg(long, env = "TABCAST_CLIENT_TIMEOUT", default_value = "90s", value_parser = positive)]
    pub client_timeout: Duration,

    /// Time between two rounds of clearing what has expired.
    #[arg(long, env = "TABCAST_CLEANUP_INTERVAL", default_value = "300s", value_parser = positive)]
    pub cleanup_interval: Duration,

    /// Events older than this are cleared.
    #[arg(long, env = "TABCAST_RETENTION", default_value = "7d", value_parser = positive)]
    pub retention: Duration,

    /// Events that may wait for one user who is not there; above it the least
    /// urgent and oldest are dropped at the next clearing.
    #[arg(
        long,
        env = "TABCAST_MAX_WAITING_PER_USER",
        default_value_t = 10_000,
        value_name = "N",
        value_parser = at_least_one
    )]
    pub max_waiting_per_user: usize,

    /// Also count for each user: a series of metrics for everybody who was here.
    #[arg(long, env = "TABCAST_METRICS_PER_USER")]
    pub metrics_per_user: bool,

    /// Certificate chain, PEM. With it the server speaks https and HTTP/2.
    #[arg(
        long,
        env = "TABCAST_TLS_CERT",
        value_name = "FILE",
        requires = "tls_key"
    )]
    pub tls_cert: Option<PathBuf>,

    /// Private key of the certificate, PEM.
    #[arg(
        long,
        env = "TABCAST_TLS_KEY",
        value_name = "FILE",
        requires = "tls_cert"
    )]
    pub tls_key: Option<PathBuf>,

    /// Offer `/__test/…`, which breaks streams on purpose. Never in production.
    #[arg(long, env = "TABCAST_FAULTS")]
    pub faults: bool,

    /// Folder served at `/`. Default: `www` in the working folder, if it is there.
    #[arg(long, env = "TABCAST_WWW", value_name = "DIR")]
    pub www: Option<PathBuf>,

    /// Folder served at `/tabcast/`. Default: `dist` in the working folder, if it is there.
    #[arg(long, env = "TABCAST_PACKAGE", value_name = "DIR")]
    pub package: Option<PathBuf>,
}

impl Config {
    pub(crate) fn database(&self) -> PathBuf {
        self.data.join("tabcast.sqlite")
    }
}

fn nats(text: &str) -> Result<String, String> {
    for url in text.split(',') {
        url.parse::<async_nats::ServerAddr>()
            .map_err(|_| "write it as nats://host:port")?;
    }
    Ok(text.to_owned())
}

fn positive(text: &str) -> Result<Duration, String> {
    let duration = humantime::parse_duration(text).map_err(|error| error.to_string())?;
    if duration.is_zero() {
        return Err("must be longer than zero".into());
    }
    Ok(duration)
}

// The `exp` of a token counts whole seconds, so a fraction could not be kept.
fn whole_seconds(text: &str) -> Result<Duration, String> {
    let duration = positive(text)?;
    if duration.subsec_nanos() != 0 {
        return Err("must be a whole number of seconds".into());
    }
    Ok(duration)
}

fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("must be at least 1".into()),
        Ok(count) => Ok(count),
        Err(_) => Err("must be a number".into()),
    }
}

fn secret(text: &str) -> Result<String, String> {
    if text.len() < 16 {
        return Err("must be at least 16 bytes long".into());
    }
    Ok(text.to_owned())
}

fn origin(text: &str) -> Result<HeaderValue, String> {
    let host = text.split_once("://").map(|(_, host)| host);
    let plain = host.is_some_and(|host| !host.is_empty() && !host.contains('/'));
    if text != "*" && !plain {
        return Err("write it as scheme://host[:port], without a path".into());
    }
    HeaderValue::from_str(text).map_err(|error| error.to_string())
}
