//! Changes on their way through the log, for which somebody waits here.

use std::{collections::HashMap, sync::Mutex};

use crate::store::{Job, lock};

/// By the id of their message.
#[derive(Default)]
pub(super) struct Pending {
    jobs: Mutex<HashMap<String, Job>>,
}

impl std::fmt::Debug for Pending {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pending").finish_non_exhaustive()
    }
}

impl Pending {
    /// Waits for as long as the ticket lives.
    pub(super) fn put(&self, id: String, job: Job) -> Waiting<'_> {
        lock(&self.jobs).insert(id.clone(), job);
        Waiting { pending: self, id }
    }

    pub(super) fn take(&self, id: &str) -> Option<Job> {
        lock(&self.jobs).remove(id)
    }
}

pub(super) struct Waiting<'a> {
    pending: &'a Pending,
    pub(super) id: String,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        drop(self.pending.take(&self.id));
    }
}
