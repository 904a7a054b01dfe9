//! Pieces that several screens use.

pub mod field_list;
pub mod fit;
pub mod grid;
pub mod input;
pub mod pick;
pub mod qr;
pub mod secret_line;
