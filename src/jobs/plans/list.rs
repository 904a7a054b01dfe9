//! Plans that are there.

use std::collections::HashMap;

use super::error::PlanJobError;
use crate::domain::ids::PlanId;
use crate::domain::plan::Plan;
use crate::domain::record::Versioned;
use crate::store::{ReadTxn, Store, StoreError};

/// A plan for a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanSummary {
    /// The plan.
    pub plan: Versioned<Plan>,
    /// Services that are sold under it.
    pub services: usize,
}

/// Services by the plan that they are sold under.
///
/// # Errors
/// When the store can't be read.
pub fn count_services(txn: &ReadTxn) -> Result<HashMap<PlanId, usize>, StoreError> {
    let mut counts = HashMap::new();
    txn.each_service(|service| *counts.entry(service.value.plan).or_default() += 1)?;
    Ok(counts)
}

/// Every plan, by name.
///
/// # Errors
/// When the store can't be read.
pub fn list(store: &Store) -> Result<Vec<PlanSummary>, PlanJobError> {
    let (mut plans, counts) = store.read(|txn| Ok((txn.plans()?, count_services(txn)?)))?;
    plans.sort_by(|a, b| a.value.name.cmp(&b.value.name).then_with(|| a.value.id.cmp(&b.value.id)));
    let summary = |plan: Versioned<Plan>| {
        let services = counts.get(&plan.value.id).copied().unwrap_or_default();
        PlanSummary { plan, services }
    };
    Ok(plans.into_iter().map(summary).collect())
}

/// The plan of an id, else the only one of a name.
///
/// # Errors
/// [`PlanJobError::NoPlan`], or [`PlanJobError::SeveralPlans`] where several have the name.
pub fn find(store: &Store, wanted: &str) -> Result<PlanSummary, PlanJobError> {
    let plans = list(store)?;
    let text = wanted.trim();
    if let Some(found) = plans.iter().find(|p| p.plan.value.id.as_str() == text.to_lowercase()) {
        return Ok(found.clone());
    }
    let mut named: Vec<PlanSummary> =
        plans.into_iter().filter(|p| p.plan.value.name.to_lowercase() == text.to_lowercase()).collect();
    match (named.pop(), named.is_empty()) {
        (Some(only), true) => Ok(only),
        (Some(last), false) => {
            let ids = named.iter().chain([&last]).map(|p| p.plan.value.id.to_string()).collect();
            Err(PlanJobError::SeveralPlans { name: wanted.to_owned(), ids })
        }
        (None, _) => Err(PlanJobError::NoPlan(wanted.to_owned())),
    }
}

/// Writes a plan over the revision that was read.
///
/// # Errors
/// [`StoreError::Conflict`] where another operator was first.
pub fn change(store: &Store, revision: u64, plan: &Plan) -> Result<u64, PlanJobError> {
    Ok(store.write(|txn| txn.put_plan(revision, plan))?)
}

/// Removes plans as they were read, all or none.
///
/// # Errors
/// [`StoreError::StillUsed`] while services are sold under one, [`StoreError::Conflict`] where another operator was first.
pub fn remove(store: &Store, plans: &[(PlanId, u64)]) -> Result<(), PlanJobError> {
    Ok(store.write(|txn| plans.iter().try_for_each(|(id, revision)| txn.remove_plan(*revision, id)))?)
}
