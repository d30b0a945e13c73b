//! Whom an event is for, and which types of events a stream wants.

use std::{collections::HashSet, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::ids::UserId;

/// The event types a stream or a subscription asked for; none means all.
pub(crate) type TypeFilter = Option<HashSet<String>>;

/// The group of a broadcast. Everybody is in it, and no other name can be this.
pub(crate) const EVERYONE: &str = "*";
/// Everybody is in this one too, until they unsubscribe.
pub(crate) const DEFAULT: &str = "default";

/// Whom an event is for.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Audience {
    User(UserId),
    Group(Arc<str>),
}

/// Whether a filter lets a type through.
pub(crate) fn wants(filter: &TypeFilter, event_type: &str) -> bool {
    match filter {
        Some(types) => types.contains(event_type),
        None => true,
    }
}
