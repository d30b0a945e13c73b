//! Whatever is sent, and wherever a client is cut: each event comes once, and from
//! then on the client can ask for what came after it.

use std::{
    collections::HashSet,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Wake},
    time::Duration,
};

use clap::Parser as _;
use futures::{Stream, StreamExt as _};
use proptest::prelude::*;
use tokio::time::timeout;

use super::{Frame, Greeting, Kind, open, session::Session};
use crate::{
    AppState, Config,
    audience::{Audience, EVERYONE},
    auth::Valid,
    clock::Millis,
    conn::Asked,
    event::Priority,
    hub::Hub,
    ids::UserId,
    messages::pending,
    store::{chats, log::NewEvent, users::Role},
};

const USER: UserId = UserId(3);

#[derive(Clone, Copy, Debug)]
enum Step {
    /// The client asks for what is pending, reads so many events of its stream,
    /// and takes in what the poll brought.
    Poll(usize),
    /// With this priority, to one of the ways to reach the user.
    Send(u8, u8),
    /// The client reads so many events, if there are as many.
    Read(usize),
    /// The connection breaks: what was written but not read is lost.
    Cut,
    /// The server no longer has the newest events at hand, only in the database.
    Forget,
}

fn steps(polls: u32) -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => (0..3_u8, 0..3_u8).prop_map(|(priority, to)| Step::Send(priority, to)),
        3 => (1..8_usize).prop_map(Step::Read),
        2 => Just(Step::Cut),
        1 => Just(Step::Forget),
        polls => (0..6_usize).prop_map(Step::Poll),
    ];
    prop::collection::vec(step, 1..150)
}

struct Client {
    state: AppState,
    frames: Pin<Box<dyn Stream<Item = Vec<Frame>>>>,
    written: Vec<Frame>,
    last_event_id: Option<String>,
    /// Whether a poll has moved the cursor since the stream was opened: then what
    /// its greeting says is from behind.
    polled: bool,
    /// The names of events.
    seen: HashSet<String>,
    got: Vec<String>,
    repeats: usize,
    sent: usize,
}

impl Client {
    async fn open(
        state: &AppState,
        last_event_id: Option<String>,
    ) -> Pin<Box<dyn Stream<Item = Vec<Frame>>>> {
        let identity = Valid {
            user: USER,
            role: Role::User,
            expires: Millis(i64::MAX / 2),
        };
        let asked = Asked {
            last_event_id,
            ..Asked::default()
        };
        let registered = open::register(state, identity, asked, None)
            .await
            .expect("it registers");
        assert!(registered.missing.is_none());
        let greeting = Greeting::ConnectionConfirmed;
        let session = Session::new(state.clone(), registered, identity.expires, greeting);
        Box::pin(session)
    }

    async fn new() -> Self {
        let config = Config::parse_from(["", "--in-memory"]);
        let state = AppState::open(config).await.expect("it opens");
        let mut client = Self {
            frames: Self::open(&state, None).await,
            state,
            written: Vec::new(),
            last_event_id: None,
            polled: false,
            seen: HashSet::new(),
            got: Vec::new(),
            repeats: 0,
            sent: 0,
        };
        client.read_frame().await;
        client
    }

    async fn send(&mut self, priority: u8, to: u8) {
        let audience = match to {
            0 => Audience::User(USER),
            1 => Audience::Group(EVERYONE.into()),
            _ => Audience::Group(chats::audience(crate::ids::ChatId(1))),
        };
        let new = NewEvent {
            audience,
            event_type: "e".into(),
            priority: Priority::try_from(priority).expect("a priority"),
            data: self.sent.to_string(),
            expire_at: None,
        };
        let store = &self.state.store;
        store.write(|write| write.append(new)).await.expect("sent");
        self.sent += 1;
    }

