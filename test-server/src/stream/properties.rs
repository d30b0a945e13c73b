//! Whatever is sent, and wherever a client is cut: each event comes once.

use std::{pin::Pin, sync::Arc, time::Duration};

use clap::Parser as _;
use futures::{Stream, StreamExt as _};
use proptest::prelude::*;
use tokio::time::timeout;

use super::{Frame, Greeting, Kind, open, session};
use crate::{
    AppState, Config,
    auth::Valid,
    clock::Millis,
    conn::Asked,
    event::Priority,
    hub::{Audience, EVERYONE},
    ids::UserId,
    store::{chats, log::NewEvent, users::Role},
};

const USER: UserId = UserId(3);

#[derive(Clone, Copy, Debug)]
enum Step {
    /// With this priority, to one of the ways to reach the user.
    Send(u8, u8),
    /// The client reads so many events, if there are as many.
    Read(usize),
    /// The connection breaks: what was written but not read is lost.
    Cut,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..3_u8, 0..3_u8).prop_map(|(priority, to)| Step::Send(priority, to)),
        3 => (1..8_usize).prop_map(Step::Read),
        2 => Just(Step::Cut),
    ]
}

struct Client {
    state: AppState,
    frames: Pin<Box<dyn Stream<Item = Vec<Frame>>>>,
    written: Vec<Frame>,
    last_event_id: Option<String>,
    got: Vec<String>,
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
        let registered = open::register(state, identity, asked, Arc::default())
            .await
            .expect("it registers");
        assert!(registered.missing.is_none());
        let greeting = Greeting::ConnectionConfirmed;
        let session = session::Session::new(state.clone(), registered, identity.expires, greeting);
        Box::pin(session::frames(session))
    }

    async fn new() -> Self {
        let config = Config::parse_from(["", "--in-memory"]);
        let state = AppState::open(config).await.expect("it opens");
        let mut client = Self {
            frames: Self::open(&state, None).await,
            state,
            written: Vec::new(),
            last_event_id: None,
            got: Vec::new(),
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
            let next = timeout(Duration::from_secs(5), self.frames.next()).await;
            self.written = next.expect("an event is lost").expect("it goes on");
        }
        let frame = self.written.remove(0);
        let text = std::str::from_utf8(&frame.bytes).expect("text");
        let field = |name| text.lines().find_map(|line| line.strip_prefix(name));
        if let Some(id) = field("id: ") {
            self.last_event_id = Some(id.to_owned());
        }
        if frame.kind == Kind::Event {
            self.got.push(field("data: ").expect("data").to_owned());
        }
    }

    async fn read(&mut self, count: usize) {
        let until = self.sent.min(self.got.len() + count);
        while self.got.len() < until {
            self.read_frame().await;
        }
    }

    async fn cut(&mut self) {
        self.written.clear();
        self.frames = Self::open(&self.state, self.last_event_id.clone()).await;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn each_event_comes_once_over_any_cuts(steps in prop::collection::vec(step(), 1..150)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime").block_on(async {
            let mut client = Client::new().await;
            for step in steps {
                match step {
                    Step::Send(priority, to) => client.send(priority, to).await,
                    Step::Read(count) => client.read(count).await,
                    Step::Cut => client.cut().await,
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
            client.state.store.close().await;
            Ok(())
        })?;
    }
}
