//! Who is asking: passwords, tokens, and the identity of a request.

mod identity;
mod password;
pub(crate) mod routes;
mod token;

pub(crate) use identity::{Identity, UrlIdentity};
pub(crate) use token::Tokens;
