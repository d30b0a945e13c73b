//! What makes the count of open streams true: it is tied to their lives.

use std::sync::Arc;

use crate::{conn::Conn, hub::Hub};

/// A place among the open streams; free again when dropped.
#[derive(Debug)]
pub(crate) struct Slot {
    hub: Arc<Hub>,
}

impl Slot {
    pub(crate) fn new(hub: Arc<Hub>) -> Self {
        Self { hub }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.hub.free_slot();
    }
}

/// A registered stream; it is unregistered when this is dropped, however the
/// stream ends.
#[derive(Debug)]
pub(crate) struct Guard {
    pub(crate) conn: Arc<Conn>,
    slot: Slot,
}

impl Guard {
    pub(crate) fn new(conn: Arc<Conn>, slot: Slot) -> Self {
        Self { conn, slot }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.slot.hub.gone(&self.conn);
    }
}
