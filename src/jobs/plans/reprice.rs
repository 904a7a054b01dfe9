//! Repricing plans from a newer sheet as one step, and undoing it.

use std::collections::{BTreeSet, HashSet};

use jiff::Timestamp;

use super::error::PlanJobError;
use super::list::count_services;
use crate::domain::ids::PlanId;
use crate::domain::offer_list::{OfferLine, offer_lines};
use crate::domain::plan::Plan;
use crate::domain::plan_form::CycleOffer;
use crate::domain::record::Versioned;
use crate::domain::reprice::{Keep, Repriced, reprice};
use crate::domain::reprice_batch::{FormerPlan, RepriceBatch};
use crate::store::{AuditEvent, Prepared, Store, StoreError};

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepriceOrder {
    /// Which plans; none for all.
    pub plans: Option<Vec<PlanId>>,
    /// The newer sheet.
    pub sheet: String,
    /// What stays.
    pub keep: Keep,
}

/// A plan before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepriceLine {
    /// As it is stored.
    pub stored: Versioned<Plan>,
    /// As it would be.
    pub repriced: Repriced,
    /// Services that are sold under it. They keep their price.
    pub services: usize,
}

impl RepriceLine {
    /// Whether it would be written: the sheet offers something of it, and it becomes another plan by that.
    #[must_use]
    pub fn is_written(&self) -> bool {
        self.repriced.is_offered() && self.repriced.after != self.stored.value
    }
}

/// What a reprice would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepricePreview {
    /// What was asked for.
    pub order: RepriceOrder,
    /// Each plan, by name; also those that stay as they are.
    pub lines: Vec<RepriceLine>,
}

/// Works out what a reprice would do, with what the sheet offers now.
///
/// # Errors
/// [`PlanJobError::NoSheet`], [`PlanJobError::NoPlan`], or a price that gets too large.
pub fn reprice_preview(store: &Store, order: &RepriceOrder) -> Result<RepricePreview, PlanJobError> {
    let sheet = super::sheet(store, &order.sheet)?;
    let offers = offer_lines(&sheet, Timestamp::now());
    let (mut plans, counts) = store.read(|txn| Ok((txn.plans()?, count_services(txn)?)))?;
    if let Some(wanted) = &order.plans {
        let mut missing: HashSet<&PlanId> = wanted.iter().collect();
        plans.retain(|plan| missing.remove(&plan.value.id));
        if let Some(gone) = missing.into_iter().next() {
            return Err(PlanJobError::NoPlan(gone.to_string()));
        }
    }
    plans.sort_by(|a, b| a.value.name.cmp(&b.value.name).then_with(|| a.value.id.cmp(&b.value.id)));
    let offers = ByOffer::new(&offers);
    let lines = plans
        .into_iter()
        .map(|stored| {
            let before = &stored.value;
            let repriced = reprice(before, &order.sheet, &offers.of(before), order.keep)
                .map_err(|error| PlanJobError::Price { name: before.name.clone(), error })?;
            let services = counts.get(&before.id).copied().unwrap_or_default();
            Ok(RepriceLine { stored, repriced, services })
        })
        .collect::<Result<_, PlanJobError>>()?;
    Ok(RepricePreview { order: order.clone(), lines })
}

/// A sheet's lines by product, so that many plans do not look through all of them.
struct ByOffer<'a>(std::collections::HashMap<String, Vec<&'a OfferLine>>);

impl<'a> ByOffer<'a> {
    fn new(lines: &'a [OfferLine]) -> Self {
        let mut by = std::collections::HashMap::<String, Vec<&OfferLine>>::new();
        for line in lines {
            by.entry(product(&line.key.offer)).or_default().push(line);
        }
        Self(by)
    }

    fn of(&self, plan: &Plan) -> Vec<CycleOffer> {
        let lines = self.0.get(&product(&plan.offer)).into_iter().flatten();
        lines.filter(|line| line.key.is_of(plan)).filter_map(|line| line.offered.clone()).collect()
    }
}

fn product(offer: &crate::domain::offer::Offer) -> String {
    offer.product_id().map_or_else(|| offer.to_string(), str::to_owned)
}

