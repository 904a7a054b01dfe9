//! What a job of this process does, by kind.

use super::application_consents::{ApplicationConsents, Order};
use super::error::JobError;
use super::outcome::Outcome;
use super::pull::Pull;
use super::run::Run;
use crate::store::JobRecord;

/// See the module.
pub(super) enum Work {
    /// Requesting CSP data.
    Pull { full: bool },
    /// Reading again what failed.
    PullRetry,
    /// Giving the app consent in customers' tenants.
    Consents(Ask),
}

/// Which customers are asked for the app consent.
pub(super) enum Ask {
    /// Those of a new job.
    All(Order),
    /// Those of the job that are not done yet.
    Open,
    /// Those that failed in the job.
    Failed,
}

impl Work {
    /// Does it.
    pub(super) async fn run(self, run: Run, job: JobRecord) -> Result<Outcome, JobError> {
        let (pull, consents) = (Pull { run: run.clone() }, ApplicationConsents { run });
        match self {
            Self::Pull { full } => pull.run(job, full).await.map(Outcome::Pulled),
            Self::PullRetry => pull.retry_failed(job).await.map(Outcome::Pulled),
            Self::Consents(Ask::All(order)) => consents.start(job, order).await.map(Outcome::Asked),
            Self::Consents(Ask::Open) => consents.go_on(job).await.map(Outcome::Asked),
            Self::Consents(Ask::Failed) => consents.retry_failed(job).await.map(Outcome::Asked),
        }
    }
}
