//! The binary as an operator or cron runs it, against a simulator in another process.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that meets something unexpected has failed"
)]

mod app_consents;
mod demo;
mod jobs;
mod lists;
mod plans;
mod pull;
mod readme;
mod safety;
mod settings;
mod sheets;
mod simulator;
mod support;
