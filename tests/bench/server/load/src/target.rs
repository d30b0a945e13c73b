//! How each server is asked for a stream, and told to send.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use clap::{Args, ValueEnum};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use std::{error::Error, net::SocketAddr, path::PathBuf};

/// The first user that [`Seed`] adds; those below are the server's own.
const FIRST_USER: usize = 1_000;
const ADMIN: usize = 1;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    Tabcast,
    Nchan,
    /// `GET /sub` and `POST /pub`, as this program's own peers.
    Plain,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct Target {
    #[arg(long)]
    pub(crate) kind: Kind,
    #[arg(long)]
    pub(crate) address: SocketAddr,
    /// The server's processes, to be asked for their memory.
    #[arg(long, value_delimiter = ',')]
    pub(crate) pids: Vec<u32>,
    /// What tabcast-server signs its tokens with.
    #[arg(long, default_value = "")]
    jwt_secret: String,
}

/// Who is to get an event.
#[derive(Clone, Copy, Debug)]
pub(crate) enum To {
    All,
    /// The user of this stream.
    Stream(usize),
    /// Somebody who has none: the event only makes the log longer.
    Nobody,
}

impl Target {
    /// What stands in a stream's bytes once it is ready.
    pub(crate) fn ready(&self) -> &'static [u8] {
        match self.kind {
            Kind::Tabcast => b"connection_confirmed",
            Kind::Nchan | Kind::Plain => b"\r\n\r\n",
        }
    }

    /// The request of the stream `index`, resuming from `last_event_id` unless it is empty.
    pub(crate) fn subscribe(&self, index: usize, last_event_id: &str) -> String {
        let path = match self.kind {
            Kind::Tabcast => "/events",
            Kind::Nchan | Kind::Plain => "/sub",
        };
        let mut request = format!(
            "GET {path} HTTP/1.1\r\nHost: {}\r\nAccept: text/event-stream\r\n",
            self.address
        );
        if self.kind == Kind::Tabcast {
            request += &self.authorization(FIRST_USER + index, "user");
        }
        if !last_event_id.is_empty() {
            request += &format!("Last-Event-ID: {last_event_id}\r\n");
        }
        request + "\r\n"
    }

    pub(crate) fn publish(&self, to: To, data: &str) -> String {
        let (path, body) = match (self.kind, to) {
            (Kind::Nchan | Kind::Plain, _) => ("/pub", data.to_owned()),
            (Kind::Tabcast, To::All) => (
                "/api/v1/sse/broadcast",
                format!("{{\"event_type\":\"bench\",\"data\":{data}}}"),
            ),
            (Kind::Tabcast, to) => {
                let user = match to {
                    To::Stream(index) => FIRST_USER + index,
                    To::All | To::Nobody => ADMIN,
                };
                (
                    "/api/v1/sse/send",
                    format!("{{\"event_type\":\"bench\",\"user_id\":{user},\"data\":{data}}}"),
                )
            }
        };
        let authorization = match self.kind {
            Kind::Tabcast => self.authorization(ADMIN, "admin"),
            Kind::Nchan | Kind::Plain => String::new(),
        };
        format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n{authorization}Content-Length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        )
    }

    fn authorization(&self, user: usize, role: &str) -> String {
        let encode = |text: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(text);
        let header = encode(br#"{"typ":"JWT","alg":"HS256"}"#);
        // Valid until 2100.
        let claims = format!(r#"{{"sub":"{user}","role":"{role}","iat":0,"exp":4102444800}}"#);
        let signed = format!("{header}.{}", encode(claims.as_bytes()));
        let mut mac = Hmac::<Sha256>::new_from_slice(self.jwt_secret.as_bytes())
            .expect("a key of any length will do");
        mac.update(signed.as_bytes());
        let signature = encode(&mac.finalize().into_bytes());
        format!("Authorization: Bearer {signed}.{signature}\r\n")
    }
}

#[derive(Debug, Args)]
pub(crate) struct Seed {
    #[arg(long)]
    database: PathBuf,
    #[arg(long)]
    users: usize,
}

impl Seed {
    pub(crate) fn run(&self) -> Result<(), Box<dyn Error>> {
        let mut connection = rusqlite::Connection::open(&self.database)?;
        let transaction = connection.transaction()?;
        for id in FIRST_USER..FIRST_USER + self.users {
            transaction.execute(
                "INSERT INTO users (id, email, name, role, password_hash) VALUES (?1, ?2, '', 'user', '')",
                rusqlite::params![id as i64, format!("user{id}@test.com")],
            )?;
        }
        transaction.commit()?;
        Ok(())
    }
}
