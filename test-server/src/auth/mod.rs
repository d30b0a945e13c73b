//! Who is asking: passwords, tokens, and the identity of a request.

mod identity;
mod password;
pub(crate) mod routes;
mod throttle;
mod ticket;
mod token;

pub(crate) use identity::{Admin, Identity, UrlIdentity};
pub(crate) use throttle::Throttle;
pub(crate) use ticket::Tickets;
pub(crate) use token::{Tokens, Valid};
