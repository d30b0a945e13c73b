//! Rejected tokens: one live tab is asked for a fresh one, once per rejection.

use crate::world::{World, hello};
use serde_json::json;
use tabcast_core::messages::{FromWorker, ToWorker};
use tabcast_core::{Failure, ReadyState, Reason, TabId};

const UNAUTHORIZED: Failure = Failure::Status {
    code: 401,
    retry_after: None,
};

fn join(world: &mut World, provides_token: bool) -> TabId {
    let mut hello = hello();
    hello.token = Some("old".to_owned());
    hello.provides_token = provides_token;
    world.join(hello)
}

fn requests(world: &World) -> Vec<(TabId, u64)> {
    world
        .sent
        .iter()
        .filter_map(|(tab, message)| match message {
            FromWorker::TokenRequest { request } => Some((*tab, *request)),
            _ => None,
        })
        .collect()
}

fn answer(world: &mut World, tab: TabId, request: u64, token: Option<&str>) {
    let token = token.map(str::to_owned);
    world.say(tab, ToWorker::Token { request, token });
}

#[test]
fn a_rejected_token_is_refreshed_by_one_tab() {
    let mut world = World::new();
    join(&mut world, false);
    let provider = join(&mut world, true);
    join(&mut world, true);
    world.fail(world.connection(), UNAUTHORIZED);
    assert_eq!(world.state(), ReadyState::NeedsAuth);
    assert_eq!(world.status().reason, Some(Reason::Unauthorized));
    let asked = requests(&world);
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].0, provider);
    answer(&mut world, provider, asked[0].1, Some("fresh"));
    assert_eq!(world.state(), ReadyState::Connecting);
    assert_eq!(world.opened[1].1.token.as_deref(), Some("fresh"));
}

#[test]
fn a_fresh_token_that_is_rejected_too_is_followed_by_backoff() {
    let mut world = World::new();
    let tab = join(&mut world, true);
    world.fail(world.connection(), UNAUTHORIZED);
    let request = requests(&world)[0].1;
    answer(&mut world, tab, request, Some("bad"));
    world.fail(world.connection(), UNAUTHORIZED);
    assert_eq!(requests(&world).len(), 1, "not asked again at once");
    let status = world.status();
    assert_eq!(status.state, ReadyState::NeedsAuth);
    assert!(status.retry_in.is_some());
    world.secs(1);
    world.fail(world.connection(), UNAUTHORIZED);
    assert_eq!(requests(&world).len(), 2);
}

#[test]
fn another_tab_is_asked_when_the_asked_one_goes_away() {
    let mut world = World::new();
    let first = join(&mut world, true);
    let second = join(&mut world, true);
    world.fail(world.connection(), UNAUTHORIZED);
    assert_eq!(requests(&world)[0].0, first);
    world.leave(first);
    let asked = requests(&world);
    assert_eq!(asked[1].0, second);
    answer(&mut world, second, asked[0].1, Some("of the first request"));
    assert_eq!(world.state(), ReadyState::NeedsAuth);
    answer(&mut world, second, asked[1].1, Some("fresh"));
    assert_eq!(world.state(), ReadyState::Connecting);
}

#[test]
fn each_tab_is_asked_where_others_have_no_token_to_give() {
    let mut world = World::new();
    let tabs = [
        join(&mut world, true),
        join(&mut world, true),
        join(&mut world, true),
    ];
    world.fail(world.connection(), UNAUTHORIZED);
    for (at, tab) in tabs.into_iter().enumerate() {
        let asked = requests(&world);
        assert_eq!(asked.len(), at + 1, "one at a time");
        assert_eq!(asked[at].0, tab);
        assert_eq!(world.status().retry_in, None, "still asking");
        answer(&mut world, tab, asked[at].1, None);
    }
    assert!(world.status().retry_in.is_some(), "nobody has one");
    world.secs(1);
    world.fail(world.connection(), UNAUTHORIZED);
    let asked = requests(&world);
    assert_eq!(asked[3].0, tabs[0], "each may have one by now");
    answer(&mut world, tabs[0], asked[3].1, None);
    let request = requests(&world)[4].1;
    answer(&mut world, tabs[1], request, Some("fresh"));
    assert_eq!(world.state(), ReadyState::Connecting);
}

#[test]
fn a_provider_that_hangs_is_given_up_and_asked_last() {
    let mut world = World::new();
    let hanging = join(&mut world, true);
    let other = join(&mut world, true);
    world.fail(world.connection(), UNAUTHORIZED);
    assert_eq!(requests(&world)[0].0, hanging);
    world.secs(30);
    world.secs(1);
    world.fail(world.connection(), UNAUTHORIZED);
    assert_eq!(requests(&world)[1].0, other);
}

#[test]
fn without_a_provider_the_old_token_is_tried_again_later() {
    let mut world = World::new();
    join(&mut world, false);
    world.fail(world.connection(), UNAUTHORIZED);
    assert_eq!(world.state(), ReadyState::NeedsAuth);
    world.secs(1);
    assert_eq!(world.opened.len(), 2);
}

#[test]
fn a_tab_that_joins_with_a_new_token_ends_the_wait() {
    let mut world = World::new();
    join(&mut world, false);
    world.fail(world.connection(), UNAUTHORIZED);
    let mut hello = hello();
    hello.token = Some("new".to_owned());
    world.join(hello);
    assert_eq!(world.opened[1].1.token.as_deref(), Some("new"));
}

#[test]
fn refresh_token_asks_and_connects_anew() {
    let mut world = World::new();
    let tab = join(&mut world, true);
    world.accept(world.connection());
    world.say(tab, ToWorker::RefreshToken);
    let request = requests(&world)[0].1;
    answer(&mut world, tab, request, Some("fresh"));
    assert_eq!(world.opened[1].1.token.as_deref(), Some("fresh"));
    assert_eq!(world.state(), ReadyState::Connecting);
}

#[test]
fn a_rejection_while_polling_counts_too() {
    let (mut world, _) = World::with(json!({"poll": {"url": "http://a.test/p"}}));
    world.accept(world.connection());
    world.secs(15);
    world.input(tabcast_core::Input::PollEnded {
        poll: world.polls[0].0,
        result: Err(UNAUTHORIZED),
    });
    assert_eq!(world.state(), ReadyState::NeedsAuth);
}
