//! A stream that behaves as the standard says of an `EventSource`, and the marks that tell of it.

use crate::world::{World, hello_as};
use serde_json::json;
use std::time::Duration;
use tabcast_core::messages::{Hello, ToWorker};
use tabcast_core::{ConnectionId, Failure, Input, ReadyState, Reason};

const MARKS: [&str; 3] = ["\nopen", "\nconnecting", "\nclosed"];

fn hello() -> Hello {
    let mut hello = hello_as("alice", json!({"standard": true, "transport": "fetch"}));
    hello.types.extend(MARKS.map(String::from));
    hello
}

fn standard() -> (World, ConnectionId) {
    let mut world = World::new();
    world.join(hello());
    let connection = world.connection();
    (world, connection)
}

/// What the tabs are told, in order: marks by their names, events by their data.
fn told(world: &World) -> Vec<&str> {
    let events = world.broadcasts.iter().flat_map(|batch| &batch.events);
    events
        .map(|event| event.event_type.strip_prefix('\n').unwrap_or(&event.data))
        .collect()
}

#[test]
fn what_happens_is_told_among_the_events() {
    let (mut world, first) = standard();
    world.accept(first);
    world.event_in_task(first, "message", "1", "a");
    world.fail(first, Failure::Ended);
    world.secs(3);
    world.accept(world.connection());
    world.event(world.connection(), "message", "2", "b");
    assert_eq!(told(&world), ["open", "a", "connecting", "open", "b"]);
    let mark = &world.broadcasts[2].events[0];
    assert_eq!(
        &*mark.id, "1",
        "a mark has the place of what came before it"
    );
}

#[test]
fn each_attempt_that_fails_is_told() {
    let (mut world, _) = standard();
    for _ in 0..3 {
        world.fail(world.connection(), Failure::Network);
        world.secs(3);
    }
    assert_eq!(told(&world), ["connecting"; 3]);
    assert_eq!(world.opened.len(), 4);
}

#[test]
fn who_does_not_ask_for_marks_gets_none() {
    let (world, _, _) = World::open(json!({}));
    assert_eq!(told(&world), ["hi"]);
    assert!(
        world.opened[0]
            .1
            .types
            .iter()
            .all(|name| !name.starts_with('\n'))
    );
}

#[test]
fn marks_are_told_of_any_stream_to_who_asks() {
    let mut world = World::new();
    let mut hello = hello_as("alice", json!({"backoff": {"base": 0}}));
    hello.types.extend(MARKS.map(String::from));
    world.join(hello);
    world.accept(world.connection());
    world.fail(world.connection(), Failure::Network);
    world.secs(1);
    world.accept(world.connection());
    world.event(world.connection(), "superseded", "1", "s");
    // Showing a tab brings it back: it has not failed for good.
    let marks = ["open", "connecting", "open", "s", "connecting"];
    assert_eq!(told(&world), marks);
    assert!(
        world.opened[0]
            .1
            .types
            .iter()
            .all(|name| !name.starts_with('\n'))
    );
}

#[test]
fn what_is_no_event_stream_fails_for_good() {
    let status = |code| Failure::Status {
        code,
        retry_after: Some(Duration::ZERO),
    };
    for (failure, reason) in [
        (status(204), Reason::ServerClosed),
        (status(205), Reason::Unavailable),
        (status(401), Reason::Unauthorized),
        (status(404), Reason::Rejected),
        (status(429), Reason::Rejected),
        (status(503), Reason::Unavailable),
        (Failure::ContentType, Reason::WrongContentType),
        (Failure::Unknown, Reason::Rejected),
    ] {
        let (mut world, connection) = standard();
        world.fail(connection, failure);
        world.secs(3_600);
        assert_eq!(world.state(), ReadyState::Closed, "{failure:?}");
        assert_eq!(world.status().reason, Some(reason));
        assert_eq!(world.opened.len(), 1, "{failure:?}");
        assert_eq!(told(&world), ["closed"]);
    }
}

