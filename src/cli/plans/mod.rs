//! `plans ..`: plans made from a price sheet, listed, shown, repriced and removed.

pub mod arguments;
mod create;
mod reprice;
mod show;

use std::collections::BTreeSet;

use arguments::PlansVerb;
use serde_json::json;

use super::Desk;
use super::failure::{Exit, Failure};
use crate::domain::ids::PlanId;
use crate::domain::text::counted;
use crate::jobs::plans::{self, PlanJobError};

pub(super) fn run(desk: &Desk, verb: &PlansVerb) -> Result<Exit, Failure> {
    match verb {
        PlansVerb::Create(arguments) => create::run(desk, arguments),
        PlansVerb::List => show::list(desk),
        PlansVerb::Show { plan } => show::show(desk, plan),
        PlansVerb::Reprice(arguments) => reprice::run(desk, arguments),
        PlansVerb::Remove { plans } => remove(desk, plans),
    }
}

fn remove(desk: &Desk, wanted: &[String]) -> Result<Exit, Failure> {
    let mut found = Vec::new();
    for text in wanted {
        let plan = plans::find(&desk.store, text)?.plan;
        found.push((plan.value.id, plan.revision));
    }
    found.sort();
    found.dedup();
    plans::remove(&desk.store, &found)?;
    let ids: Vec<&str> = found.iter().map(|(id, _)| id.as_str()).collect();
    let line = format!("{} removed: {}", counted(ids.len(), "plan"), ids.join(", "));
    desk.output.document(&json!({ "removed": ids }), &[line])?;
    Ok(Exit::Done)
}

/// The ids of plans that are named by id or name, each once.
fn ids(desk: &Desk, wanted: &[String]) -> Result<Vec<PlanId>, Failure> {
    let mut ids = BTreeSet::new();
    for text in wanted {
        ids.insert(plans::find(&desk.store, text)?.plan.value.id);
    }
    Ok(ids.into_iter().collect())
}

impl From<PlanJobError> for Failure {
    fn from(error: PlanJobError) -> Self {
        let message = error.to_string();
        let kind = match error {
            PlanJobError::Store(error) => return error.into(),
            PlanJobError::NoSheet { .. } => "no_sheet",
            PlanJobError::NoPlan(_) => "no_plan",
            PlanJobError::SeveralPlans { .. } => "several_plans",
            PlanJobError::Form { .. } => "form",
            PlanJobError::Price { .. } => "price",
            PlanJobError::NothingToUndo => "nothing_to_undo",
        };
        Self::new(Exit::Failed, kind, message)
    }
}
