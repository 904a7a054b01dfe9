//! Spreadsheets.

pub mod read;
pub mod table;
