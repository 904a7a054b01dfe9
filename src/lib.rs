//! cspdeck: a terminal dashboard with which Microsoft CSP partners run their Microsoft 365 business.
//!
//! Imports point down only: `cli` and `ui` stand on `jobs`; `jobs` on `partner_center` and `store`, which know nothing of
//! each other; everything on `domain`, which knows no I/O.

pub mod caught;
pub mod cli;
pub mod config;
pub mod demo;
pub mod domain;
pub mod hardening;
pub mod jobs;
pub mod logging;
pub mod mail;
pub mod partner_center;
pub mod sheets;
pub mod simulator;
pub mod store;
pub mod ui;