/// Writes what was confirmed, in one transaction, and keeps the former plans for [`undo_last_reprice`]. Returns how many plans were
/// written.
///
/// # Errors
/// [`StoreError::Conflict`] where another operator changed one of the plans since: nothing is written then.
pub fn reprice_apply(store: &Store, preview: &RepricePreview) -> Result<usize, PlanJobError> {
    let written: Vec<&RepriceLine> = preview.lines.iter().filter(|line| line.is_written()).collect();
    if written.is_empty() {
        return Ok(0);
    }
    let RepriceOrder { sheet, keep, .. } = &preview.order;
    // Encoded before the transaction, which keeps the store only for a moment then.
    let prepared: Vec<Prepared> = written
        .iter()
        .map(|line| Prepared::plan(Some(&line.stored), &line.repriced.after))
        .collect::<Result<_, _>>()?;
    store.write(|txn| {
        let mut plans = Vec::with_capacity(written.len());
        for (line, prepared) in written.iter().zip(&prepared) {
            let revision = txn.put_prepared(prepared)?;
            plans.push(FormerPlan {
                before: line.stored.value.clone(),
                revision,
                from: line.stored.revision,
            });
        }
        let by = txn.operator().name.clone();
        let batch =
            RepriceBatch { number: 0, by, at: Timestamp::now(), sheet: sheet.clone(), keep: *keep, plans };
        let number = txn.add_reprice(batch)?;
        let names: Vec<String> = written.iter().map(|line| line.stored.value.id.to_string()).collect();
        txn.audit(AuditEvent {
            action: "plan.reprice".to_owned(),
            subject: format!("reprice {number}"),
            detail: format!("from {sheet}, {keep} kept, {}: {}", written.len(), names.join(", ")),
        })
    })?;
    Ok(written.len())
}

/// A plan that an undo has left as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The plan's name.
    pub name: String,
    /// Why, as the end of a sentence.
    pub reason: String,
}

/// What an undo has done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undone {
    /// The reprice.
    pub batch: RepriceBatch,
    /// Names of the plans that are as they were before it.
    pub restored: Vec<String>,
    /// Plans that somebody changed since.
    pub refused: Vec<Refusal>,
}

/// Puts the plans of the last reprice back, but for those that were changed or removed since. That reprice is forgotten then, and
/// the one before it can be undone.
///
/// # Errors
/// [`PlanJobError::NothingToUndo`].
pub fn undo_last_reprice(store: &Store) -> Result<Undone, PlanJobError> {
    store.write(|txn| {
        let mut earlier = txn.reprices()?;
        let Some(batch) = earlier.pop() else {
            return Ok(Err(PlanJobError::NothingToUndo));
        };
        let mut moved = BTreeSet::new();
        let (mut restored, mut refused) = (Vec::new(), Vec::new());
        for former in &batch.plans {
            let FormerPlan { before, revision, .. } = former;
            let name = before.name.clone();
            match txn.plan(&before.id)? {
                Some(stored) if stored.revision == *revision => {
                    let now = txn.put_plan(*revision, before)?;
                    for (at, one) in earlier.iter_mut().enumerate() {
                        if one.follow(former, now) {
                            moved.insert(at);
                        }
                    }
                    restored.push(name);
                }
                Some(stored) => {
                    let (by, at) = (stored.updated_by, stored.updated_at.strftime("%Y-%m-%d %H:%M"));
                    refused.push(Refusal { name, reason: format!("changed by {by} on {at} UTC") });
                }
                None => refused.push(Refusal { name, reason: "removed since".to_owned() }),
            }
        }
        for at in moved {
            if let Some(one) = earlier.get(at) {
                txn.put_reprice(one)?;
            }
        }
        txn.remove_reprice(batch.number)?;
        txn.audit(AuditEvent {
            action: "plan.reprice_undo".to_owned(),
            subject: format!("reprice {}", batch.number),
            detail: format!("{} put back, {} left as they are", restored.len(), refused.len()),
        })?;
        Ok::<_, StoreError>(Ok(Undone { batch, restored, refused }))
    })?
}
