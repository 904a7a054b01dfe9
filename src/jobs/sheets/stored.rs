//! Price sheets that are kept.

use std::sync::Arc;

use super::error::SheetJobError;
use crate::domain::price_sheet::PriceSheet;
use crate::domain::record::Versioned;
use crate::domain::sheet_record::SheetRecord;
use crate::store::{ReadTxn, Store, StoreError};

/// A kept sheet for a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetSummary {
    /// What is kept of it beside its rows; the revision tells who imported it and when.
    pub record: Versioned<SheetRecord>,
    /// The names of the plans that take their costs from it, sorted.
    pub plans: Vec<String>,
}

/// Every kept sheet, by name.
///
/// # Errors
/// When the store can't be read.
pub fn list(store: &Store) -> Result<Vec<SheetSummary>, SheetJobError> {
    let sheets = store.read(|txn| {
        let plans = txn.plans()?;
        let summary = |record: Versioned<SheetRecord>| {
            let named = |plan: &&Versioned<_>| is_of(plan, &record.value.name);
            let mut plans: Vec<String> = plans.iter().filter(named).map(|p| p.value.name.clone()).collect();
            plans.sort_unstable();
            SheetSummary { record, plans }
        };
        Ok(txn.sheets()?.into_iter().map(summary).collect())
    })?;
    Ok(sheets)
}

fn is_of(plan: &Versioned<crate::domain::plan::Plan>, sheet: &str) -> bool {
    plan.value.sheet.as_deref() == Some(sheet)
}

/// What is kept of a sheet beside its rows.
///
/// # Errors
/// [`SheetJobError::NoSheet`] where no sheet has the name.
pub fn record(store: &Store, name: &str) -> Result<Versioned<SheetRecord>, SheetJobError> {
    store.read(|txn| txn.sheet(name))?.ok_or_else(|| SheetJobError::NoSheet(name.to_owned()))
}

/// The rows of a sheet. Blocks.
///
/// # Errors
/// [`SheetJobError::NoSheet`] where no sheet has the name.
pub fn open(store: &Store, name: &str) -> Result<Arc<PriceSheet>, SheetJobError> {
    let sheet = store.read(|txn| rows(txn, name))?;
    sheet.map(Arc::new).ok_or_else(|| SheetJobError::NoSheet(name.to_owned()))
}

/// The rows of a sheet, if there is one of that name.
pub(super) fn rows(txn: &ReadTxn, name: &str) -> Result<Option<PriceSheet>, StoreError> {
    txn.sheet(name)?.map(|record| txn.sheet_rows(&record.value)).transpose()
}

/// Removes a sheet. One that plans take their costs from stays, unless it is to go `even_if_used`: the plans keep their prices
/// then, and name a sheet that is not there.
///
/// # Errors
/// [`SheetJobError::NoSheet`], or [`SheetJobError::Used`] with the plans' names.
pub fn remove(store: &Store, name: &str, even_if_used: bool) -> Result<(), SheetJobError> {
    store.write(|txn| {
        let Some(record) = txn.sheet(name)? else {
            return Ok(Err(SheetJobError::NoSheet(name.to_owned())));
        };
        if !even_if_used {
            let plans = txn.plans()?;
            let users = plans.into_iter().filter(|plan| is_of(plan, name)).map(|plan| plan.value.name);
            let mut plans: Vec<String> = users.collect();
            plans.sort_unstable();
            if !plans.is_empty() {
                return Ok(Err(SheetJobError::Used { name: name.to_owned(), plans }));
            }
        }
        txn.remove_sheet(record.revision, name).map(Ok)
    })?
}
