//! The dashboard. A key press goes one way: event, action, `update`, effect, job, event, draw.

pub mod action;
pub mod app;
pub mod commands;
pub mod draw;
pub mod effect;
pub mod event;
pub mod keys;
pub mod layers;
mod looping;
pub mod messages;
pub mod out;
pub mod pasted;
pub mod screens;
pub mod terminal;
pub mod theme;
pub mod widgets;
mod world;

pub use looping::{RunError, run};
