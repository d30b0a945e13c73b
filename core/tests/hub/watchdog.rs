//! A stream that is open but mute does not count as open for long.

use crate::world::World;
use serde_json::json;
use tabcast_core::{Input, ReadyState, Reason};

#[test]
fn a_connection_that_does_not_open_in_time_is_given_up() {
    let (mut world, _) = World::with(json!({}));
    let connection = world.connection();
    world.secs(9);
    assert_eq!(world.closed, []);
    world.secs(1);
    assert_eq!(world.closed, [connection]);
    assert_eq!(world.status().reason, Some(Reason::Timeout));
    assert_eq!(world.state(), ReadyState::Waiting);
}

#[test]
fn an_open_stream_without_a_first_event_is_muted_after_15_s() {
    let (mut world, _) = World::with(json!({}));
    let connection = world.connection();
    world.accept(connection);
    assert_eq!(world.state(), ReadyState::Open);
    world.secs(14);
    assert_eq!(world.closed, []);
    world.secs(1);
    assert_eq!(world.closed, [connection]);
    assert_eq!(world.status().reason, Some(Reason::Muted));
}

#[test]
fn the_reason_stays_until_data_proves_the_stream_alive() {
    let (mut world, _) = World::with(json!({}));
    world.accept(world.connection());
    world.secs(15);
    world.secs(1);
    let connection = world.connection();
    world.accept(connection);
    assert_eq!(world.status().reason, Some(Reason::Muted));
    world.event(connection, "news", "1", "one");
    assert_eq!(world.status().reason, None);
}

#[test]
fn silence_for_75_s_ends_a_stream_and_a_ping_breaks_the_silence() {
    let (mut world, _, connection) = World::open(json!({}));
    for _ in 0..10 {
        world.secs(74);
        world.event(connection, "ping", "e-0", "");
    }
    assert_eq!(world.closed, []);
    world.secs(75);
    assert_eq!(world.closed, [connection]);
    assert_eq!(world.status().reason, Some(Reason::Silent));
}

#[test]
fn bytes_that_are_no_event_are_signs_of_life_too() {
    let (mut world, _) = World::with(json!({"transport": "fetch"}));
    let connection = world.connection();
    world.accept(connection);
    for _ in 0..10 {
        world.secs(14);
        world.input(Input::Activity { connection });
    }
    assert_eq!(world.closed, []);
}

#[test]
fn the_times_are_options() {
    let options = json!({
        "connectTimeout": 100, "watchdog": {"firstData": 200, "silence": 300},
    });
    let (mut world, _) = World::with(options);
    world.secs(1);
    assert!(!world.closed.is_empty());
    assert_eq!(world.status().reason, Some(Reason::Timeout));
}
