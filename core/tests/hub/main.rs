//! The hub under a fake clock: one file per scenario.

mod auth;
mod backoff;
mod beginning;
mod going_back;
mod network;
mod polling;
mod relay;
mod resume;
mod snapshot;
mod standard;
mod tabs;
mod verdicts;
mod watchdog;
mod world;
