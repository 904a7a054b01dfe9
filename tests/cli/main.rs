//! The binary as an operator or cron runs it, against a simulator in another process.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that meets something unexpected has failed"
)]

mod app_consents;
mod browser;
mod check;
mod consent;
mod consent_status;
mod demo;
mod door;
mod jobs;
mod lists;
mod plans;
mod pull;
mod readme;
mod safety;
mod secrets_nowhere;
mod settings;
mod sheets;
mod simulator;
mod support;
mod vault;
