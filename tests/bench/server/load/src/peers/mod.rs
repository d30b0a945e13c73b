//! Servers to compare with that are nobody's product: each prints its address, and serves
//! `GET /sub` and `POST /pub` without anything else.

pub(crate) mod axum;
pub(crate) mod epoll;
