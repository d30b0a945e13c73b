//! Servers to compare with that are nobody's product: each prints its address, and serves
//! `GET /sub` and `POST /pub` without anything else.

pub(crate) mod axum;
pub(crate) mod epoll;

/// How many connections may wait to be accepted, as nginx is configured to. Their runtime's 128 are
/// fewer than the load opens at once, and would be what is measured.
const BACKLOG: i32 = 4_096;
