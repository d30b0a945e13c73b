//! Events are relayed in batches, in order, once, and a tab can have what it missed.

use crate::world::{World, hello};
use serde_json::json;
use tabcast_core::messages::{FromWorker, GapReason, ToWorker};
use tabcast_core::{Failure, Via};

#[test]
fn what_arrives_within_one_task_goes_out_as_one_batch() {
    let (mut world, _, connection) = World::open(json!({}));
    let before = world.broadcasts.len();
    for id in ["1", "2", "3"] {
        world.event_in_task(connection, "news", id, id);
    }
    assert_eq!(
        world.broadcasts.len(),
        before,
        "nothing before the task ends"
    );
    world.end_task();
    assert_eq!(world.broadcasts.len(), before + 1);
    let batch = world.broadcasts.last().expect("a batch");
    // The connection_confirmed was the first.
    assert_eq!((batch.first, batch.events.len()), (2, 3));
    assert_eq!(batch.via, Via::Stream);
    assert_eq!(&*batch.origin, "http://a.test");
}

#[test]
fn a_batch_never_grows_without_bound() {
    let (mut world, _, connection) = World::open(json!({}));
    for id in 0..9_000 {
        world.event_in_task(connection, "news", &format!("n{id}"), "x");
    }
    world.end_task();
    assert!(
        world
            .broadcasts
            .iter()
            .all(|batch| batch.events.len() <= 4_096)
    );
    assert_eq!(world.relayed().len(), 9_001);
}

#[test]
fn a_ping_is_relayed_only_where_somebody_listens_for_it() {
    let (mut world, tab, connection) = World::open(json!({}));
    world.event(connection, "ping", "e-0", "one");
    assert_eq!(world.relayed(), ["hi"]);
    let types = vec!["*".to_owned(), "ping".to_owned()];
    world.say(tab, ToWorker::Listen { types });
    world.event(connection, "ping", "e-0", "two");
    assert_eq!(world.relayed(), ["hi", "two"]);
}

#[test]
fn events_of_a_closed_connection_are_dropped() {
    let (mut world, tab, old) = World::open(json!({}));
    world.say(tab, ToWorker::Reconnect);
    world.event(old, "news", "9", "late");
    assert_eq!(world.relayed(), ["hi"]);
    world.fail(old, Failure::Network);
    assert_eq!(world.opened.len(), 2);
}

#[test]
fn a_tab_gets_what_it_lacks_from_the_log() {
    let (mut world, tab, connection) = World::open(json!({}));
    for id in ["1", "2", "3", "4"] {
        world.event(connection, "news", id, id);
    }
    world.say(tab, ToWorker::Want { from: 3, to: 5 });
    let (to, batch) = world.replays.last().expect("a replay");
    assert_eq!(*to, tab);
    assert_eq!((batch.first, batch.via), (3, Via::Replay));
    let data: Vec<&str> = batch.events.iter().map(|event| &*event.data).collect();
    assert_eq!(data, ["2", "3"]);
}

#[test]
fn what_the_log_no_longer_has_is_a_gap_and_what_it_has_follows() {
    let (mut world, tab, connection) = World::open(json!({}));
    for id in 1..=1_100 {
        world.event(connection, "news", &id.to_string(), "x");
    }
    world.say(
        tab,
        ToWorker::Want {
            from: 10,
            to: 1_102,
        },
    );
    let gap = world.sent_to(tab).pop().expect("a gap").clone();
    let FromWorker::Gap { next, gap, .. } = gap else {
        panic!("not a gap: {gap:?}");
    };
    assert_eq!(
        (next, gap.to_id.as_str(), gap.reason),
        (78, "77", GapReason::RelayLog)
    );
    let (_, batch) = world.replays.last().expect("a replay");
    assert_eq!((batch.first, batch.events.len()), (78, 1_024));
}

#[test]
fn a_beacon_tells_how_far_the_stream_is_and_comes_behind_what_was_gathered() {
    let (mut world, tab, connection) = World::open(json!({}));
    world.event_in_task(connection, "news", "1", "one");
    world.say(tab, ToWorker::Sync);
    let [.., events, beacon] = &world.broadcasts[..] else {
        panic!("no beacon");
    };
    assert_eq!((events.first, events.events.len()), (2, 1));
    assert_eq!((beacon.first, beacon.events.len()), (3, 0));
}

#[test]
fn a_tab_that_joins_late_starts_behind_what_was_sent() {
    let (mut world, _, connection) = World::open(json!({}));
    world.event_in_task(connection, "news", "1", "one");
    let late = world.join(hello());
    assert_eq!(world.welcome(late).1, 3);
    assert_eq!(world.relayed(), ["hi", "one"]);
}

#[test]
fn a_wish_for_nonsense_is_answered_with_nothing_and_harms_nobody() {
    let (mut world, tab, _) = World::open(json!({}));
    for (from, to) in [(9, 3), (u64::MAX, u64::MAX), (5, 500), (1, 0)] {
        world.say(tab, ToWorker::Want { from, to });
        let (_, batch) = world.replays.last().expect("a replay");
        assert_eq!(batch.events.len(), 0);
    }
}
