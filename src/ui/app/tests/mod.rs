//! The dashboard as its operator sees it: keys in, effects and screens out.

pub mod support;

mod app_consent;
mod asking;
mod keys;
mod screens;
mod settings;
mod settings_consent;
mod settings_keys;
mod sheets;
mod ticking;
