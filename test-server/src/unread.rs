//! Unread counts that were asked for.

use std::{
    collections::HashMap,
    sync::Mutex,
    time::{Duration, Instant},
};

use crate::{cursor::Position, ids::UserId, store::lock};

const KEPT: Duration = Duration::from_secs(86_400);

/// A count is brought up to date from where the log was, and forgotten when
/// something is read, cleared or subscribed to.
#[derive(Debug, Default)]
pub(crate) struct UnreadCounts {
    inner: Mutex<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    by_user: HashMap<UserId, Counted>,
    forgotten: u64,
}

/// So many were unread where the log ended at `as_of`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counted {
    pub(crate) count: u64,
    pub(crate) as_of: Position,
    since: Instant,
}

impl Counted {
    pub(crate) fn now(count: u64, as_of: Position) -> Self {
        Self {
            count,
            as_of,
            since: Instant::now(),
        }
    }
}

impl UnreadCounts {
    /// Also says how often something was forgotten, for [`Self::put`].
    pub(crate) fn get(&self, user: UserId) -> (Option<Counted>, u64) {
        let counts = lock(&self.inner);
        let counted = counts.by_user.get(&user).copied();
        let counted = counted.filter(|counted| counted.since.elapsed() < KEPT);
        (counted, counts.forgotten)
    }

    // A count that was read while something was forgotten may be too old to keep.
    pub(crate) fn put(&self, user: UserId, counted: Counted, generation: u64) {
        let mut counts = lock(&self.inner);
        if counts.forgotten == generation {
            counts.by_user.insert(user, counted);
        }
    }

    /// Forgets the count of one user, or of all.
    pub(crate) fn forget(&self, user: Option<UserId>) {
        let mut counts = lock(&self.inner);
        counts.forgotten += 1;
        match user {
            Some(user) => drop(counts.by_user.remove(&user)),
            None => counts.by_user.clear(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_that_something_was_forgotten_under_is_not_kept() {
        let user = UserId(1);
        for forgotten in [Some(user), None] {
            let counts = UnreadCounts::default();
            let (_, generation) = counts.get(user);
            counts.put(user, Counted::now(5, 10), generation);
            let (known, generation) = counts.get(user);
            assert_eq!(known.map(|known| known.count), Some(5));
            counts.forget(forgotten);
            counts.put(user, Counted::now(5, 11), generation);
            assert!(counts.get(user).0.is_none());
        }
    }
}