    async fn read_frame(&mut self) {
        while self.written.is_empty() {
            let next = timeout(Duration::from_secs(20), self.frames.next()).await;
            self.written = next.expect("an event is lost").expect("it goes on");
        }
        let frame = self.written.remove(0);
        let text = std::str::from_utf8(&frame.bytes).expect("text");
        let field = |name| text.lines().find_map(|line| line.strip_prefix(name));
        let Some(id) = field("id: ") else { return };
        if frame.kind == Kind::Event {
            self.take_in(id, field("data: ").expect("data"));
        } else if !self.polled {
            self.last_event_id = Some(id.to_owned());
        }
    }

    fn take_in(&mut self, id: &str, data: &str) {
        let name = id.split("~sent=").next().unwrap_or(id);
        if self.seen.insert(name.to_owned()) {
            self.last_event_id = Some(id.to_owned());
            self.got.push(data.to_owned());
        } else {
            self.repeats += 1;
        }
    }

    async fn poll(&mut self, meanwhile: usize) {
        let asked = self.last_event_id.clone();
        let page = pending::page(&self.state, USER, asked, 100).await;
        self.read(meanwhile).await;
        let page = page.expect("it answers");
        for event in page.data {
            self.take_in(&event.event_id, event.data.get());
        }
        self.polled = true;
    }

    async fn read(&mut self, count: usize) {
        let until = self.sent.min(self.got.len() + count);
        while self.got.len() < until {
            self.read_frame().await;
        }
    }

    async fn cut(&mut self) {
        self.written.clear();
        self.polled = false;
        self.frames = Self::open(&self.state, self.last_event_id.clone()).await;
    }
}

/// Says how many repeats the client had to drop.
fn run(steps: Vec<Step>) -> Result<usize, TestCaseError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(async {
        let mut client = Client::new().await;
        for step in steps {
            match step {
                Step::Send(priority, to) => client.send(priority, to).await,
                Step::Read(count) => client.read(count).await,
                Step::Cut => client.cut().await,
                Step::Forget => client.state.hub.forget_recent(),
                Step::Poll(meanwhile) => client.poll(meanwhile).await,
            }
        }
        client.read(usize::MAX - client.got.len()).await;
        // Nothing more comes, neither now nor after another cut.
        client.cut().await;
        client.send(0, 0).await;
        client.read(1).await;
        let mut got: Vec<usize> = client.got.iter().filter_map(|n| n.parse().ok()).collect();
        prop_assert_eq!(got.last().copied(), Some(client.sent - 1));
        got.sort_unstable();
        prop_assert_eq!(got, (0..client.sent).collect::<Vec<_>>());
        client.state.close().await;
        Ok(client.repeats)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn each_event_comes_once_over_any_cuts(steps in steps(0)) {
        prop_assert_eq!(run(steps)?, 0);
    }

    /// What comes both ways has the same name in both, so that one of them can be dropped.
    #[test]
    fn each_event_is_new_once_where_a_client_polls_beside_its_stream(steps in steps(3)) {
        run(steps)?;
    }
}

/// Looks, when a stream is woken, how far those get who ask at that moment.
struct Witness {
    hub: Arc<Hub>,
    committed: AtomicU64,
}

impl Wake for Witness {
    fn wake(self: Arc<Self>) {
        let committed = self.hub.committed();
        self.committed.store(committed, Ordering::Release);
    }
}

/// Else a client that has read an event and asks at once is told that it is of another log, or
/// that nothing is unread.
#[tokio::test]
async fn an_event_can_be_asked_for_before_a_stream_may_write_it() {
    let mut client = Client::new().await;
    let witness = Arc::new(Witness {
        hub: client.state.hub.clone(),
        committed: AtomicU64::new(0),
    });
    let waker = witness.clone().into();
    while client
        .frames
        .poll_next_unpin(&mut Context::from_waker(&waker))
        .is_ready()
    {}
    client.send(0, 0).await;
    assert_eq!(
        witness.committed.load(Ordering::Acquire),
        client.state.hub.committed()
    );
    client.state.close().await;
}
