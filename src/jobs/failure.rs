//! A customer for whom a job failed.

use crate::domain::ids::CustomerId;
use crate::store::PullFailure;

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Which one.
    pub customer: CustomerId,
    /// Its name, as it came.
    pub name: String,
    /// At what, such as `subscriptions`.
    pub stage: String,
    /// Why.
    pub reason: String,
}

impl From<&PullFailure> for Failure {
    fn from(failure: &PullFailure) -> Self {
        Self {
            customer: failure.customer.clone(),
            name: failure.name.clone(),
            stage: failure.stage.clone(),
            reason: failure.reason.clone(),
        }
    }
}
