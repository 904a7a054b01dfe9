//! Price sheets: Microsoft's lists of what a partner pays, in memory and without I/O.
//!
//! Formats and their rules: <https://learn.microsoft.com/partner-center/pricing/pricing-and-offers> and
//! <https://learn.microsoft.com/partner-center/developer/get-a-price-sheet>.

mod builder;
mod carry;
pub mod dates;
pub mod diff;
mod facts;
mod field;
mod keys;
mod layout;
pub mod lint;
mod mapping;
pub mod numbers;
mod packed;
mod row;
mod sheet;
#[cfg(test)]
mod tests;
mod texts;
mod validity;

pub use builder::{Builder, Built, Hints, SKIPPED_TOLD, Skipped, padded};
pub use facts::{SheetFacts, month_in_name};
pub use field::{Column, Field, fold};
pub use keys::RowKey;
pub use layout::{FieldSet, Layout, PriceBasis};
pub use mapping::{Mapping, MappingError};
pub use row::{CostError, Row};
pub use sheet::{BrokenSheet, Head, Piece, PriceSheet, Source};
pub use texts::{Index, Interner, Texts};
pub use validity::valid_at;
