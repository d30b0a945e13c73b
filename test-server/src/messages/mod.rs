//! `/api/v1/sse/…`: sending, reading without a stream, groups, and looking in.

pub(crate) mod admin;
pub(crate) mod inbox;
pub(crate) mod pending;
pub(crate) mod send;
pub(crate) mod subscriptions;

use crate::{audience::EVERYONE, error::ApiError};

const MAX_GROUP: usize = 64;

/// A group that can be named from outside. The members of a chat are a group
/// too, whose name has a colon, so that nobody can subscribe to a chat.
pub(crate) fn check_group(group: &str) -> Result<(), ApiError> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    let fits = (1..=MAX_GROUP).contains(&group.len()) && group.bytes().all(allowed);
    if fits && group != EVERYONE {
        return Ok(());
    }
    let message = format!("A group is named by 1 to {MAX_GROUP} of A-Z a-z 0-9 _ - .");
    Err(ApiError::invalid("invalid_group", message))
}
