//! How a job ended that came to its end, whatever its kind.

use super::application_consents::Asked;
use super::pull::Pulled;
use crate::domain::ids::CustomerId;
use crate::store::{JobState, PullFailure};

/// See the module.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// A pull.
    Pulled(Pulled),
    /// The app consent was asked for in customers' tenants.
    Asked(Asked),
}

/// A customer for whom a job failed.
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

impl Outcome {
    /// How the journal notes it.
    #[must_use]
    pub fn state(&self) -> JobState {
        match self {
            Self::Pulled(pulled) => pulled.state(),
            Self::Asked(asked) => asked.state(),
        }
    }

    /// All of it in one line.
    #[must_use]
    pub fn summary(&self) -> String {
        match self {
            Self::Pulled(pulled) => pulled.summary(),
            Self::Asked(asked) => asked.summary(),
        }
    }

    /// For whom it failed.
    #[must_use]
    pub fn failures(&self) -> Vec<Failure> {
        match self {
            Self::Pulled(pulled) => pulled.failures.iter().map(Failure::from).collect(),
            Self::Asked(asked) => asked.failures(),
        }
    }
}
