//! What happens in one run: a plan that follows from a seed. Its steps are parametrised so that
//! any of them can be left out.

use crate::clock::Millis;
use crate::network::Answer;
use crate::proxy::Buffering;
use crate::random::Random;
use crate::server::{Heartbeat, Style, User};
use std::time::Duration;
use tabcast_core::{Options, Poll, Transport};

#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) seed: u64,
    pub(crate) style: Style,
    pub(crate) heartbeat: Heartbeat,
    pub(crate) options: Options,
    /// What comes over the channel while a tab is frozen is lost, not kept for it.
    pub(crate) frozen_tabs_lose: bool,
    pub(crate) steps: Vec<Step>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Step {
    Wait(Millis),
    Log {
        user: User,
        count: u32,
        size: usize,
    },
    LogOther(User),
    SendBare(User),
    SendTwice(User),
    SendRetry(User, Millis),
    Trim(User, u32),
    LoseLog(User),
    Supersede(User),
    ExpireTokens,
    Streams(Answer),
    Polls(Answer),
    Buffer(Buffering),
    Latency(Millis, Millis),
    /// Every stream ends: with what is on its way, or without.
    Cut {
        in_flight_too: bool,
        ended: bool,
    },
    /// No stream passes anything any more, and neither side is told.
    Stall,
    Offline,
    Online,
    Sleep {
        millis: Millis,
        streams_die: bool,
        shell_notices: bool,
    },
    KillWorker,
    Join {
        user: User,
        provides_token: bool,
    },
    Leave(usize),
    Crash(usize),
    Freeze(usize),
    Thaw(usize),
    Hide(usize),
    Show(usize),
    IntoCache(usize),
    OutOfCache(usize),
    Reload(usize, Millis),
    Reconnect(usize),
    RefreshToken(usize),
    ListenForPings(usize),
    /// All is well again, and must be so for everyone within the bound.
    Calm,
}

impl Step {
    /// The name that the table of faults has it under; none for what is no fault.
    pub(crate) fn fault(&self) -> Option<&'static str> {
        Some(match self {
            Self::SendTwice(_) => "event sent twice",
            Self::Trim(..) => "log trimmed",
            Self::LoseLog(_) => "log lost",
            Self::Supersede(_) => "superseded",
            Self::ExpireTokens => "tokens expired",
            Self::Streams(Answer::Refused) | Self::Polls(Answer::Refused) => "refused",
            Self::Streams(Answer::Hangs) | Self::Polls(Answer::Hangs) => "hanging request",
            Self::Streams(Answer::Status(..)) | Self::Polls(Answer::Status(..)) => "error status",
            Self::Streams(Answer::WrongContentType) | Self::Polls(Answer::WrongContentType) => {
                "wrong content type"
            }
            Self::Buffer(Buffering::Body(_)) => "body buffered",
            Self::Buffer(Buffering::All) => "all buffered",
            Self::Latency(_, 500..) => "slow network",
            Self::Cut { .. } => "cut",
            Self::Stall => "dead connection",
            Self::Offline => "offline",
            Self::Sleep { .. } => "machine slept",
            Self::KillWorker => "worker restarted",
            Self::Crash(_) => "tab crashed",
            Self::Freeze(_) => "tab frozen",
            Self::IntoCache(_) => "back/forward cache",
            Self::Reload(..) => "reload",
            _ => return None,
        })
    }
}

const OFTEN: u64 = 3;

impl Plan {
    pub(crate) fn of(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let style = random.pick(&[
            Style::Marked,
            Style::Marked,
            Style::Plain { overlap: false },
            Style::Plain { overlap: true },
        ]);
        let heartbeat = random.pick(&[
            Heartbeat::Ping,
            Heartbeat::Ping,
            Heartbeat::Comment,
            Heartbeat::IdOnly,
        ]);
        let options = options(&mut random);
        let frozen_tabs_lose = random.one_in(2);
        let mut steps = vec![Step::Join {
            user: 0,
            provides_token: random.one_in(2),
        }];
        let quiet_start = random.one_in(2);
        if quiet_start {
            steps.push(Step::Wait(300));
        }
        let length = random.within(4, 24);
        for _ in 0..length {
            let step = any_step(&mut random);
            steps.push(step);
            if random.one_in(2) {
                steps.push(Step::Wait(wait(&mut random)));
            }
        }
        steps.push(Step::Calm);
        Self {
            seed,
            style,
            heartbeat,
            options,
            frozen_tabs_lose,
            steps,
        }
    }
}

