//! Tabs of an earlier life of a stream that stand at different places each get what they lack.

use crate::world::{World, hello, resume};
use tabcast_core::messages::{FromWorker, Hello, ToWorker};
use tabcast_core::{ConnectionId, TabId};

fn returning(place: &str, recent: &[&str]) -> Hello {
    let mut hello = hello();
    hello.resume = resume("of a worker that died", 900, place);
    if let Some(resume) = &mut hello.resume {
        resume.recent = recent.iter().map(|id| (*id).to_owned()).collect();
    }
    hello
}

/// A new worker that begins with a tab at 6, and has given it the 7.
fn begun_at_6() -> (World, TabId, ConnectionId) {
    let mut world = World::new();
    let ahead = world.join(returning("6", &["3", "4", "5", "6"]));
    let connection = world.connection();
    world.accept(connection);
    world.event(connection, "news", "7", "seven");
    (world, ahead, connection)
}

/// The last welcome of a tab: its epoch, where it goes on, and what is behind it.
fn last_welcome(world: &World, tab: TabId) -> (String, u64, Vec<String>) {
    let messages = world.sent_to(tab).into_iter().rev();
    let welcomes = messages.filter_map(|message| match message {
        FromWorker::Welcome {
            epoch,
            next,
            recent,
            ..
        } => Some((epoch.clone(), *next, recent.clone())),
        _ => None,
    });
    welcomes.take(1).next().expect("a welcome")
}

#[test]
fn a_stream_goes_back_for_a_tab_that_is_behind_its_first_one() {
    let (mut world, ahead, first) = begun_at_6();
    let behind = world.join(returning("4", &["3", "4"]));
    assert_eq!(world.closed, [first]);
    assert_eq!(&*world.opened[1].1.last_event_id, "4");
    assert_eq!(world.gap(behind), None);
    // For both another life of the stream begins behind the 4; the first knows again what it saw.
    let (epoch, next, recent) = last_welcome(&world, behind);
    assert_eq!((next, &*recent), (1, &["3".to_owned(), "4".to_owned()][..]));
    assert_eq!(last_welcome(&world, ahead), (epoch.clone(), next, recent));
    assert_eq!(world.channels, 2, "a channel for each life");
    let second = world.connection();
    world.accept(second);
    for id in ["5", "6", "7", "8"] {
        world.event(second, "news", id, id);
    }
    let batch = &world.broadcasts[1];
    assert_eq!((&*batch.epoch, batch.first), (&*epoch, 1));
    assert_eq!(world.relayed(), ["seven", "5", "6", "7", "8"]);
    // A second one from there needs no connection of its own.
    let other = world.join(returning("4", &["3", "4"]));
    assert_eq!((world.welcome(other).1, world.opened.len()), (1, 2));
}

#[test]
fn a_tab_ahead_of_the_stream_is_placed_where_that_began() {
    let mut world = World::new();
    world.join(returning("4", &["3", "4"]));
    let connection = world.connection();
    world.accept(connection);
    world.event(connection, "news", "5", "five");
    let ahead = world.join(returning("9", &["4", "5", "6", "7", "8", "9"]));
    assert_eq!((world.welcome(ahead).1, world.gap(ahead)), (1, None));
    assert_eq!(world.opened.len(), 1);
}

#[test]
fn a_tab_whose_place_says_not_all_before_it_is_told_of_a_gap() {
    // The 9 overtook what lies behind the 4: the tab may lack something before the 6.
    for place in ["9~sent=4.9", "4~sent=4.9"] {
        let (mut world, ..) = begun_at_6();
        let tab = world.join(returning(place, &["4", "6", place]));
        assert!(world.gap(tab).is_some(), "{place}");
        assert_eq!(world.opened.len(), 1);
    }
}

#[test]
fn a_stream_never_goes_back_over_a_gap() {
    let (mut world, ahead, connection) = begun_at_6();
    for id in 0..1_100 {
        world.event(connection, "news", &format!("n{id}"), "x");
    }
    world.say(ahead, ToWorker::Want { from: 2, to: 1_102 });
    assert!(matches!(
        world.sent_to(ahead).last(),
        Some(FromWorker::Gap { .. })
    ));
    let behind = world.join(returning("4", &["3", "4"]));
    assert_eq!(world.opened.len(), 1);
    assert!(world.gap(behind).is_some());
}

#[test]
fn a_stream_goes_back_beyond_its_beginning_only() {
    let (mut world, _, connection) = begun_at_6();
    // Large enough for the 8 to push the others out of the relay log.
    let large = "x".repeat(5 << 20);
    world.event(connection, "news", "8", &large);
    let tab = world.join(returning("7", &["6", "7"]));
    // To go back to the 7 would keep it from a tab that has not got it yet.
    assert_eq!(world.opened.len(), 1);
    assert!(world.gap(tab).is_some());
}

#[test]
fn a_greeting_alone_is_no_beginning() {
    let mut world = World::new();
    let fresh = world.join(hello());
    let first = world.connection();
    world.accept(first);
    world.event(first, "connection_confirmed", "9@1", "hi");
    let behind = world.join(returning("4", &["3", "4"]));
    assert_eq!(world.closed, [first]);
    assert_eq!(&*world.opened[1].1.last_event_id, "4");
    assert_eq!(world.gap(behind), None);
    assert_eq!(last_welcome(&world, fresh), last_welcome(&world, behind));
}

#[test]
fn a_tab_that_begins_is_told_what_came_before_it() {
    let (mut world, ..) = begun_at_6();
    let fresh = world.join(hello());
    assert_eq!(last_welcome(&world, fresh).2, ["3", "4", "5", "6", "7"]);
}
