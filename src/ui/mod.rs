//! The dashboard.

pub mod action;
pub mod app;
pub mod commands;
pub mod draw;
pub mod effect;
pub mod event;
pub mod keys;
pub mod layers;
pub mod out;
pub mod screens;
pub mod terminal;
pub mod theme;
pub mod widgets;
