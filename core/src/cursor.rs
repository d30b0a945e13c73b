//! Where a stream stands in the server's log, and which events are repeats.

use crate::event::OwnId;
use crate::remembered::Remembered;
use std::rc::Rc;

/// The cursor of one stream: its last event ID across connections, and the IDs seen recently.
#[derive(Debug, Default)]
pub(crate) struct Cursor {
    last: Rc<str>,
    /// What the present source's own last event ID buffer holds: it starts out empty.
    sticky: Rc<str>,
    /// Whether the event before was the one that brought `sticky`.
    just_introduced: bool,
    seen: Remembered,
}

impl Cursor {
    pub(crate) fn starting_at(last: &str) -> Self {
        let mut cursor = Self::default();
        if !last.is_empty() {
            cursor.remember(last);
            cursor.last = last.into();
        }
        cursor
    }

    /// The last event ID to resume from; empty for none.
    pub(crate) fn last(&self) -> &Rc<str> {
        &self.last
    }

    /// A new connection begins: its last event ID buffer is empty.
    pub(crate) fn source_changed(&mut self) {
        self.sticky = Rc::default();
        self.just_introduced = false;
    }

    /// A block without data set the last event ID. One that was seen before belongs to a stretch
    /// that is repeated, and does not lead back.
    pub(crate) fn advance(&mut self, id: &str) {
        self.sticky = id.into();
        self.just_introduced = false;
        if id.is_empty() || self.remember(id) {
            self.last = self.sticky.clone();
        }
    }

    /// Takes the ID for the last one, whatever came before: what the standard says.
    pub(crate) fn follow(&mut self, id: &Rc<str>) {
        self.last = id.clone();
    }

    /// As [`Self::admit`], for an event that came by polling: what the connection beside it has
    /// for its last event ID is not changed by it.
    pub(crate) fn admit_polled(&mut self, id: &Rc<str>) -> Option<Rc<str>> {
        if !id.is_empty() {
            if !self.remember(id) {
                return None;
            }
            self.last = id.clone();
        }
        Some(self.last.clone())
    }

    /// As [`Self::admit`], for the first event of a connection that was opened further back than
    /// the cursor stands now, because a poll has moved it since. What comes first is a greeting
    /// from back there, or a repeat: neither moves the cursor.
    pub(crate) fn admit_from_behind(&mut self, id: &Rc<str>, own: OwnId) -> Option<Rc<str>> {
        if own != OwnId::No && !id.is_empty() {
            self.sticky = id.clone();
            self.just_introduced = true;
            if !self.remember(id) {
                return None;
            }
        }
        Some(self.last.clone())
    }

    /// Whether an event is new; then the cursor stands behind it, and the ID it is to be
    /// dispatched with is returned. A repeat gives `None`.
    ///
    /// `EventSource` does not tell an event that repeats the last ID from one that has none of
    /// its own. Where `repeats_last` says that it equals the event that the connection gave just
    /// before it, and that one brought the ID, it is taken for a repeat.
    pub(crate) fn admit(
        &mut self,
        id: &Rc<str>,
        own: OwnId,
        repeats_last: bool,
    ) -> Option<Rc<str>> {
        let introduces = match own {
            OwnId::Yes => true,
            OwnId::No => false,
            OwnId::Unknown => *id != self.sticky,
        };
        if introduces {
            self.sticky = id.clone();
            self.just_introduced = true;
            if !id.is_empty() && !self.remember(id) {
                return None;
            }
            self.last = id.clone();
            return Some(id.clone());
        }
        if own == OwnId::Unknown && self.just_introduced && repeats_last && !id.is_empty() {
            return None;
        }
        if own == OwnId::No && !id.is_empty() && *id != self.sticky {
            // A block without data before it brought the ID.
            self.advance(id);
        }
        self.just_introduced = false;
        Some(self.last.clone())
    }

    /// Notes an ID; false where it was known.
    fn remember(&mut self, id: &str) -> bool {
        self.seen.insert(name(id))
    }
}

