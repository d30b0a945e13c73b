//! Nothing is lost over a new connection, a returning tab or a new worker.

use crate::world::{World, hello, resume};
use serde_json::json;
use std::time::Duration;
use tabcast_core::{Failure, ReadyState};

#[test]
fn a_new_connection_resumes_from_the_last_event_id_and_drops_what_overlaps() {
    let (mut world, _, first) = World::open(json!({}));
    assert_eq!(&*world.opened[0].1.last_event_id, "");
    world.event(first, "news", "1", "one");
    world.event(first, "news", "2", "two");
    world.fail(first, Failure::Network);
    assert_eq!(world.state(), ReadyState::Waiting);
    world.secs(1);
    let second = world.connection();
    assert_ne!(second, first);
    assert_eq!(&*world.opened[1].1.last_event_id, "2");
    world.accept(second);
    world.event(second, "news", "2", "two");
    world.event(second, "news", "3", "three");
    assert_eq!(world.relayed(), ["hi", "one", "two", "three"]);
}

#[test]
fn the_first_connection_starts_from_the_option_or_from_the_tabs_own_cursor() {
    let (world, _) = World::with(json!({"lastEventId": "5"}));
    assert_eq!(&*world.opened[0].1.last_event_id, "5");

    let mut world = World::new();
    let mut returning = hello();
    returning.resume = resume("of another worker", 17, "8");
    let tab = world.join(returning);
    assert_eq!(&*world.opened[0].1.last_event_id, "8");
    assert_eq!(world.welcome(tab).1, 1);
}

#[test]
fn a_tab_that_comes_back_in_the_same_epoch_goes_on_where_it_was() {
    let (mut world, tab, connection) = World::open(json!({}));
    let (epoch, _) = world.welcome(tab);
    for id in ["1", "2", "3"] {
        world.event(connection, "news", id, id);
    }
    let mut returning = hello();
    returning.resume = resume(&epoch, 3, "1");
    let tab = world.join(returning);
    assert_eq!(world.welcome(tab).1, 3);
}

#[test]
fn a_tab_of_another_epoch_is_placed_by_its_last_event_id() {
    let (mut world, _, connection) = World::open(json!({}));
    for id in ["1", "2", "3"] {
        world.event(connection, "news", id, id);
    }
    for (id, next) in [("1", 3), ("2", 4), ("3", 5)] {
        let mut returning = hello();
        returning.resume = resume("of a worker that died", 900, id);
        let tab = world.join(returning);
        assert_eq!(world.welcome(tab).1, next, "behind {id}");
    }
}

#[test]
fn a_tab_whose_place_is_unknown_is_told_of_the_gap() {
    let (mut world, _, connection) = World::open(json!({}));
    world.event(connection, "news", "4", "four");
    let mut returning = hello();
    returning.resume = resume("of a worker that died", 900, "from long ago");
    let tab = world.join(returning);
    assert_eq!(world.welcome(tab).1, 3);
    let gap = world.gap(tab).expect("a gap");
    assert_eq!((&*gap.from_id, &*gap.to_id), ("from long ago", ""));
}

#[test]
fn the_cursor_outlives_many_failed_attempts() {
    let (mut world, _, connection) = World::open(json!({}));
    world.event(connection, "news", "1", "one");
    world.fail(connection, Failure::Network);
    for _ in 0..50 {
        let attempts = world.opened.len();
        while world.opened.len() == attempts {
            world.advance(Duration::from_secs(1));
        }
        assert_eq!(&*world.opened[attempts].1.last_event_id, "1");
        world.fail(world.connection(), Failure::Network);
    }
}

#[test]
fn a_tab_with_a_place_gives_it_to_a_stream_that_has_none() {
    let mut world = World::new();
    world.join(hello());
    let first = world.connection();
    world.accept(first);
    // Of a server whose greeting has no ID.
    world.event(first, "connection_confirmed", "", "hi");
    let mut returning = hello();
    returning.resume = resume("of a worker that died", 17, "8");
    let tab = world.join(returning);
    assert_eq!(world.closed, [first]);
    assert_eq!(&*world.opened[1].1.last_event_id, "8");
    assert_eq!(world.welcome(tab).1, 1);
    assert_eq!(world.gap(tab), None);
}

#[test]
fn a_tab_at_the_place_that_the_stream_started_from_gets_all_since() {
    let mut world = World::new();
    let mut returning = hello();
    returning.resume = resume("of a worker that died", 17, "8");
    world.join(returning.clone());
    world.accept(world.connection());
    // Without an ID of its own, so that the stream's last one is still the 8: but it is news.
    world.event(
        world.connection(),
        "connection_confirmed",
        "",
        "recovered: false",
    );
    let late = world.join(returning);
    assert_eq!(world.welcome(late).1, 1);
}
