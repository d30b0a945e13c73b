//! What tabs were told and what they did then, so that the TypeScript can be held to the same:
//! `tests/page/sim-traces.test.ts` replays what is written here.

use crate::sequence::Batch;
use crate::server::Data;
use crate::tab::Does;
use serde_json::{Value, json};
use tabcast_core::messages::{FromWorker, Resume};

/// The steps of each tab, where they are wanted.
#[derive(Debug, Default)]
pub(crate) struct Recorder {
    tabs: Option<Vec<Trace>>,
}

/// From a page's start to its reload or end.
#[derive(Debug, Default)]
pub(crate) struct Trace {
    pub(crate) steps: Vec<Value>,
    /// How many of the steps are worth a test.
    pub(crate) interest: usize,
    ended: bool,
}

impl Recorder {
    pub(crate) fn on() -> Self {
        let tabs = Some(Vec::new());
        Self { tabs }
    }

    pub(crate) fn traces(self) -> Vec<Trace> {
        self.tabs.unwrap_or_default()
    }

    fn add(&mut self, tab: usize, interest: usize, step: impl FnOnce() -> Value) {
        let Some(tabs) = &mut self.tabs else { return };
        while tabs.len() <= tab {
            tabs.push(Trace::default());
        }
        let trace = &mut tabs[tab];
        if !trace.ended {
            trace.interest += interest;
            trace.steps.push(step());
        }
    }

    /// The page says hello to a worker, its first or another one.
    pub(crate) fn hello(&mut self, tab: usize, resume: Option<&Resume>) {
        self.add(tab, 2, || {
            let resume = resume.map(|resume| {
                json!({
                    "epoch": resume.epoch,
                    "next": resume.next,
                    "lastEventId": resume.last_event_id,
                    "recent": resume.recent,
                })
            });
            json!({ "hello": { "resume": resume } })
        });
    }

    pub(crate) fn message(&mut self, tab: usize, message: &FromWorker, does: &[Does]) {
        if matches!(message, FromWorker::TokenRequest { .. }) {
            return;
        }
        let is_gap = matches!(
            message,
            FromWorker::Gap { .. } | FromWorker::Welcome { gap: Some(_), .. }
        );
        self.add(
            tab,
            3 * usize::from(is_gap),
            || json!({ "port": message, "does": said(does) }),
        );
    }

    pub(crate) fn batch(&mut self, tab: usize, batch: &Batch, over_channel: bool, does: &[Does]) {
        let wants = does.iter().any(|each| matches!(each, Does::Want(..)));
        let way = if over_channel { "channel" } else { "port" };
        self.add(
            tab,
            usize::from(wants),
            || json!({ way: encoded(batch), "does": said(does) }),
        );
    }

    pub(crate) fn away(&mut self, tab: usize) {
        self.add(tab, 2, || json!("away"));
    }

    pub(crate) fn ends(&mut self, tab: usize) {
        if let Some(trace) = self.tabs.as_mut().and_then(|tabs| tabs.get_mut(tab)) {
            trace.ended = true;
        }
    }
}

/// As `encode` in `tests/page/encode.ts` takes it.
fn encoded(batch: &Batch) -> Value {
    let events = || batch.events.iter();
    json!({
        "type": "batch",
        "epoch": &*batch.epoch,
        "first": batch.first,
        "via": batch.via.name(),
        "origin": &*batch.origin,
        "types": events().map(|event| &*event.event_type).collect::<Vec<_>>(),
        "ids": events().map(|event| &*event.id).collect::<Vec<_>>(),
        "data": events().map(|event| text(&event.data)).collect::<Vec<_>>(),
        "times": events().map(|_| 0).collect::<Vec<_>>(),
    })
}

fn text(data: &Data) -> String {
    match data {
        Data::Confirmed { mark, lost } => json!({
            "connection": mark,
            "recovered": lost.is_none(),
            "earliest": lost.map(|lost| format!("0-{lost}")),
        })
        .to_string(),
        data => format!("{data:?}"),
    }
}

fn said(does: &[Does]) -> Value {
    let each = |pick: fn(&Does) -> Option<Value>| does.iter().filter_map(pick).collect::<Vec<_>>();
    json!({
        "wants": each(|does| match does {
            Does::Want(from, to) => Some(json!({ "from": from, "to": to })),
            _ => None,
        }),
        "events": each(|does| match does {
            Does::Dispatch(id, data) => Some(json!([data.event_type(), &**id, text(data)])),
            _ => None,
        }),
        "gaps": each(|does| match does {
            Does::Gap { from, to } => Some(json!({ "fromId": &**from, "toId": &**to })),
            _ => None,
        }),
    })
}
