//! Price sheets: read and look through a file, keep it, list, open, compare and remove what is kept. Everything here blocks,
//! [`fetch()`] alone does not; [`review()`] and [`compare()`] take long enough that nobody should wait for them on the drawing
//! thread.

mod compare;
mod error;
mod fetch;
mod journal;
mod keep;
mod mappings;
mod review;
mod stored;
#[cfg(test)]
mod tests;

pub use compare::{Comparison, compare};
pub use error::SheetJobError;
pub use fetch::fetch;
pub use journal::KIND;
pub use keep::keep;
pub use mappings::{mapping, mappings, remove_mapping, save_mapping};
pub use review::{From, Review, ReviewProgress, review};
pub use stored::{SheetSummary, list, open, record, remove};
