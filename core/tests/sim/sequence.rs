//! `page/sequence.ts`, rule for rule. The recorded traces hold the two together.

use std::rc::Rc;

const MAX_HELD: usize = 64;

/// A batch as pages see it.
pub(crate) type Batch = Rc<tabcast_core::Batch<crate::server::Data>>;

#[derive(Clone, Debug)]
pub(crate) struct Sequence {
    pub(crate) epoch: Rc<str>,
    pub(crate) next: u64,
    held: Vec<Batch>,
    asked: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Step {
    /// Batches to dispatch, each from an index on.
    pub(crate) dispatch: Vec<(Batch, usize)>,
    pub(crate) want: Option<(u64, u64)>,
}

impl Sequence {
    pub(crate) fn start_at(epoch: &str, next: u64) -> Self {
        Self {
            epoch: epoch.into(),
            next,
            held: Vec::new(),
            asked: next,
        }
    }

    pub(crate) fn receive(&mut self, batch: Batch) -> Step {
        let mut step = Step::default();
        if batch.epoch != self.epoch {
            return step;
        }
        let mut waiting = std::mem::take(&mut self.held);
        waiting.push(batch);
        waiting.sort_by_key(|batch| batch.first);
        let mut missing = None;
        for candidate in waiting {
            let end = candidate.first + candidate.events.len() as u64;
            if candidate.first > self.next {
                missing.get_or_insert(candidate.first);
                self.held.push(candidate);
            } else if end > self.next {
                let from = (self.next - candidate.first) as usize;
                self.next = end;
                step.dispatch.push((candidate, from));
            }
        }
        self.held.truncate(MAX_HELD);
        let unanswered = self.asked > self.next;
        step.want = missing
            .filter(|_| !unanswered)
            .map(|missing| (self.next, missing));
        self.asked = step
            .want
            .map_or(self.asked.max(self.next), |(_, missing)| missing);
        step
    }

    /// What lies before `next` is lost; what is held stays. Never leads back.
    pub(crate) fn skip_to(&mut self, next: u64) {
        self.next = self.next.max(next);
    }
}
