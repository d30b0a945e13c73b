//! Where a tab goes on: how a stream places one that comes from elsewhere, and goes back for one
//! that is behind it. See docs/decisions/020-a-stream-goes-back.md.

use super::stream::{SIGNS_OF_LIFE, Stream};
use crate::cursor::Cursor;
use crate::log::RelayLog;
use crate::messages::{Hello, Resume};
use crate::recent::Recent;
use std::rc::Rc;

/// Where a tab goes on in this life of the stream.
#[derive(Debug)]
pub(super) struct Place {
    /// The sequence number of its next event.
    pub(super) next: u64,
    /// The IDs that it has behind it; none where it keeps what it knows.
    pub(super) recent: Vec<String>,
}

impl<P: Clone + Default + PartialEq> Stream<P> {
    /// Where a tab goes on; `None` where what it lacks is not known here.
    pub(super) fn place_of(&self, hello: &Hello) -> Option<Place> {
        let Some(resume) = &hello.resume else {
            return Some(self.beginning(hello));
        };
        if *resume.epoch == *self.epoch {
            let next = (resume.next <= self.log.next()).then_some(resume.next)?;
            let recent = Vec::new();
            return Some(Place { next, recent });
        }
        let id = &*resume.last_event_id;
        if self.has_start() && (*id == *self.start.0 || self.is_ahead(resume)) {
            return Some(self.at_the_start());
        }
        if id.is_empty() || *id == **self.cursor.last() {
            return Some(self.at_the_end());
        }
        let next = self.log.position_after(id)?;
        let recent = self.recent.up_to(id);
        Some(Place { next, recent })
    }

    /// One that knows where this life began, and has seen all up to its own place, knows again
    /// what it saw since.
    fn is_ahead(&self, resume: &Resume) -> bool {
        let seen = Recent::of(resume);
        seen.contains(&resume.last_event_id) && seen.contains(&self.start.0)
    }

    /// Whether all since this life began is still there.
    fn has_start(&self) -> bool {
        self.start.1 >= self.log.first()
    }

    fn at_the_start(&self) -> Place {
        let (id, next) = &self.start;
        let recent = self.recent.up_to(id);
        Place {
            next: *next,
            recent,
        }
    }

    /// Behind all that has come.
    pub(super) fn at_the_end(&self) -> Place {
        Place {
            next: self.log.next(),
            recent: self.recent.all_and(self.cursor.last()),
        }
    }

    /// Where a tab begins that was not here before.
    fn beginning(&self, hello: &Hello) -> Place {
        let wants = |name: &str| {
            let in_all = !SIGNS_OF_LIFE.contains(&name);
            let listens = |own: &String| **own == *name || (own == "*" && in_all);
            hello.types.iter().any(listens)
        };
        let next = self.log.last_of(hello.replay as usize, wants);
        if next == self.log.next() {
            return self.at_the_end();
        }
        let before = self.log.range(next.saturating_sub(1), next).pop();
        let id = before.map_or_else(|| self.start.0.clone(), |event| event.id);
        let recent = self.recent.up_to(&id);
        Place { next, recent }
    }

    /// Whether the stream is to go to where this tab stands: it has no place of its own, and has
    /// given nothing that would come again; or it began beyond the tab, and all that the tab lacks
    /// can be had from there once more.
    pub(super) fn goes_back_to(&self, resume: &Resume, hello: &Hello) -> bool {
        let id = &*resume.last_event_id;
        let has_begun = !self.start.0.is_empty() || self.has_news;
        let has_place = has_begun && !self.cursor.last().is_empty();
        let is_behind =
            || self.recent.has_before(id, &self.start.0) && self.place_of(hello).is_none();
        let keeps_to_the_standard = self.connection.options().standard;
        !id.is_empty() && !keeps_to_the_standard && (!has_place || is_behind())
    }

    /// Another life begins, behind this place.
    pub(super) fn begin_again(&mut self, resume: &Resume, epoch: String) {
        let id: Rc<str> = resume.last_event_id.as_str().into();
        self.epoch = epoch.into();
        self.log = RelayLog::new();
        self.sticky.forget_values();
        self.recent = Recent::of(resume);
        self.cursor = Cursor::starting_at(&id);
        self.start = (id, 1);
    }
}
