//! Polls: the list of pending events on its way to the worker.

use crate::network::Answer;
use crate::server::{Data, Frame, Pending, Position};
use crate::worker::Worker;
use crate::world::{Happening, World};
use tabcast_core::{ConnectionId, Failure, Input};

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
        let answer = self
            .answer(polls, request.token.as_deref())
            .map(|user| self.server.pending(user, &request.last_event_id));
        let delay = self.latency();
        self.after(delay, Happening::PollAnswers(worker, id, answer));
    }

    /// The shell reads a poll's answer. What was aborted is dropped by the hub.
    pub(crate) fn poll_answers(
        &mut self,
        worker: u64,
        poll: ConnectionId,
        answer: Result<Pending, Failure>,
    ) {
        if self
            .worker
            .as_ref()
            .is_none_or(|own| own.incarnation != worker)
        {
            return;
        }
        self.note(|| format!("{poll:?} answers {answer:?}"));
        let result = answer
            .as_ref()
            .map(|pending| pending.more)
            .map_err(|failure| *failure);
        let pending = answer.unwrap_or_default();
        if let Some(lost) = pending.lost {
            self.poll_gap(poll, lost);
        }
        for frame in pending.frames {
            if let Frame::Event {
                id: Some(id),
                data,
                size,
            } = frame
            {
                let event = Worker::event(&id, data, size);
                let origin = "http://a.test".into();
                self.input(Input::PollEvent {
                    poll,
                    event,
                    origin,
                });
            }
        }
        if let Some(last_event_id) = pending.stands {
            self.input(Input::PollPosition {
                poll,
                last_event_id,
            });
        }
        if let Some(own) = &mut self.worker {
            own.polls.retain(|(of, ..)| *of != poll);
        }
        self.input(Input::PollEnded { poll, result });
    }

    /// As the shell hands in that the server's log no longer reaches back: as a stream tells it.
    fn poll_gap(&mut self, poll: ConnectionId, lost: Position) {
        let data = Data::Confirmed {
            mark: 0,
            lost: Some(lost),
        };
        let event = Worker::event(&"".into(), data, 10);
        let origin = "http://a.test".into();
        self.input(Input::PollEvent {
            poll,
            event,
            origin,
        });
    }
}
