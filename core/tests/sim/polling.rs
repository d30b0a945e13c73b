//! Polls: the list of pending events on its way to the worker.

use crate::network::Answer;
use crate::server::{Data, Frame};
use crate::worker::Worker;
use crate::world::{Happening, PollAnswer, World};
use tabcast_core::{ConnectionId, Input};

impl World {
    pub(crate) fn poll_reaches(&mut self, worker: u64, id: ConnectionId) {
        let Some(own) = self.worker.as_ref().filter(|own| own.incarnation == worker) else {
            return;
        };
        let Some((_, _, request)) = own.polls.iter().find(|(of, ..)| *of == id) else {
            return;
        };
        let polls = if self.online {
            self.network.polls
        } else {
            Answer::Refused
        };
        if polls == Answer::Hangs {
            return;
        }
        let answer = match self.answer(polls, request.token.as_deref()) {
            Err(failure) => PollAnswer {
                frames: Vec::new(),
                result: Err(failure),
                lost: None,
            },
            Ok(user) => {
                let (frames, more, lost) = self.server.pending(user, &request.last_event_id);
                PollAnswer {
                    frames,
                    result: Ok(more),
                    lost,
                }
            }
        };
        let delay = self.latency();
        self.after(delay, Happening::PollAnswers(worker, id, answer));
    }

    /// The shell reads a poll's answer. What was aborted is dropped by the hub.
    pub(crate) fn poll_answers(&mut self, worker: u64, poll: ConnectionId, answer: PollAnswer) {
        if self
            .worker
            .as_ref()
            .is_none_or(|own| own.incarnation != worker)
        {
            return;
        }
        self.note(|| format!("{poll:?} answers {answer:?}"));
        if let Some(lost) = answer.lost {
            // An answer that says `recovered: false` is handed on as a stream would tell it.
            let data = Data::Confirmed {
                mark: 0,
                lost: Some(lost),
            };
            self.poll_event(poll, "", data, 10);
        }
        for frame in answer.frames {
            if let Frame::Event {
                id: Some(id),
                data,
                size,
            } = frame
            {
                self.poll_event(poll, &id, data, size);
            }
        }
        if let Some(own) = &mut self.worker {
            own.polls.retain(|(of, ..)| *of != poll);
        }
        let result = answer.result;
        self.input(Input::PollEnded { poll, result });
    }

    fn poll_event(&mut self, poll: ConnectionId, id: &str, data: Data, size: usize) {
        let event = Worker::event(&id.into(), data, size);
        let origin = "http://a.test".into();
        self.input(Input::PollEvent {
            poll,
            event,
            origin,
        });
    }
}
