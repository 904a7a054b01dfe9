//! Spreadsheets.

pub mod folder;
pub mod table;
