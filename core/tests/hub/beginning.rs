//! A tab that joins late can have the latest events, and the last one of some types.

use crate::world::{World, hello};
use serde_json::json;
use tabcast_core::messages::{Hello, ToWorker};
use tabcast_core::{ConnectionId, TabId, Via};

/// A stream whose first tab wants the last presence, and what it has given.
fn given(events: &[(&str, &str)]) -> (World, ConnectionId) {
    let (mut world, tab, connection) = World::open(json!({}));
    let types = vec!["news".to_owned(), "presence".to_owned()];
    world.say(tab, ToWorker::Listen { types });
    for (kind, id) in events {
        world.event(connection, kind, id, id);
    }
    (world, connection)
}

fn late(replay: u32, sticky: &[&str]) -> Hello {
    Hello {
        replay,
        sticky: sticky.iter().map(|name| (*name).to_owned()).collect(),
        ..hello()
    }
}

/// The data of the last events that a tab got ahead of its welcome.
fn last_events(world: &World, tab: TabId) -> Vec<&str> {
    let batches = world.replays.iter().filter(|(to, _)| *to == tab);
    let batches = batches.map(|(_, batch)| batch);
    let apart = batches.inspect(|batch| assert_eq!((batch.first, batch.via), (0, Via::Replay)));
    let events = apart.flat_map(|batch| &batch.events);
    events.map(|event| event.data.as_str()).collect()
}

const MIXED: [(&str, &str); 4] = [
    ("news", "1"),
    ("presence", "2"),
    ("news", "3"),
    ("presence", "4"),
];

#[test]
fn the_latest_of_what_it_listens_for_are_its_to_see() {
    let (mut world, _) = given(&MIXED);
    // The greeting has number 1, the event "1" number 2.
    for (replay, next) in [(0, 6), (1, 4), (2, 2), (9, 2)] {
        let tab = world.join(late(replay, &[]));
        assert_eq!(world.welcome(tab).1, next, "the last {replay}");
    }
    let all = Hello {
        types: vec!["*".to_owned()],
        ..late(2, &[])
    };
    let tab = world.join(all);
    assert_eq!(world.welcome(tab).1, 4);
}

#[test]
fn the_last_of_each_type_comes_ahead_of_the_welcome() {
    let (mut world, connection) = given(&MIXED);
    let first = world.join(late(0, &["presence", "none"]));
    assert_eq!(last_events(&world, first), ["4"]);
    world.event(connection, "presence", "5", "5");
    let second = world.join(late(0, &["presence"]));
    assert_eq!(last_events(&world, second), ["5"]);
}

#[test]
fn it_is_kept_when_the_log_no_longer_has_it() {
    let (mut world, connection) = given(&MIXED);
    world.join(late(0, &["presence"]));
    for id in 0..1_100 {
        world.event(connection, "news", &format!("n{id}"), "x");
    }
    let tab = world.join(late(0, &["presence"]));
    assert_eq!(last_events(&world, tab), ["4"]);
}

#[test]
fn what_the_replay_brings_is_not_given_twice() {
    let (mut world, _) = given(&MIXED);
    let tab = world.join(late(1, &["news", "presence"]));
    // The 3 comes as replay, and the 4 behind it.
    assert_eq!(world.welcome(tab).1, 4);
    assert!(last_events(&world, tab).is_empty());
}

#[test]
fn a_tab_that_comes_back_has_them_already() {
    let (mut world, _) = given(&MIXED);
    let returning = Hello {
        resume: crate::world::resume("of a worker that died", 3, "1"),
        ..late(5, &["presence"])
    };
    let tab = world.join(returning);
    assert_eq!(world.welcome(tab).1, 3);
    assert!(last_events(&world, tab).is_empty());
}

#[test]
fn one_that_is_too_large_is_not_kept_nor_the_one_before() {
    let (mut world, connection) = given(&MIXED);
    world.join(late(0, &["presence"]));
    world.event(connection, "presence", "5", &"x".repeat((64 << 10) + 1));
    let tab = world.join(late(0, &["presence"]));
    assert!(last_events(&world, tab).is_empty());
}

#[test]
fn no_more_than_256_types_are_kept() {
    let (mut world, _) = given(&MIXED);
    for round in 0..3 {
        let names: Vec<String> = (0..100).map(|name| format!("{round}-{name}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        world.join(late(0, &names));
    }
    let tab = world.join(late(0, &["presence"]));
    assert!(last_events(&world, tab).is_empty());
}
