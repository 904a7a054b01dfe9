//! Pieces that several screens use.

pub mod fit;
pub mod grid;
pub mod input;
pub mod pick;
pub mod secret_line;
