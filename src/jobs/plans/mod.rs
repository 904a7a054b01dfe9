//! Plans: made from what a price sheet offers, changed, repriced, removed; and what operators call the offers. Everything here
//! blocks.

mod create;
mod error;
mod labels;
mod list;
mod reprice;
#[cfg(test)]
pub(crate) mod samples;
#[cfg(test)]
mod tests;

pub use create::{Created, create, preview_create};
pub use error::PlanJobError;
pub use labels::{LabelChange, labels, set_labels};
pub use list::{PlanSummary, change, count_services, find, list, remove};
pub use reprice::{Refusal, RepriceLine, RepriceOrder, RepricePreview, Undone};
pub use reprice::{reprice_apply, reprice_preview, undo_last_reprice};

use crate::domain::price_sheet::PriceSheet;
use crate::store::Store;

/// The rows of a stored price sheet.
///
/// # Errors
/// [`PlanJobError::NoSheet`] where no sheet has the name.
pub fn sheet(store: &Store, name: &str) -> Result<PriceSheet, PlanJobError> {
    let rows = store.read(|txn| txn.sheet(name)?.map(|record| txn.sheet_rows(&record.value)).transpose())?;
    match rows {
        Some(rows) => Ok(rows),
        None => {
            let names = store.read(|txn| txn.sheets())?.into_iter().map(|sheet| sheet.value.name).collect();
            Err(PlanJobError::NoSheet { name: name.to_owned(), there: names })
        }
    }
}
