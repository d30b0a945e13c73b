//! The polling ladder: down at once when the stream is mute, up again on the first data.

use crate::world::World;
use serde_json::json;
use tabcast_core::{Failure, ReadyState, Reason, Via};

fn mute() -> World {
    let poll = json!({"url": "http://a.test/pending"});
    let (mut world, _) = World::with(json!({"poll": poll, "lastEventId": "start"}));
    world.accept(world.connection());
    world.secs(15);
    world
}

#[test]
fn a_mute_stream_is_polled_at_once_and_then_every_5_s() {
    let mut world = mute();
    assert_eq!(world.state(), ReadyState::Polling);
    assert_eq!(world.status().reason, Some(Reason::Muted));
    assert_eq!(world.polls.len(), 1);
    let (poll, request) = world.polls[0].clone();
    assert_eq!(request.url, "http://a.test/pending");
    world.poll_answers(poll, &["1", "2"], false);
    assert_eq!(world.relayed(), ["1", "2"]);
    assert_eq!(world.broadcasts[0].via, Via::Poll);
    world.secs(4);
    assert_eq!(world.polls.len(), 1);
    world.secs(1);
    assert_eq!(world.polls.len(), 2);
    assert_eq!(&*world.polls[1].1.last_event_id, "2");
}

#[test]
fn more_at_the_server_is_fetched_without_a_wait() {
    let mut world = mute();
    world.poll_answers(world.polls[0].0, &["1"], true);
    world.secs(0);
    assert_eq!(world.polls.len(), 2);
}

#[test]
fn the_first_data_on_a_probe_promotes_back_and_the_overlap_is_dropped() {
    let mut world = mute();
    let first = world.polls[0].0;
    world.secs(1);
    let probe = world.connection();
    assert_eq!(world.opened.len(), 2, "probed in the background");
    world.accept(probe);
    assert_eq!(world.state(), ReadyState::Polling, "a head proves nothing");
    world.poll_answers(first, &["1", "2"], false);
    world.secs(5);
    let under_way = world.polls[1].0;
    world.event(probe, "connection_confirmed", "0", "hi");
    assert_eq!(world.state(), ReadyState::Open);
    assert_eq!(world.aborted, [under_way]);
    for id in ["1", "2", "3"] {
        world.event(probe, "news", id, id);
    }
    world.poll_answers(under_way, &["3"], false);
    assert_eq!(world.relayed(), ["1", "2", "hi", "3"]);
    world.secs(60);
    assert_eq!(world.polls.len(), 2, "no poll after the promotion");
}

#[test]
fn probes_go_on_for_ever_with_the_same_backoff() {
    let mut world = mute();
    for _ in 0..20 {
        let probe = world.until_next_attempt();
        world.accept(probe);
        world.secs(15);
        assert_eq!(world.state(), ReadyState::Polling);
    }
}

#[test]
fn a_stretch_too_long_to_remember_opens_the_probe_anew() {
    let mut world = mute();
    world.secs(1);
    let probe = world.connection();
    world.accept(probe);
    let ids: Vec<String> = (0..2_100).map(|id| id.to_string()).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    world.poll_answers(world.polls[0].0, &ids, false);
    assert_ne!(world.connection(), probe);
    assert!(world.closed.contains(&probe));
    assert_eq!(
        &*world.opened.last().expect("a probe").1.last_event_id,
        "2048"
    );
}

#[test]
fn short_healthy_responses_are_not_taken_for_a_mute_proxy() {
    let (mut world, _) = World::with(json!({"poll": {"url": "http://a.test/pending"}}));
    for round in 0..20 {
        let connection = world.connection();
        world.accept(connection);
        let id = round.to_string();
        world.event(connection, "news", &id, &id);
        world.fail(connection, Failure::Ended);
        assert_eq!(world.state(), ReadyState::Waiting);
        world.until_next_attempt();
    }
    assert_eq!(world.polls.len(), 0);
}

