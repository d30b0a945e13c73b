//! Tabs come and go; the connection stays one.

use crate::world::{World, hello, hello_as};
use serde_json::json;
use tabcast_core::messages::{FromWorker, ToWorker};
use tabcast_core::{Input, ReadyState};

#[test]
fn two_tabs_share_one_connection() {
    let mut world = World::new();
    let first = world.join(hello());
    world.accept(world.connection());
    let second = world.join(hello());
    assert_eq!(world.opened.len(), 1);
    assert_eq!(world.channels, 1);
    assert_eq!(world.welcome(first), world.welcome(second));
}

#[test]
fn another_identity_url_or_credentials_mode_is_another_stream() {
    let mut world = World::new();
    let alice = world.join(hello());
    let bob = world.join(hello_as("bob", json!({})));
    let mut other_url = hello();
    other_url.url.push_str("?events=a");
    world.join(other_url);
    world.join(hello_as("alice", json!({"withCredentials": true})));
    assert_eq!(world.opened.len(), 4);
    assert_eq!(world.channels, 4);
    assert_ne!(world.welcome(alice).0, world.welcome(bob).0);
}

#[test]
fn the_stream_ends_with_its_last_tab_and_not_before() {
    let (mut world, first, connection) = World::open(json!({}));
    let second = world.join(hello());
    world.leave(first);
    assert_eq!(world.closed, []);
    world.leave(second);
    assert_eq!(world.closed, [connection]);
    assert_eq!(world.channels, 0);
    assert!(!world.has_timer());
}

#[test]
fn a_tab_that_says_goodbye_leaves_at_once_and_its_lock_changes_nothing_more() {
    let (mut world, tab, connection) = World::open(json!({}));
    world.say(tab, ToWorker::Leave);
    world.leave(tab);
    assert_eq!(world.closed, [connection]);
}

#[test]
fn a_tab_that_joins_after_the_last_one_left_starts_a_new_life_of_the_stream() {
    let (mut world, first, _) = World::open(json!({}));
    let before = world.welcome(first);
    world.leave(first);
    let second = world.join(hello());
    assert_eq!(world.opened.len(), 2);
    assert_ne!(world.welcome(second).0, before.0);
}

#[test]
fn types_that_a_later_tab_listens_for_are_added_to_the_open_stream() {
    let (mut world, tab, _) = World::open(json!({}));
    let types = vec!["news".to_owned(), "sport".to_owned(), "*".to_owned()];
    world.say(tab, ToWorker::Listen { types });
    assert_eq!(world.listened, ["sport".into()]);
    let mut late = hello();
    late.types = vec!["weather".to_owned(), "sport".to_owned()];
    world.join(late);
    assert_eq!(world.listened, ["sport".into(), "weather".into()]);
}

#[test]
fn a_reopened_stream_listens_for_the_union_of_all_tabs() {
    let (mut world, tab, connection) = World::open(json!({}));
    let mut other = hello();
    other.types = vec!["sport".to_owned()];
    world.join(other);
    world.say(tab, ToWorker::Reconnect);
    assert_eq!(world.closed, [connection]);
    let types = &world.opened[1].1.types;
    for name in ["news", "sport", "ping", "message", "superseded"] {
        assert!(types.contains(&name.into()), "{name} in {types:?}");
    }
}

#[test]
fn a_tab_that_asked_for_other_options_is_told_that_they_differ() {
    let mut world = World::new();
    world.join(hello());
    let second = world.join(hello_as("alice", json!({"connectTimeout": 5})));
    let differs = world.sent_to(second).into_iter().any(|message| {
        matches!(
            message,
            FromWorker::Welcome {
                options_differ: true,
                ..
            }
        )
    });
    assert!(differs);
}

#[test]
fn all_hidden_for_long_enough_pauses_and_showing_one_resumes() {
    let (mut world, first, connection) = World::open(json!({"pauseWhenHidden": 5000}));
    let second = world.join(hello_as("alice", json!({"pauseWhenHidden": 5000})));
    let hide = ToWorker::Visibility { visible: false };
    world.say(first, hide.clone());
    world.secs(60);
    assert_eq!(world.state(), ReadyState::Open);
    world.say(second, hide);
    world.secs(4);
    assert_eq!(world.closed, []);
    world.secs(1);
    assert_eq!(world.closed, [connection]);
    assert_eq!(world.state(), ReadyState::Idle);
    world.say(second, ToWorker::Visibility { visible: true });
    assert_eq!(world.state(), ReadyState::Connecting);
    assert_eq!(&*world.opened[1].1.last_event_id, "e-0");
}

#[test]
fn messages_of_tabs_that_are_gone_do_nothing() {
    let (mut world, tab, _) = World::open(json!({}));
    world.leave(tab);
    let opened = world.opened.len();
    world.say(tab, ToWorker::Reconnect);
    world.say(tab, ToWorker::Want { from: 0, to: 9 });
    world.input(Input::FlushDue);
    assert_eq!(world.opened.len(), opened);
}
