//! What each answer of the server leads to.

use crate::world::World;
use serde_json::json;
use tabcast_core::messages::ToWorker;
use tabcast_core::{Failure, ReadyState, Reason};

fn after(failure: Failure) -> World {
    let (mut world, _) = World::with(json!({}));
    world.fail(world.connection(), failure);
    world
}

fn status(code: u16) -> Failure {
    Failure::Status {
        code,
        retry_after: None,
    }
}

#[test]
fn statuses_that_may_pass_are_tried_again() {
    for code in [408, 425, 429, 500, 502, 503, 504] {
        let mut world = after(status(code));
        assert_eq!(world.status().reason, Some(Reason::Unavailable), "{code}");
        assert_eq!(world.status().http_status, Some(code));
        world.secs(1);
        assert_eq!(world.opened.len(), 2, "{code}");
    }
}

#[test]
fn statuses_that_will_not_pass_close() {
    for (code, reason) in [
        (204, Reason::ServerClosed),
        (400, Reason::Rejected),
        (404, Reason::Rejected),
        (410, Reason::Rejected),
        (422, Reason::Rejected),
    ] {
        let mut world = after(status(code));
        assert_eq!(world.state(), ReadyState::Closed, "{code}");
        assert_eq!(world.status().reason, Some(reason), "{code}");
        world.secs(3_600);
        assert_eq!(world.opened.len(), 1, "{code}");
    }
}

#[test]
fn a_wrong_content_type_is_tried_again() {
    let mut world = after(Failure::ContentType);
    assert_eq!(world.status().reason, Some(Reason::WrongContentType));
    world.secs(1);
    assert_eq!(world.opened.len(), 2);
}

#[test]
fn what_the_browser_does_not_explain_is_diagnosed() {
    let mut world = after(Failure::Unknown);
    let connection = world.connection();
    assert_eq!(world.diagnosed, [connection]);
    assert_eq!(world.state(), ReadyState::Connecting);
    world.fail(connection, status(503));
    assert_eq!(world.status().reason, Some(Reason::Unavailable));
    assert_eq!(world.closed, [connection]);
}

#[test]
fn a_diagnosis_that_hangs_ends() {
    let mut world = after(Failure::Unknown);
    world.secs(10);
    assert_eq!(world.state(), ReadyState::Waiting);
}

#[test]
fn a_superseded_stream_stays_away_until_asked_or_shown() {
    for bring_back in [ToWorker::Reconnect, ToWorker::Visibility { visible: true }] {
        let (mut world, tab, connection) = World::open(json!({}));
        world.event(connection, "superseded", "e-1", "{}");
        assert_eq!(world.status().reason, Some(Reason::Superseded));
        assert_eq!(world.state(), ReadyState::Closed);
        world.secs(3_600);
        assert_eq!(world.opened.len(), 1);
        world.say(tab, bring_back);
        assert_eq!(world.opened.len(), 2);
        assert_eq!(&*world.opened[1].1.last_event_id, "e-1");
    }
}