#[test]
fn a_failed_or_hanging_poll_is_tried_again() {
    let mut world = mute();
    let poll = world.polls[0].0;
    world.input(tabcast_core::Input::PollEnded {
        poll,
        result: Err(Failure::Network),
    });
    world.secs(5);
    assert_eq!(world.polls.len(), 2);
    let hanging = world.polls[1].0;
    world.secs(10);
    assert!(world.aborted.contains(&hanging));
    world.secs(5);
    assert_eq!(world.polls.len(), 3);
}

#[test]
fn without_a_poll_url_a_mute_stream_is_opened_anew() {
    let (mut world, _) = World::with(json!({}));
    world.accept(world.connection());
    world.secs(16);
    assert_eq!(world.opened.len(), 2);
    assert_eq!(world.polls.len(), 0);
}

#[test]
fn a_probe_without_a_place_starts_anew_from_the_first_that_is_polled() {
    let (mut world, _) = World::with(json!({"poll": {"url": "http://a.test/pending"}}));
    world.accept(world.connection());
    world.secs(16);
    let probe = world.connection();
    world.accept(probe);
    // What was sent between the poll and the probe's opening would be in neither.
    world.poll_answers(world.polls[0].0, &["1"], false);
    assert!(world.closed.contains(&probe));
    assert_eq!(&*world.opened.last().expect("a probe").1.last_event_id, "1");
    let opened = world.opened.len();
    world.secs(5);
    world.poll_answers(world.polls[1].0, &["2"], false);
    assert_eq!(world.opened.len(), opened, "once is enough");
}

#[test]
fn a_poll_does_not_change_what_the_probe_has_for_its_last_id() {
    let mut world = mute();
    world.until_next_attempt();
    let probe = world.connection();
    world.accept(probe);
    world.poll_answers(world.polls[0].0, &["1"], false);
    // Without an ID of its own: to an `EventSource` that has had none it is the empty one.
    world.event(probe, "ping", "", "");
    world.fail(probe, Failure::Network);
    world.until_next_attempt();
    let request = &world.opened.last().expect("a connection").1;
    assert_eq!(&*request.last_event_id, "1");
}

#[test]
fn an_entry_of_a_poll_without_an_id_keeps_the_place() {
    let mut world = mute();
    world.poll_answers(world.polls[0].0, &["1", ""], false);
    assert_eq!(world.relayed(), ["1", ""]);
    world.secs(5);
    assert_eq!(&*world.polls[1].1.last_event_id, "1");
}

#[test]
fn the_greeting_of_a_probe_that_polls_have_overtaken_does_not_lead_back() {
    let mut world = mute();
    let probe = world.until_next_attempt();
    world.accept(probe);
    world.poll_answers(world.polls[0].0, &["1"], false);
    world.event(probe, "connection_confirmed", "start@2", "hi");
    world.event(probe, "news", "1", "1");
    assert_eq!(world.relayed(), ["1", "hi"]);
    let last = world.broadcasts.last().expect("a batch");
    assert_eq!(&*last.events[0].id, "1");
    world.fail(probe, Failure::Network);
    world.until_next_attempt();
    let request = &world.opened.last().expect("a connection").1;
    assert_eq!(&*request.last_event_id, "1");
}

#[test]
fn a_poll_without_a_place_takes_the_servers_and_the_probe_starts_there() {
    let (mut world, _) = World::with(json!({"poll": {"url": "http://a.test/pending"}}));
    world.accept(world.connection());
    world.secs(15);
    world.secs(1);
    let probe = world.connection();
    let poll = world.polls[0].0;
    assert_eq!(&*world.polls[0].1.last_event_id, "");
    world.input(tabcast_core::Input::PollPosition {
        poll,
        last_event_id: "9".into(),
    });
    assert!(
        world.closed.contains(&probe),
        "it would miss what is sent until it is proven"
    );
    assert_eq!(&*world.opened.last().expect("a probe").1.last_event_id, "9");
    world.poll_answers(poll, &[], false);
    world.secs(5);
    assert_eq!(&*world.polls[1].1.last_event_id, "9");
}
