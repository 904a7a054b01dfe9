//! The binary as an operator meets it: in a real pseudo-terminal, by keys, signals, and a terminal that goes away.
//!
//! Nothing here is timed. Whatever is waited for is waited for generously, and only its absence fails a test.
#![cfg(test)]

mod home;
mod partner;
mod process;
mod steps;
mod terminal;

mod accounts;
mod browser;
mod bytes;
mod consent;
mod environment;
mod hostile;
mod leaving;
mod main_job;
mod operators;
mod paste;
mod plans;
mod pull;
mod sizes;
mod store_trouble;
mod suspend;
mod token;
