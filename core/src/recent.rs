//! The IDs of a stream's latest events, in the server's order: by them a tab of an earlier life of
//! the stream is placed, also where the stream has begun before it or behind it.
//! See docs/decisions/020-a-stream-goes-back.md.

use crate::cursor::name;
use crate::messages::Resume;
use std::collections::VecDeque;
use std::rc::Rc;

/// How many IDs are kept. Pages remember four times as many, so that they know again whatever the
/// stream goes back to.
pub(crate) const REACH: usize = 64;
/// An ID longer than this, in bytes, is not kept, and nothing before it.
const MAX_LENGTH: usize = 1_024;

/// The IDs of consecutive events, the oldest first. Whoever has seen one of them has seen all that
/// the server logged before it.
#[derive(Debug, Default)]
pub(crate) struct Recent(VecDeque<Rc<str>>);

impl Recent {
    /// What a tab has seen up to its place.
    pub(crate) fn of(resume: &Resume) -> Self {
        let mut recent = Self::default();
        let told = &resume.recent;
        for id in &told[told.len().saturating_sub(REACH)..] {
            recent.push(&id.as_str().into());
        }
        recent.end_at(&resume.last_event_id.as_str().into());
        recent
    }

    /// An event came with this ID, its own or that of the one before.
    pub(crate) fn push(&mut self, id: &Rc<str>) {
        if self.0.back() == Some(id) {
            return;
        }
        // The empty ID is no place; behind one that overtook others something is still to come.
        if id.is_empty() || id.len() > MAX_LENGTH || name(id) != &**id {
            return self.0.clear();
        }
        if self.0.len() == REACH {
            self.0.pop_front();
        }
        self.0.push_back(id.clone());
    }

    /// The stream stands at this ID: what is behind it is still to come.
    pub(crate) fn end_at(&mut self, id: &Rc<str>) {
        match self.position(id) {
            Some(index) => self.0.truncate(index + 1),
            None => self.push(id),
        }
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    pub(crate) fn contains(&self, id: &str) -> bool {
        self.position(id).is_some()
    }

    /// Whether `id` came before `other`.
    pub(crate) fn has_before(&self, id: &str, other: &str) -> bool {
        let of_other = self.position(other);
        self.position(id)
            .is_some_and(|of_id| Some(of_id) < of_other)
    }

    /// All that are kept, and `last` where it is not among them.
    pub(crate) fn all_and(&self, last: &str) -> Vec<String> {
        let mut all: Vec<String> = self.0.iter().map(|id| id.to_string()).collect();
        if !last.is_empty() && !self.contains(last) {
            all.push(last.to_owned());
        }
        all
    }

    /// All up to `id`; that one alone where it is not kept, and nothing where it is no place.
    pub(crate) fn up_to(&self, id: &str) -> Vec<String> {
        let Some(index) = self.position(id) else {
            return [id.to_owned()]
                .into_iter()
                .filter(|id| !id.is_empty())
                .collect();
        };
        self.0
            .iter()
            .take(index + 1)
            .map(|id| id.to_string())
            .collect()
    }

    fn position(&self, id: &str) -> Option<usize> {
        self.0.iter().rposition(|known| **known == *id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recent(ids: &[&str]) -> Recent {
        let mut recent = Recent::default();
        ids.iter().for_each(|id| recent.push(&(*id).into()));
        recent
    }

    #[test]
    fn it_keeps_the_newest_64() {
        let mut recent = Recent::default();
        (0..100).for_each(|id| recent.push(&id.to_string().into()));
        assert_eq!(recent.up_to("99").len(), REACH);
        assert!(recent.contains("36") && !recent.contains("35"));
    }

    #[test]
    fn it_ends_at_a_place_that_it_knows_or_does_not() {
        let mut known = recent(&["1", "2", "2", "3"]);
        known.end_at(&"2".into());
        assert!(!known.contains("3"));
        known.end_at(&"2@7".into());
        assert_eq!(known.up_to("2@7"), ["1", "2", "2@7"]);
        assert_eq!(known.up_to("2"), ["1", "2"]);
        assert_eq!(known.up_to("0"), ["0"]);
        assert!(known.up_to("").is_empty());
    }

    #[test]
    fn it_tells_which_of_two_came_first() {
        let known = recent(&["1", "2"]);
        assert!(known.has_before("1", "2"));
        for (id, other) in [("2", "1"), ("1", "1"), ("1", "0"), ("0", "1")] {
            assert!(!known.has_before(id, other), "{id} before {other}");
        }
    }

    #[test]
    fn nothing_reaches_over_an_id_that_says_not_all_before_it() {
        for id in ["", "7~sent=3.7", &"x".repeat(MAX_LENGTH + 1)] {
            assert_eq!(recent(&["1", id, "2"]).up_to("2"), ["2"], "{id}");
        }
    }
}
