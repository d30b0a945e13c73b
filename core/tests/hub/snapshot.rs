//! What a tab is shown of the worker, and what it is not.

use crate::world::{World, hello, hello_as};
use serde_json::json;
use tabcast_core::messages::ToWorker;
use tabcast_core::{Failure, ReadyState, Reason, Snapshot, TabId, Timer, TransitionKind};

fn inspect(world: &mut World, tab: TabId) -> Snapshot {
    world.say(tab, ToWorker::Inspect { request: 9 });
    let (to, request, snapshot) = world.shown.pop().expect("something shown");
    assert_eq!((to, request), (tab, 9));
    snapshot
}

fn kinds(snapshot: &Snapshot) -> Vec<TransitionKind> {
    let transitions = snapshot.transitions.iter();
    transitions.map(|transition| transition.kind).collect()
}

#[test]
fn an_open_stream_shows_its_tabs_its_watchdog_and_what_it_counted() {
    let (mut world, tab, connection) = World::open(json!({}));
    let mut hidden = hello();
    hidden.visible = false;
    world.join(hidden);
    world.event(connection, "news", "e-1", "12345");
    world.secs(25);
    let snapshot = inspect(&mut world, tab);

    let [stream] = &snapshot.streams[..] else {
        panic!("one stream, not {:?}", snapshot.streams);
    };
    assert!(stream.own);
    assert_eq!(stream.url, "http://a.test/events");
    assert_eq!(stream.status.state, ReadyState::Open);
    assert_eq!(stream.status.last_event_id, "e-1");
    let [(Timer::Watchdog, bites)] = stream.timers[..] else {
        panic!("a watchdog alone, not {:?}", stream.timers);
    };
    assert_eq!(bites.since(snapshot.at).as_secs(), 50);
    assert_eq!((stream.counters.events, stream.counters.units), (2, 7));
    assert_eq!((stream.kept, stream.counters.attempts), (2, 1));

    let tabs = &snapshot.tabs;
    assert_eq!(tabs.len(), 2);
    assert_eq!((tabs[0].id, tabs[0].visible), (tab, true));
    assert_eq!(tabs[0].types, ["news".into()]);
    assert!(!tabs[1].visible);
}

#[test]
fn marks_are_not_shown_among_the_event_types() {
    let (mut world, tab, _) = World::open(json!({}));
    let mut asking = hello();
    asking.types = vec!["\nopen".to_owned(), "prices".to_owned()];
    world.join(asking);
    let snapshot = inspect(&mut world, tab);
    assert_eq!(snapshot.tabs[1].types, ["prices".into()]);
}

#[test]
fn the_transitions_tell_an_outage_from_its_cause_to_its_end() {
    let (mut world, tab, connection) = World::open(json!({"backoff": {"jitter": 0}}));
    world.secs(20);
    world.fail(connection, Failure::Network);
    world.secs(1);
    let next = world.connection();
    world.accept(next);
    world.event(next, "news", "e-1", "back");
    world.secs(3);
    let snapshot = inspect(&mut world, tab);

    let states: Vec<_> = snapshot
        .transitions
        .iter()
        .filter_map(|transition| {
            let state = transition.state?;
            let ago = snapshot.at.since(transition.at).as_secs();
            Some((ago, state, transition.reason))
        })
        .collect();
    assert_eq!(
        states[states.len() - 3..],
        [
            (4, ReadyState::Waiting, Some(Reason::Cut)),
            (3, ReadyState::Connecting, Some(Reason::Cut)),
            (3, ReadyState::Open, None),
        ]
    );
    let counters = &snapshot.streams[0].counters;
    assert_eq!(counters.reconnects, [(Reason::Cut, 1)]);
    assert_eq!((counters.recoveries, counters.recovery_time), (1, 1_000));
}

#[test]
fn polls_gaps_tokens_and_tabs_are_noted_and_no_more_than_200_of_all() {
    let (mut world, first) = World::with(json!({"poll": {"url": "http://a.test/poll"}}));
    let connection = world.connection();
    world.accept(connection);
    let second = world.join(hello());
    world.say(second, ToWorker::Visibility { visible: false });
    world.leave(second);
    world.secs(15);
    let noted = kinds(&inspect(&mut world, first));
    for kind in [
        TransitionKind::Connect,
        TransitionKind::TabJoined,
        TransitionKind::TabHidden,
        TransitionKind::TabLeft,
        TransitionKind::Poll,
    ] {
        assert!(noted.contains(&kind), "{kind:?} among {noted:?}");
    }
    for _ in 0..300 {
        let tab = world.join(hello());
        world.leave(tab);
    }
    let snapshot = inspect(&mut world, first);
    assert_eq!(snapshot.transitions.len(), 200);
    assert_eq!(snapshot.streams[0].counters.polls, 1);
}

#[test]
fn of_other_identities_only_state_and_figures_are_shown() {
    let mut world = World::new();
    let alice = world.join(hello());
    let mut bobs = hello_as("bob", json!({"headers": ["x-key", "header-secret"]}));
    bobs.url = "https://bob:pw@b.test/users/bob-path?access_token=query-secret".to_owned();
    bobs.token = Some("token-secret".to_owned());
    bobs.types = vec!["bob-type".to_owned()];
    let bob = world.join(bobs);
    let connection = world.connection();
    world.accept(connection);
    world.event(connection, "bob-type", "bob-id", "bob-data");

    let shown = format!("{:?}", inspect(&mut world, alice));
    for secret in ["bob-", "secret", "pw@"] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
    assert!(shown.contains("https://b.test\""), "{shown}");

    // To himself his path, types and place are shown, and still none of the secrets.
    let own = format!("{:?}", inspect(&mut world, bob));
    for shown in ["/users/bob-path\"", "bob-type", "bob-id"] {
        assert!(own.contains(shown), "{shown} in {own}");
    }
    for secret in ["secret", "pw@", "bob-data"] {
        assert!(!own.contains(secret), "{secret} in {own}");
    }
}
