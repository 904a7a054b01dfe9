//! The simulator, asked over HTTP as any client would.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that meets something unexpected has failed")]

mod data;
mod faults;
mod login;
mod paging;
mod pricing;
mod support;
