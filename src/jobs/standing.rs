//! How jobs stand, for lists of them.

use super::failure::Failure;
use super::kind::Kind;
use crate::store::{JobRecord, JobState};

/// How a job stands, seen from here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobStatus {
    /// At work in this process.
    Running,
    /// At work in another process.
    Elsewhere,
    /// Its process is gone.
    Interrupted,
    /// Over, as the journal says.
    Ended(JobState),
}

impl JobStatus {
    /// Whether it neither runs nor came to its end, so that it can be given up.
    pub(super) fn has_stopped(self) -> bool {
        matches!(self, Self::Interrupted | Self::Ended(JobState::Cancelled | JobState::Failed))
    }
}

/// A job for a list.
#[derive(Debug, Clone)]
pub struct JobSummary {
    /// Its entry.
    pub record: JobRecord,
    /// How it stands.
    pub status: JobStatus,
    /// For whom it failed; of pulls, by the one that made the present snapshot.
    pub failures: Vec<Failure>,
}

impl JobSummary {
    /// Whether it can be gone on with where it has stopped.
    #[must_use]
    pub fn is_resumable(&self) -> bool {
        Kind::of(&self.record).is_some_and(|kind| kind.resumable().is_ok())
    }
}

/// The same as a part of a sentence about a job.
pub(super) fn state_words(status: JobStatus) -> &'static str {
    match status {
        JobStatus::Running => "is running here",
        JobStatus::Elsewhere => "is running in another process",
        JobStatus::Interrupted => "was interrupted",
        JobStatus::Ended(JobState::Done | JobState::DoneInPart) => "is done",
        JobStatus::Ended(JobState::Dropped) => "was given up",
        JobStatus::Ended(JobState::Failed) => "failed",
        JobStatus::Ended(JobState::Cancelled) => "was cancelled",
        JobStatus::Ended(JobState::Running) => "is running",
    }
}
