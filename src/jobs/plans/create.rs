//! Making plans from forms, all of them in one transaction.

use super::error::PlanJobError;
use crate::domain::plan::Plan;
use crate::domain::plan_batch::{CreateLine, create_lines};
use crate::domain::plan_form::PlanForm;
use crate::store::{AuditEvent, Prepared, ReadTxn, Store, StoreError};

/// What became of some forms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Created {
    /// Plans that are written.
    pub written: Vec<Plan>,
    /// Forms that were left out, for a plan sells the same already.
    pub duplicates: Vec<CreateLine>,
}

/// Works out what would come of some forms with the plans as they are now.
///
/// # Errors
/// When the store can't be read.
pub fn preview_create(store: &Store, forms: &[PlanForm]) -> Result<Vec<CreateLine>, PlanJobError> {
    Ok(store.read(|txn| lines(txn, forms))?)
}

fn lines(txn: &ReadTxn, forms: &[PlanForm]) -> Result<Vec<CreateLine>, StoreError> {
    let stored: Vec<Plan> = txn.plans()?.into_iter().map(|plan| plan.value).collect();
    Ok(create_lines(forms, &stored))
}

/// Makes plans, with ids of their own. Forms that sell what a plan sells already are left out unless `duplicates_too`.
///
/// # Errors
/// [`PlanJobError::Form`] where one of them is no plan: none is written then.
pub fn create(store: &Store, forms: &[PlanForm], duplicates_too: bool) -> Result<Created, PlanJobError> {
    loop {
        let (generation, lines) = store.read(|txn| Ok((txn.generation()?.data, self::lines(txn, forms)?)))?;
        let (made, duplicates): (Vec<CreateLine>, Vec<CreateLine>) =
            lines.into_iter().partition(|line| line.result.is_err() || line.is_made(duplicates_too));
        let mut written = Vec::with_capacity(made.len());
        for line in made {
            match line.result {
                Ok(plan) => written.push(plan),
                Err(error) => return Err(PlanJobError::Form { name: line.form.name, error }),
            }
        }
        // Encoded before the transaction, which keeps the store only for a moment then.
        let prepared: Vec<Prepared> =
            written.iter().map(|plan| Prepared::plan(None, plan)).collect::<Result<_, _>>()?;
        let is_written = store.write(|txn| {
            if txn.generation()?.data != generation {
                return Ok(false);
            }
            for plan in &prepared {
                txn.put_prepared(plan)?;
            }
            if written.len() > 1 {
                txn.audit(AuditEvent {
                    action: "plan.create_many".to_owned(),
                    subject: format!("{} plans", written.len()),
                    detail: written.iter().map(|plan| plan.id.to_string()).collect::<Vec<_>>().join(", "),
                })?;
            }
            Ok(true)
        })?;
        if is_written {
            return Ok(Created { written, duplicates });
        }
    }
}
