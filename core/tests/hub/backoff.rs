//! Exponential backoff with full jitter, its floors, its reset and its limit.

use crate::world::World;
use serde_json::json;
use std::time::Duration;
use tabcast_core::messages::ToWorker;
use tabcast_core::{Failure, Input, ReadyState, Reason};

fn unavailable(retry_after: Option<u64>) -> Failure {
    Failure::Status {
        code: 503,
        retry_after: retry_after.map(Duration::from_secs),
    }
}

#[test]
fn waits_grow_to_the_cap_and_are_spread_below_their_ceilings() {
    let (mut world, _) = World::with(json!({}));
    let mut waits = Vec::new();
    for attempt in 1..=40 {
        world.fail(world.connection(), Failure::Network);
        let status = world.status();
        assert_eq!(
            (status.state, status.attempt),
            (ReadyState::Waiting, attempt)
        );
        assert_eq!(status.reason, Some(Reason::Refused));
        let wait = status.retry_in.expect("a time");
        let ceiling = 1_000 * (1_u64 << (attempt - 1).min(20));
        assert!(wait <= ceiling.min(30_000), "attempt {attempt}: {wait} ms");
        waits.push(wait);
        world.advance(Duration::from_millis(wait + 1));
        assert_eq!(world.opened.len(), attempt as usize + 1);
    }
    let late = &waits[6..];
    assert!(late.iter().any(|&wait| wait < 10_000), "{late:?}");
    assert!(late.iter().any(|&wait| wait > 20_000), "{late:?}");
}

#[test]
fn the_servers_retry_and_retry_after_are_floors() {
    let (mut world, _, connection) = World::open(json!({}));
    let time = Duration::from_secs(4);
    world.input(Input::ReconnectionTime { connection, time });
    world.fail(connection, Failure::Network);
    assert_eq!(world.status().retry_in, Some(4_000));
    world.secs(4);
    world.fail(world.connection(), unavailable(Some(20)));
    assert_eq!(world.status().retry_in, Some(20_000));
    assert_eq!(world.status().reason, Some(Reason::Unavailable));
    assert_eq!(world.status().http_status, Some(503));
}

#[test]
fn ten_seconds_open_with_data_start_the_count_anew() {
    let (mut world, _) = World::with(json!({}));
    for _ in 0..3 {
        world.fail(world.connection(), Failure::Network);
        world.until_next_attempt();
    }
    let connection = world.connection();
    world.accept(connection);
    world.event(connection, "news", "1", "one");
    world.secs(5);
    world.fail(connection, Failure::Network);
    assert_eq!(world.status().attempt, 4, "five seconds are too few");
    let connection = world.until_next_attempt();
    world.accept(connection);
    world.event(connection, "news", "2", "two");
    world.secs(11);
    world.fail(connection, Failure::Network);
    assert_eq!(world.status().attempt, 1);
    assert_eq!(world.status().reason, Some(Reason::Cut));
}

#[test]
fn a_limit_of_attempts_ends_in_closed_until_somebody_asks() {
    let (mut world, tab) = World::with(json!({"backoff": {"maxAttempts": 2}}));
    for attempt in 1..=3 {
        assert_eq!(world.opened.len(), attempt);
        world.fail(world.connection(), Failure::Network);
        if attempt < 3 {
            world.until_next_attempt();
        }
    }
    world.secs(3_600);
    assert_eq!(world.opened.len(), 3);
    assert_eq!(world.status().reason, Some(Reason::Exhausted));
    assert_eq!(world.state(), ReadyState::Closed);
    assert!(!world.has_timer());
    world.say(tab, ToWorker::Reconnect);
    assert_eq!(world.opened.len(), 4);
    assert_eq!(world.status().attempt, 0);
}
