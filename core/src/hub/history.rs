//! What happened lately, for the inspector.

use super::{StreamId, TabId};
use crate::connection::Summary;
use crate::status::{ReadyState, Reason};
use crate::time::Instant;
use std::collections::VecDeque;

/// How many transitions are kept.
const KEPT: usize = 200;

/// What changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransitionKind {
    /// The stream's status.
    Status,
    /// A connection is being opened.
    Connect,
    /// A poll began.
    Poll,
    /// Events were lost for a tab.
    Gap,
    /// A tab was asked for a fresh token.
    TokenAsked,
    /// A tab gave a fresh token.
    TokenGiven,
    /// A tab joined.
    TabJoined,
    /// A tab left.
    TabLeft,
    /// A tab was shown.
    TabShown,
    /// A tab was hidden.
    TabHidden,
}

impl TransitionKind {
    /// The name that pages see.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Connect => "connect",
            Self::Poll => "poll",
            Self::Gap => "gap",
            Self::TokenAsked => "token-asked",
            Self::TokenGiven => "token-given",
            Self::TabJoined => "tab-joined",
            Self::TabLeft => "tab-left",
            Self::TabShown => "tab-shown",
            Self::TabHidden => "tab-hidden",
        }
    }
}

/// One change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transition {
    /// When it was.
    pub at: Instant,
    /// What changed.
    pub kind: TransitionKind,
    /// The stream that it concerns.
    pub stream: StreamId,
    /// The tab that it concerns, if it is one tab's.
    pub tab: Option<TabId>,
    /// The state after a change of status.
    pub state: Option<ReadyState>,
    /// The reason after a change of status.
    pub reason: Option<Reason>,
    /// The HTTP status behind that reason.
    pub http_status: Option<u16>,
}

/// The last transitions of a worker.
#[derive(Debug, Default)]
pub(super) struct History {
    now: Instant,
    transitions: VecDeque<Transition>,
}

impl History {
    pub(super) fn set_now(&mut self, now: Instant) {
        self.now = now;
    }

    pub(super) fn note(&mut self, kind: TransitionKind, stream: StreamId, tab: Option<TabId>) {
        self.push(Transition {
            at: self.now,
            kind,
            stream,
            tab,
            state: None,
            reason: None,
            http_status: None,
        });
    }

    pub(super) fn note_status(&mut self, stream: StreamId, summary: &Summary) {
        self.push(Transition {
            at: self.now,
            kind: TransitionKind::Status,
            stream,
            tab: None,
            state: Some(summary.state),
            reason: summary.reason,
            http_status: summary.http_status,
        });
    }

    fn push(&mut self, transition: Transition) {
        if self.transitions.len() == KEPT {
            self.transitions.pop_front();
        }
        self.transitions.push_back(transition);
    }

    pub(super) fn to_vec(&self) -> Vec<Transition> {
        self.transitions.iter().copied().collect()
    }
}
