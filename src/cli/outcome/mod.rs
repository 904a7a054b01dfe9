//! Printing how a job ended, whatever its kind.

mod asked;
mod pulled;

use serde::Serialize;

use super::Desk;
use super::failure::{Exit, Failure};
use crate::jobs::{self, Outcome};
use crate::store::JobId;

/// How many failed customers people are shown.
const SHOWN: usize = 20;

/// See the module.
pub(super) fn told(desk: &Desk, job: &JobId, outcome: &Outcome) -> Result<Exit, Failure> {
    match outcome {
        Outcome::Pulled(pulled) => pulled::told(desk, job, pulled),
        Outcome::Asked(asked) => asked::told(desk, job, asked),
    }
}

/// A customer for whom a job failed.
#[derive(Serialize)]
pub(super) struct Failed<'a> {
    customer_id: &'a str,
    name: &'a str,
    stage: &'a str,
    reason: &'a str,
}

impl<'a> Failed<'a> {
    pub(super) fn of(failure: &'a jobs::Failure) -> Self {
        Self {
            customer_id: failure.customer.as_str(),
            name: &failure.name,
            stage: &failure.stage,
            reason: &failure.reason,
        }
    }
}
