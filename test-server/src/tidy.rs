//! Clearing on a timer.

use tokio::time::{MissedTickBehavior, interval};

use crate::{state::AppState, store::tidy::Limits};

/// Clears what has expired, each cleanup interval, for as long as it is polled.
pub(crate) async fn run(state: AppState) {
    let mut rounds = interval(state.config.cleanup_interval);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        rounds.tick().await;
        state.tickets.tidy();
        state.hub.seen(|_| ());
        let limits = Limits {
            retention: state.config.retention,
            waiting: state.config.max_waiting_per_user,
        };
        let mut cleared = 0;
        // Each round is a write of its own, so that others get in between.
        loop {
            match state.store.change(limits).await {
                Ok(0) => break,
                Ok(rows) => cleared += rows,
                Err(_) => break,
            }
        }
        if cleared > 0 {
            tracing::info!(rows = cleared, "cleared");
        }
    }
}
