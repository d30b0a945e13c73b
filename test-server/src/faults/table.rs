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
    /// How many more streams it is for; none means all, also those that are open.
    left: Option<u32>,
    /// The number of the change that set it.
    set_by: u64,
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
    changes: u64,
}

impl FaultTable {
    /// The faults of the next stream of `user`, their own or else everyone's, and how many changes
    /// the table has seen.
    pub(crate) fn next_for(&self, user: UserId) -> (Arc<Faults>, u64) {
        let mut rules = lock(&self.rules);
        let faults = rules.take(user).unwrap_or_default();
        (faults, rules.changes)
    }

    /// What a stream of `user` is to have that asked for its faults after so many `changes` and was
    /// not open yet at a later one.
    pub(crate) fn set_since(&self, user: UserId, changes: u64) -> Option<Arc<Faults>> {
        let rules = lock(&self.rules);
        let rule = rules.users.get(&user).or(rules.all.as_ref())?;
        let is_for_open = rule.left.is_none() && rule.set_by > changes;
        is_for_open.then(|| rule.faults.clone())
    }

    pub(super) fn set_user(&self, user: UserId, faults: Arc<Faults>, count: Option<u32>) {
        let mut rules = lock(&self.rules);
        let rule = rules.rule(faults, count);
        // Also when it says nothing: this user is then spared what all others get.
        rules.users.insert(user, rule);
    }

    pub(super) fn set_all(&self, faults: Arc<Faults>, count: Option<u32>) {
        let mut rules = lock(&self.rules);
        rules.all = Some(rules.rule(faults, count));
        rules.users.clear();
    }
}

impl Rules {
    fn rule(&mut self, faults: Arc<Faults>, left: Option<u32>) -> Rule {
        self.changes += 1;
        Rule {
            faults,
            left,
            set_by: self.changes,
        }
    }

    fn take(&mut self, user: UserId) -> Option<Arc<Faults>> {
        if let Some(rule) = self.users.get_mut(&user) {
            if let Some(faults) = rule.take() {
                return Some(faults);
            }
            self.users.remove(&user);
        }
        self.all.as_mut()?.take()
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