/// What names the event in an ID. Where events overtook others, tabcast-server adds which ones it
/// sent; that differs between a stream and a poll that bring the same event.
pub(crate) fn name(id: &str) -> &str {
    match id.rsplit_once('~') {
        Some((name, tail)) if tail.starts_with("sent=") => name,
        _ => id,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admit(cursor: &mut Cursor, id: &str) -> bool {
        cursor.admit(&id.into(), OwnId::Unknown, false).is_some()
    }

    #[test]
    fn a_replayed_stretch_is_dropped_and_what_follows_is_not() {
        let mut cursor = Cursor::default();
        assert!(["1", "2", "3"].iter().all(|id| admit(&mut cursor, id)));
        cursor.source_changed();
        let admitted: Vec<bool> = ["2", "3", "4"]
            .iter()
            .map(|id| admit(&mut cursor, id))
            .collect();
        assert_eq!(admitted, [false, false, true]);
        assert_eq!(&**cursor.last(), "4");
    }

    #[test]
    fn an_event_is_known_again_whatever_was_sent_beside_it() {
        let mut cursor = Cursor::default();
        assert!(admit(&mut cursor, "e-50~sent=9"));
        assert!(admit(&mut cursor, "e-10~sent=10.50"));
        assert!(cursor.admit_polled(&"e-10".into()).is_none());
        assert!(!admit(&mut cursor, "e-50"));
        assert_eq!(&**cursor.last(), "e-10~sent=10.50");
        // Only there: other servers' IDs are nobody's business.
        assert!(admit(&mut cursor, "2024~1"));
        assert!(admit(&mut cursor, "2024~2"));
    }

    #[test]
    fn events_without_an_id_are_all_delivered() {
        let mut cursor = Cursor::default();
        assert!(admit(&mut cursor, ""));
        assert!(admit(&mut cursor, ""));
        assert!(admit(&mut cursor, "7"));
        // The sticky ID, on two events that have none of their own.
        assert!(admit(&mut cursor, "7"));
        assert!(admit(&mut cursor, "7"));
        cursor.source_changed();
        let id = cursor.admit(&"".into(), OwnId::Unknown, false);
        assert_eq!(id.as_deref(), Some("7"), "the ID outlives the connection");
    }

    #[test]
    fn an_event_sent_twice_in_a_row_is_delivered_once() {
        let mut cursor = Cursor::default();
        assert!(admit(&mut cursor, "1"));
        assert!(cursor.admit(&"1".into(), OwnId::Unknown, true).is_none());
        assert!(cursor.admit(&"1".into(), OwnId::Yes, true).is_none());
        assert!(cursor.admit(&"1".into(), OwnId::No, true).is_some());
        assert!(admit(&mut cursor, "2"));
    }

    #[test]
    fn an_event_sent_twice_in_a_stretch_that_is_repeated_is_dropped_twice() {
        let mut cursor = Cursor::starting_at("1");
        assert!(!admit(&mut cursor, "1"));
        assert!(cursor.admit(&"1".into(), OwnId::Unknown, true).is_none());
        assert!(admit(&mut cursor, "1"), "another one, without an ID");
    }

    #[test]
    fn an_event_has_the_id_that_a_block_without_data_brought() {
        let mut cursor = Cursor::starting_at("1");
        let id = cursor.admit(&"2".into(), OwnId::No, false);
        assert_eq!(id.as_deref(), Some("2"));
        assert_eq!(&**cursor.last(), "2");
        // Known from before the connection: it does not lead back.
        cursor.source_changed();
        let id = cursor.admit(&"1".into(), OwnId::No, false);
        assert_eq!(id.as_deref(), Some("2"));
    }

    #[test]
    fn an_explicit_empty_id_resets_the_cursor() {
        let mut cursor = Cursor::starting_at("9");
        assert!(cursor.admit(&"".into(), OwnId::Yes, false).is_some());
        assert_eq!(&**cursor.last(), "");
    }

    #[test]
    fn a_block_without_data_leads_on_and_never_back() {
        let mut cursor = Cursor::default();
        assert!(admit(&mut cursor, "1"));
        cursor.advance("2");
        assert_eq!(&**cursor.last(), "2");
        cursor.source_changed();
        cursor.advance("1");
        assert_eq!(&**cursor.last(), "2");
        cursor.advance("");
        assert_eq!(&**cursor.last(), "");
    }
}
