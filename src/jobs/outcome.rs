//! How a job ended that came to its end, whatever its kind.

use super::application_consents::Asked;
use super::failure::Failure;
use super::pull::Pulled;
use crate::store::JobState;

/// See the module.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// A pull.
    Pulled(Pulled),
    /// The app consent was asked for in customers' tenants.
    Asked(Asked),
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
