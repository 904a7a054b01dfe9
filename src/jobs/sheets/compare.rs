//! Two kept sheets compared, and what their difference means for the plans.

use std::collections::HashMap;
use std::sync::Arc;

use super::error::SheetJobError;
use super::stored::rows;
use crate::domain::ids::PlanId;
use crate::domain::plan_book::PlanBook;
use crate::domain::plan_impact::{PlanImpact, impact};
use crate::domain::price_sheet::PriceSheet;
use crate::domain::price_sheet::diff::{self, SheetDiff};
use crate::store::Store;

/// Two sheets, and how they differ.
#[derive(Debug, Clone)]
pub struct Comparison {
    /// The older one.
    pub old: Arc<PriceSheet>,
    /// The newer one.
    pub new: Arc<PriceSheet>,
    /// Where they differ.
    pub diff: SheetDiff,
    /// The plans and cycles that each change touches, in the order of the changes.
    pub impact: Vec<PlanImpact>,
}

/// Compares two kept sheets. Blocks.
///
/// # Errors
/// [`SheetJobError::NoSheet`] where one of them is not there.
pub fn compare(store: &Store, old: &str, new: &str) -> Result<Comparison, SheetJobError> {
    let mut sold: HashMap<PlanId, usize> = HashMap::new();
    let (older, newer, plans, is_preview) = store.read(|txn| {
        txn.each_service(|service| *sold.entry(service.value.plan).or_default() += 1)?;
        let is_preview = txn.sheet(new)?.is_some_and(|record| record.value.is_preview);
        Ok((rows(txn, old)?, rows(txn, new)?, txn.plans()?, is_preview))
    })?;
    let there = |sheet: Option<PriceSheet>, name: &str| {
        sheet.map(Arc::new).ok_or_else(|| SheetJobError::NoSheet(name.to_owned()))
    };
    let (old, new) = (there(older, old)?, there(newer, new)?);
    let plans = PlanBook::new(plans.into_iter().map(|plan| plan.value));
    let diff = diff::compare(&old, &new);
    let diff = if is_preview { diff.of_preview() } else { diff };
    let impact = impact(&old, &new, &diff, &plans, |plan| sold.get(plan).copied().unwrap_or_default());
    Ok(Comparison { old, new, diff, impact })
}
