//! Spreadsheets.

pub mod table;
