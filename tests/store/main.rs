//! The store as the rest of the program uses it, from one process and from several.
#![cfg(test)]

mod access;
mod application_consents;
mod audit;
mod damage;
mod processes;
mod records;
mod secrets;
mod sheets;
mod snapshot;
mod support;
mod work;
