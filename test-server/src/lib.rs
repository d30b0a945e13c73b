//! The bundled notify backend of Tabcast: login, chats, a persisted event log
//! and the stream that browsers listen to.
//!
//! [`app`] is the whole HTTP surface over an [`AppState`]; [`run`] is what the
//! `tabcast-server` binary does with it: open the storage, listen, serve until
//! a signal, and leave in good order.

mod app;
mod audience;
mod auth;
mod chat;
mod clock;
mod cluster;
mod config;
mod conn;
mod connection;
mod cursor;
mod data_folder;
mod effect;
mod error;
mod event;
mod extract;
mod faults;
mod guard;
mod health;
mod hub;
mod ids;
mod io;
mod lane;
mod messages;
mod metrics;
mod observe;
mod openapi;
mod queue;
mod recent;
mod registry;
mod seen;
mod serve;
mod socket;
mod state;
mod store;
mod stream;
mod takeover;
mod tidy;
mod tls;
mod unread;
mod wire;

pub use app::app;
pub use config::Config;
pub use error::StartError;
pub use serve::run;
pub use state::AppState;
