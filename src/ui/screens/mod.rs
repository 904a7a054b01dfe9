//! The tabs.

pub mod migration;
pub mod placeholder;