fn options(random: &mut Random) -> Options {
    let poll = Poll {
        url: "http://a.test/pending".to_owned(),
        interval: Duration::from_secs(5),
    };
    Options {
        transport: random.pick(&[Transport::EventSource, Transport::Fetch]),
        poll: random.one_in(2).then_some(poll),
        pause_when_hidden: random.one_in(4).then_some(Duration::from_secs(20)),
        ..Options::default()
    }
}

fn wait(random: &mut Random) -> Millis {
    match random.within(0, 7) {
        0..=1 => random.within(0, 5),
        2..=4 => random.within(5, 300),
        5..=6 => random.within(300, 9_000),
        _ => random.within(9_000, 100_000),
    }
}

fn any_step(random: &mut Random) -> Step {
    let user = usize::from(random.one_in(6));
    let tab = random.within(0, 4) as usize;
    if random.one_in(OFTEN) {
        return Step::Log {
            user,
            count: random.within(1, 4) as u32,
            // Now and then so large that the relay log soon overflows.
            size: random.pick(&[10, 10, 10, 10, 2 << 20]),
        };
    }
    let answers = [
        Answer::Served,
        Answer::Refused,
        Answer::Hangs,
        Answer::Status(503, 0),
        Answer::Status(429, 40),
        Answer::Status(401, 0),
        Answer::Status(404, 0),
        Answer::Status(204, 0),
        Answer::WrongContentType,
    ];
    match random.within(0, 37) {
        0..=2 => Step::Join {
            user,
            provides_token: random.one_in(2),
        },
        3 => Step::Leave(tab),
        4 => Step::Crash(tab),
        5..=6 => Step::Freeze(tab),
        7..=8 => Step::Thaw(tab),
        9 => Step::Hide(tab),
        10 => Step::Show(tab),
        11 => Step::IntoCache(tab),
        12 => Step::OutOfCache(tab),
        13..=14 => Step::Reload(tab, random.pick(&[0, 30, 400, 5_000, 90_000])),
        15..=16 => Step::KillWorker,
        17 => Step::Offline,
        18 => Step::Online,
        19 => Step::Sleep {
            millis: random.pick(&[2_000, 20_000, 3_600_000]),
            streams_die: random.one_in(2),
            shell_notices: random.one_in(2),
        },
        20..=21 => Step::Cut {
            in_flight_too: random.one_in(2),
            ended: random.one_in(2),
        },
        22 => Step::Stall,
        23..=24 => Step::Buffer(random.pick(&[
            Buffering::Off,
            Buffering::Body(4),
            Buffering::Body(usize::MAX),
            Buffering::All,
        ])),
        25 => Step::Streams(random.pick(&answers)),
        26 => Step::Polls(random.pick(&answers)),
        27 => Step::Streams(Answer::Served),
        28 => Step::Trim(user, random.within(0, 2) as u32),
        29 => random.pick(&[Step::LoseLog(user), Step::Trim(user, 1)]),
        30 => Step::ExpireTokens,
        31 => Step::SendTwice(user),
        32 => random.pick(&[Step::SendBare(user), Step::LogOther(user)]),
        33 => Step::SendRetry(user, random.pick(&[0, 3_000, 10_000])),
        34 => random.pick(&[Step::Reconnect(tab), Step::RefreshToken(tab)]),
        35 => random.pick(&[Step::ListenForPings(tab), Step::Supersede(user)]),
        36 => random.pick(&[
            Step::Latency(1, 20),
            Step::Latency(1, 1),
            Step::Latency(200, 3_000),
        ]),
        _ => Step::Calm,
    }
}
