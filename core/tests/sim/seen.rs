//! `page/seen.ts`, rule for rule. The recorded traces hold the two together. No ID of the
//! simulation's server says what overtook it, so that each names its event.

use std::rc::Rc;

const MAX_RECENT: usize = 256;
const MAX_EARLIER: usize = 2 * MAX_RECENT;

#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    recent: Vec<Rc<str>>,
    earlier: Vec<Rc<str>>,
}

impl Seen {
    /// What the next page knows after a reload.
    pub(crate) fn left_behind(&self) -> Self {
        Self {
            recent: self.recent.clone(),
            ..Self::default()
        }
    }

    pub(crate) fn told(&self) -> Vec<String> {
        self.recent.iter().map(|id| id.to_string()).collect()
    }

    pub(crate) fn begin(&mut self, before: &[String], lost: bool) {
        let before: Vec<Rc<str>> = before.iter().map(|id| id.as_str().into()).collect();
        if !self.recent.is_empty() {
            self.know(self.recent.clone());
            self.know(before.clone());
        }
        if self.recent.is_empty() || lost {
            self.recent = before;
        }
    }

    pub(crate) fn is_repeat(&mut self, id: &Rc<str>, before: &Rc<str>) -> bool {
        if id == before || id.is_empty() {
            return false;
        }
        if self.earlier.contains(id) {
            return true;
        }
        self.recent.push(id.clone());
        if self.recent.len() > MAX_RECENT {
            self.recent.remove(0);
        }
        false
    }

    pub(crate) fn skip(&mut self) {
        let recent = std::mem::take(&mut self.recent);
        self.know(recent);
    }

    pub(crate) fn has(&self, id: &str) -> bool {
        let mut known = self.earlier.iter().chain(&self.recent);
        known.any(|own| **own == *id)
    }

    fn know(&mut self, ids: Vec<Rc<str>>) {
        for id in ids {
            if !self.earlier.contains(&id) {
                self.earlier.push(id);
            }
        }
        let surplus = self.earlier.len().saturating_sub(MAX_EARLIER);
        self.earlier.drain(..surplus);
    }
}
