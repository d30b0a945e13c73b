//! Offline, online, and a machine that slept.

use crate::world::World;
use serde_json::json;
use std::time::Duration;
use tabcast_core::messages::ToWorker;
use tabcast_core::{Failure, Input, ReadyState, Reason};

const GONE: ToWorker = ToWorker::Network { online: false };
const BACK: ToWorker = ToWorker::Network { online: true };

#[test]
fn no_attempt_is_made_without_a_network_and_one_at_once_when_it_is_back() {
    let (mut world, tab, connection) = World::open(json!({}));
    world.say(tab, GONE);
    assert_eq!(
        world.state(),
        ReadyState::Open,
        "what is open may well live"
    );
    world.fail(connection, Failure::Network);
    assert_eq!(world.state(), ReadyState::Offline);
    world.secs(3_600);
    assert_eq!(world.opened.len(), 1);
    world.say(tab, BACK);
    assert_eq!(world.opened.len(), 2);
    assert_eq!(world.state(), ReadyState::Connecting);
}

#[test]
fn a_wait_ends_when_the_network_goes_and_comes() {
    let (mut world, tab) = World::with(json!({}));
    world.fail(world.connection(), Failure::Network);
    world.say(tab, GONE);
    assert_eq!(world.state(), ReadyState::Offline);
    world.say(tab, BACK);
    assert_eq!(world.opened.len(), 2);
}

#[test]
fn a_stream_that_stayed_open_over_a_change_of_networks_is_made_anew() {
    let (mut world, tab, connection) = World::open(json!({}));
    world.say(tab, GONE);
    world.say(tab, BACK);
    assert_eq!(world.closed, [connection]);
    assert_eq!(world.opened.len(), 2);
}

#[test]
fn after_sleep_the_stream_is_made_anew_at_once_and_not_taken_for_mute() {
    let (mut world, _, connection) = World::open(json!({"poll": {"url": "http://a.test/p"}}));
    world.sleep(Duration::from_secs(3_600));
    assert_eq!(world.closed, [connection]);
    assert_eq!(world.status().reason, Some(Reason::Woke));
    assert_eq!(world.state(), ReadyState::Connecting);
    assert_eq!(world.polls.len(), 0);
    assert_eq!(&*world.opened[1].1.last_event_id, "e-0");
}

#[test]
fn the_shell_may_notice_sleep_first() {
    let (mut world, _, _) = World::open(json!({}));
    world.input(Input::Woke);
    assert_eq!(world.opened.len(), 2);
}

#[test]
fn a_closed_stream_stays_closed_over_sleep() {
    let (mut world, _, connection) = World::open(json!({}));
    world.event(connection, "superseded", "e-1", "{}");
    world.input(Input::Woke);
    assert_eq!(world.opened.len(), 1);
}

#[test]
fn a_poll_that_the_machine_slept_through_is_made_anew_once() {
    let (mut world, _) = World::with(json!({"poll": {"url": "http://a.test/p"}}));
    world.accept(world.connection());
    world.secs(15);
    let hanging = world.polls[0].0;
    world.sleep(Duration::from_secs(3_600));
    assert!(world.aborted.contains(&hanging));
    let opened = world.opened.len();
    world.secs(1);
    assert_eq!(world.polls.len(), 2);
    assert_eq!(
        world.opened.len(),
        opened,
        "the timer does not find sleep again"
    );
}
