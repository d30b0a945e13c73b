//! What the thread that writes the log has the hub do.

use std::sync::{Arc, atomic::AtomicU64};

use crate::{
    audience::{Audience, TypeFilter},
    conn::{Conn, ConnId},
    cursor::{Position, Sent},
    event::Event,
    ids::UserId,
    store::log::Membership,
};

/// What a durable write means for live streams.
#[derive(Debug)]
pub(crate) enum Effect {
    /// The count is raised by the streams that it was queued for.
    Deliver(Audience, Arc<Event>, Arc<AtomicU64>),
    /// Also changes the types of a member.
    Join(UserId, Arc<str>, TypeFilter),
    Leave(UserId, Arc<str>),
    Register {
        conn: Arc<Conn>,
        memberships: Vec<Membership>,
        /// The streams that it replaces, where servers must agree on them.
        evict: Option<Vec<ConnId>>,
        /// What it has sent, if it lacks what came after.
        resumes_from: Option<Sent>,
    },
    /// These streams are gone; one that is still open here comes back by itself.
    Close(Vec<ConnId>),
    Disconnect(ConnId),
    /// What was counted for a user, or for all, no longer holds.
    Recount(Option<UserId>),
}

impl Effect {
    /// Where the log has the event that it delivers.
    pub(crate) fn logged(&self) -> Option<Position> {
        match self {
            Self::Deliver(_, event, _) if event.is_logged() => Some(event.position),
            _ => None,
        }
    }
}
