//! Spreadsheets.

pub mod folder;
pub mod read;
pub mod table;
