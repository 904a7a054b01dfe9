//! The simulator, asked over HTTP as any client would.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that meets something unexpected has failed")]

mod application_consents;
mod data;
mod devices;
mod faults;
mod graph;
mod key_vault;
mod login;
mod login_client;
mod managed_identity;
mod paging;
mod pricing;
mod sign_in;
mod smtp;
mod support;
