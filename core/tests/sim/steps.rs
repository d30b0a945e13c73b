//! Each step of a plan, done.

use crate::network::{Answer, Number};
use crate::proxy::Buffering;
use crate::schedule::Step;
use crate::server::{Data, Frame, USERS, User};
use crate::tab::{Life, Tab};
use crate::world::{Happening, World};
use tabcast_core::messages::ToWorker;
use tabcast_core::{Failure, Input};

const MAX_TABS: usize = 5;
/// A place left behind by a reload is good for so long.
const RELOAD_MAX: u64 = 60_000;

impl World {
    pub(crate) fn step(&mut self, step: Step) {
        self.note(|| format!("--- {step:?}"));
        self.report.fault(&step);
        match step {
            Step::Wait(millis) => self.advance(millis),
            Step::Log { user, count, size } => (0..count).for_each(|_| self.log_news(user, size)),
            Step::LogOther(user) => {
                let position = self.server.logs[user].append(false, 10);
                let frame = self.server.logged(user, position);
                self.write_to(user, &frame);
            }
            Step::SendBare(user) => {
                let frame = self.server.bare();
                self.write_to(user, &frame);
            }
            Step::SendTwice(user) => self.send_twice(user),
            Step::SendRetry(user, millis) => self.write_to(user, &Frame::Retry(millis)),
            Step::Trim(user, keep) => self.server.logs[user].trim(keep),
            Step::LoseLog(user) => {
                self.server.logs[user].lose();
                self.end_streams(|world, number| world.cut(number, false, Failure::Network));
            }
            Step::Supersede(user) => {
                let frame = Frame::Event {
                    id: None,
                    data: Data::Superseded,
                    size: 5,
                };
                self.write_to(user, &frame);
            }
            Step::ExpireTokens => {
                self.server.newest_token += 1;
                self.server.oldest_token = self.server.newest_token;
                self.end_streams(|world, number| world.cut(number, false, Failure::Ended));
            }
            Step::Streams(answer) => self.network.streams = answer,
            Step::Polls(answer) => self.network.polls = answer,
            Step::Buffer(buffering) => self.network.buffering = buffering,
            Step::Latency(low, high) => self.network.latency = (low, high),
            Step::Cut {
                in_flight_too,
                ended,
            } => {
                let failure = if ended {
                    Failure::Ended
                } else {
                    Failure::Network
                };
                self.end_streams(|world, number| world.cut(number, in_flight_too, failure));
            }
            Step::Stall => {
                for connection in &mut self.network.connections {
                    connection.dead = true;
                }
            }
            Step::Offline => self.go(false),
            Step::Online => self.go(true),
            Step::Sleep {
                millis,
                streams_die,
                shell_notices,
            } => {
                self.clock.go_on_to(self.clock.now + millis);
                // Nobody can be told anything before the machine is awake.
                self.changed_at = [self.clock.now; USERS];
                if streams_die {
                    self.step(Step::Stall);
                }
                if shell_notices {
                    self.input(Input::Woke);
                }
            }
            Step::KillWorker => self.kill_worker(),
            Step::Join {
                user,
                provides_token,
            } => {
                if self
                    .tabs
                    .iter()
                    .filter(|tab| tab.life != Life::Gone)
                    .count()
                    < MAX_TABS
                {
                    let mut tab = Tab::new(user, self.server.newest_token);
                    tab.provides_token = provides_token;
                    self.join(tab);
                }
            }
            Step::Calm => self.calm(),
            Step::Leave(tab)
            | Step::Crash(tab)
            | Step::Freeze(tab)
            | Step::Thaw(tab)
            | Step::Hide(tab)
            | Step::Show(tab)
            | Step::IntoCache(tab)
            | Step::OutOfCache(tab)
            | Step::Reload(tab, _)
            | Step::Reconnect(tab)
            | Step::RefreshToken(tab)
            | Step::ListenForPings(tab) => self.tab_step(tab, step),
        }
        self.obey();
        self.check_always();
    }