#[test]
fn the_wait_is_the_reconnection_time_each_time() {
    let (mut world, connection) = standard();
    world.fail(connection, Failure::Network);
    assert_eq!(world.status().retry_in, Some(3_000));
    world.secs(3);
    let connection = world.connection();
    world.accept(connection);
    let time = Duration::from_millis(250);
    world.input(Input::ReconnectionTime { connection, time });
    for _ in 0..20 {
        world.fail(world.connection(), Failure::Network);
        assert_eq!(world.status().retry_in, Some(250));
        world.until_next_attempt();
    }
}

#[test]
fn neither_silence_nor_sleep_nor_the_network_ends_a_stream() {
    let (mut world, connection) = standard();
    world.secs(3_600);
    world.accept(connection);
    world.secs(3_600);
    assert!(!world.has_timer());
    world.input(Input::Woke);
    let tab = tabcast_core::TabId(1);
    world.say(tab, ToWorker::Network { online: false });
    world.say(tab, ToWorker::Network { online: true });
    assert_eq!(world.opened.len(), 1);
    assert_eq!(world.state(), ReadyState::Open);
}

#[test]
fn a_wait_is_over_after_a_sleep_too() {
    let (mut world, connection) = standard();
    world.fail(connection, Failure::Network);
    world.sleep(Duration::from_secs(3_600));
    assert_eq!(world.opened.len(), 2);
}

#[test]
fn what_is_sent_again_is_given_again() {
    let (mut world, first) = standard();
    world.accept(first);
    world.event(first, "message", "1", "a");
    world.event(first, "message", "1", "a");
    world.event(first, "ping", "1", "p");
    world.event(first, "superseded", "1", "s");
    world.fail(first, Failure::Ended);
    world.secs(3);
    let second = world.connection();
    assert_eq!(&*world.opened[1].1.last_event_id, "1");
    world.accept(second);
    world.event(second, "message", "1", "a");
    let again = ["open", "a", "a", "p", "s", "connecting", "open", "a"];
    assert_eq!(told(&world), again);
}

#[test]
fn the_id_is_what_the_server_said_last() {
    let (mut world, first) = standard();
    world.accept(first);
    for id in ["1", "2", "1", ""] {
        world.event(first, "message", id, id);
        assert_eq!(
            world.broadcasts.last().map(|batch| &*batch.events[0].id),
            Some(id)
        );
    }
    world.input(Input::LastEventId {
        connection: first,
        id: "2".into(),
    });
    world.fail(first, Failure::Ended);
    world.secs(3);
    assert_eq!(&*world.opened[1].1.last_event_id, "2");
}

#[test]
fn a_browser_that_comes_back_by_itself_keeps_its_connection() {
    let (mut world, connection) = standard();
    world.accept(connection);
    world.fail(connection, Failure::Interrupted);
    world.fail(connection, Failure::Interrupted);
    assert_eq!(world.state(), ReadyState::Connecting);
    world.secs(60);
    world.accept(connection);
    world.event(connection, "message", "1", "a");
    assert_eq!(
        told(&world),
        ["open", "connecting", "connecting", "open", "a"]
    );
    assert_eq!((world.opened.len(), world.closed.len()), (1, 0));
}

#[test]
fn a_stream_with_other_rules_is_another() {
    let (mut world, _) = standard();
    world.join(hello_as("alice", json!({})));
    assert_eq!(world.opened.len(), 2);
    world.join(hello());
    assert_eq!(world.opened.len(), 2);
}

#[test]
fn who_joins_what_failed_for_good_has_it_tried_again() {
    let (mut world, connection) = standard();
    world.fail(connection, Failure::ContentType);
    world.join(hello());
    assert_eq!(world.opened.len(), 2);
    assert_eq!(told(&world), ["closed"]);
}
