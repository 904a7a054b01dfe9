//! The journal of jobs: what was started, how far it came, and how it ended.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::codec::{self, Rows};
use super::error::StoreError;
use super::tables;
use super::txn::{ReadTxn, WriteTxn};

/// Ended jobs that are kept.
const KEPT: usize = 300;

/// A job's identity. Later ones sort behind earlier ones.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct JobId(String);

impl JobId {
    /// A new one (UUID version 7, which starts with the time).
    #[must_use]
    #[expect(clippy::new_without_default, reason = "each one is another, which a default is not")]
    pub fn new() -> Self {
        Self(uuid::Uuid::now_v7().to_string())
    }

    /// One that was typed; none where it has not the form of a UUID.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        uuid::Uuid::try_parse(text.trim()).ok().map(|id| Self(id.to_string()))
    }

    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// How a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// At work, or left by a process that was killed: see [`JobRecord::is_orphaned`].
    Running,
    /// All done.
    Done,
    /// Done, and some rows failed.
    DoneInPart,
    /// Not done.
    Failed,
    /// Stopped by an operator.
    Cancelled,
    /// Left by a killed process and given up.
    Dropped,
}

impl JobState {
    /// Whether nothing more will happen.
    #[must_use]
    pub fn has_ended(self) -> bool {
        self != Self::Running
    }
}

/// A job's entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobRecord {
    /// Its identity.
    pub id: JobId,
    /// Which kind of job, such as `pull`.
    pub kind: String,
    /// What it does, for people.
    pub title: String,
    /// How it stands.
    pub state: JobState,
    /// Who started it.
    pub operator: String,
    /// The process that works on it.
    pub pid: u32,
    /// The machine of that process.
    pub host: String,
    /// UTC.
    pub started_at: Timestamp,
    /// UTC.
    pub updated_at: Timestamp,
    /// Steps done.
    pub done: u64,
    /// Steps in all, once that is known.
    #[serde(default)]
    pub total: Option<u64>,
    /// What it says, or why it failed.
    #[serde(default)]
    pub message: Option<String>,
    /// What the job needs to go on, in its own form.
    #[serde(default, with = "codec::bytes")]
    pub checkpoint: Vec<u8>,
}

impl JobRecord {
    /// A job that starts in this process now.
    #[must_use]
    pub fn start(kind: &str, title: &str, operator: &str) -> Self {
        let this = super::process::this();
        let now = Timestamp::now();
        Self {
            id: JobId::new(),
            kind: kind.to_owned(),
            title: title.to_owned(),
            state: JobState::Running,
            operator: operator.to_owned(),
            pid: this.pid,
            host: this.host.clone(),
            started_at: now,
            updated_at: now,
            done: 0,
            total: None,
            message: None,
            checkpoint: Vec::new(),
        }
    }

    /// Whether it is noted as running while its process is certainly gone, so that it can be resumed or dropped. A process on
    /// another machine is never certain; its lease tells.
    #[must_use]
    pub fn is_orphaned(&self) -> bool {
        let here = super::process::this().host == self.host;
        !self.state.has_ended() && here && super::process::has_ended(self.pid, None)
    }
}

impl ReadTxn {
    /// Every job that is kept, the newest first.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn jobs(&self) -> Result<Vec<JobRecord>, StoreError> {
        let mut jobs: Vec<JobRecord> = self.collect(tables::JOBS, Rows::all(), codec::decode)?;
        jobs.reverse();
        Ok(jobs)
    }

    /// One job.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn job(&self, id: &JobId) -> Result<Option<JobRecord>, StoreError> {
        self.get(tables::JOBS, id.as_str().as_bytes())
    }
}

impl WriteTxn {
    /// Writes a job's entry. Once it has ended, the oldest ended ones beyond the last 300 are forgotten,
    /// with their items.
    ///
    /// # Errors
    /// When the store can't be written.
    pub fn put_job(&mut self, job: &JobRecord) -> Result<(), StoreError> {
        self.put(tables::JOBS, job.id.as_str().as_bytes(), job)?;
        if job.state.has_ended() {
            let jobs = self.jobs()?;
            for old in jobs.iter().filter(|job| job.state.has_ended()).skip(KEPT) {
                self.remove(tables::JOBS, old.id.as_str().as_bytes())?;
                self.drop_job_items(&old.id)?;
            }
        }
        Ok(())
    }
}
