//! The running binary over HTTP. Each test has its own server on a free port,
//! with its own scratch folder, so that all run side by side.

mod auth;
mod chats;
mod cluster;
mod cluster_faults;
mod document;
mod faults;
mod files;
mod fuzz;
mod groups;
mod inbox;
mod manual;
mod messages;
mod pending;
mod process;
mod proxies;
mod resume;
mod stream;
mod support;
mod wire;