    fn tab_step(&mut self, wanted: usize, step: Step) {
        let present = self
            .tabs
            .iter()
            .enumerate()
            .filter(|(_, tab)| tab.life != Life::Gone);
        let present: Vec<usize> = present.map(|(index, _)| index).collect();
        let Some(&index) = present.get(wanted % present.len().max(1)) else {
            return;
        };
        let life = self.tabs[index].life;
        let running = life == Life::Running;
        match step {
            Step::Leave(_) if running => {
                self.unlink(index);
                self.tabs[index].life = Life::Gone;
            }
            Step::Crash(_) => {
                self.lose_link(index);
                self.tabs[index].life = Life::Gone;
            }
            Step::Freeze(_) if running => self.tabs[index].life = Life::Frozen,
            Step::Thaw(_) => self.thaw(index),
            Step::Hide(_) if running => self.show(index, false),
            Step::Show(_) if running => self.show(index, true),
            Step::IntoCache(_) if running && !self.tabs[index].failed => {
                self.unlink(index);
                self.recorder.away(index);
                self.tabs[index].life = Life::Away;
            }
            Step::OutOfCache(_) => self.loaded(index),
            Step::Reload(_, millis) if running => {
                self.unlink(index);
                self.recorder.ends(index);
                let tab = &mut self.tabs[index];
                tab.life = Life::Away;
                tab.reload();
                if millis > RELOAD_MAX {
                    // Too old: it is another life.
                    let provides_token = tab.provides_token;
                    *tab = Tab::new(tab.user, tab.token);
                    tab.life = Life::Away;
                    tab.provides_token = provides_token;
                }
                self.after(millis, Happening::Loaded(index));
            }
            Step::Reconnect(_) if running => self.say(index, ToWorker::Reconnect),
            Step::RefreshToken(_) if running => self.say(index, ToWorker::RefreshToken),
            Step::ListenForPings(_) if running => {
                self.tabs[index].wants_pings = true;
                let types = vec!["news".to_owned(), "ping".to_owned()];
                self.say(index, ToWorker::Listen { types });
            }
            _ => {}
        }
    }

    pub(crate) fn log_news(&mut self, user: User, size: usize) {
        let position = self.server.logs[user].append(true, size);
        self.report.logged += 1;
        let frame = self.server.logged(user, position);
        self.write_to(user, &frame);
    }

    fn send_twice(&mut self, user: User) {
        for number in self.served(|connection| connection.user == user) {
            let again = self
                .network
                .get(number)
                .and_then(|own| own.last_written.clone());
            // Only what has an id can be known again.
            if let Some(frame @ Frame::Event { id: Some(_), .. }) = again {
                self.write(number, vec![frame]);
            }
        }
    }

    fn end_streams(&mut self, end: impl Fn(&mut Self, Number)) {
        for number in self.served(|_| true) {
            end(self, number);
        }
    }

    fn cut(&mut self, number: Number, in_flight_too: bool, failure: Failure) {
        let at = self.clock.now + self.latency();
        let Some(connection) = self.network.get(number) else {
            return;
        };
        connection.served = false;
        if connection.dead {
            return;
        }
        // An `EventSource` does not tell how it ended: it would connect again.
        let native = connection.request.options.transport == tabcast_core::Transport::EventSource;
        let failure = if native { Failure::Network } else { failure };
        let at = if in_flight_too {
            self.clock.now
        } else {
            connection.arrival(at)
        };
        self.clock.at(at, Happening::Ends(number, failure));
    }

    fn go(&mut self, online: bool) {
        self.online = online;
        if !online {
            self.step(Step::Stall);
        }
        for index in 0..self.tabs.len() {
            if self.tabs[index].life == Life::Running {
                self.say(index, ToWorker::Network { online });
            }
        }
        // The browser does not lose and find a network faster than its tabs can tell.
        self.advance(13);
    }

    pub(crate) fn show(&mut self, index: usize, visible: bool) {
        if self.tabs[index].visible == visible {
            return;
        }
        self.tabs[index].visible = visible;
        self.say(index, ToWorker::Visibility { visible });
        if visible {
            self.say(index, ToWorker::Sync);
        }
    }

    /// Everything that was broken on purpose works again.
    pub(crate) fn heal(&mut self) {
        self.network.streams = Answer::Served;
        self.network.polls = Answer::Served;
        self.network.buffering = Buffering::Off;
        self.network.latency = (1, 20);
        self.server.oldest_token = 0;
        for index in 0..self.tabs.len() {
            match self.tabs[index].life {
                Life::Frozen => self.thaw(index),
                Life::Away => self.loaded(index),
                Life::Running | Life::Gone => {}
            }
        }
        self.go_online_if_needed();
        for index in 0..self.tabs.len() {
            if self.tabs[index].life == Life::Running {
                self.show(index, true);
            }
        }
    }

    fn go_online_if_needed(&mut self) {
        if !self.online {
            self.go(true);
        }
    }
}
