//! Whose streams are to be broken, and how.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use super::Faults;
use crate::{ids::UserId, store::lock};

#[derive(Clone, Debug)]
struct Rule {
    faults: Arc<Faults>,
    /// How many more streams it is for; none means all.
    left: Option<u32>,
}

/// The faults for streams to come.
#[derive(Debug, Default)]
pub(crate) struct FaultTable {
    rules: Mutex<Rules>,
}

#[derive(Debug, Default)]
struct Rules {
    all: Option<Rule>,
    users: HashMap<UserId, Rule>,
}

impl FaultTable {
    /// The faults of the next stream of `user`: their own, or else everyone's.
    pub(crate) fn next_for(&self, user: UserId) -> Arc<Faults> {
        let mut rules = lock(&self.rules);
        if let Some(rule) = rules.users.get_mut(&user) {
            if let Some(faults) = rule.take() {
                return faults;
            }
            rules.users.remove(&user);
        }
        let everyone = rules.all.as_mut().and_then(Rule::take);
        everyone.unwrap_or_default()
    }

    pub(super) fn set_user(&self, user: UserId, faults: Arc<Faults>, count: Option<u32>) {
        // Also when it says nothing: this user is then spared what all others get.
        let rule = Rule {
            faults,
            left: count,
        };
        lock(&self.rules).users.insert(user, rule);
    }

    pub(super) fn set_all(&self, faults: Arc<Faults>, count: Option<u32>) {
        let rule = Rule {
            faults,
            left: count,
        };
        *lock(&self.rules) = Rules {
            all: Some(rule),
            users: HashMap::new(),
        };
    }
}

impl Rule {
    fn take(&mut self) -> Option<Arc<Faults>> {
        if let Some(left) = &mut self.left {
            *left = left.checked_sub(1)?;
        }
        Some(self.faults.clone())
    }
}
