//! Leases: what only one job at a time may do, such as a pull.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::error::StoreError;
use super::journal::JobId;
use super::process::{self, ProcessMark};
use super::tables;
use super::txn::{ReadTxn, WriteTxn};

/// A lease that somebody has taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// Of what.
    pub name: String,
    /// For which job.
    pub job: JobId,
    /// Who.
    pub operator: String,
    process: ProcessMark,
    /// When it was taken, UTC.
    pub since: Timestamp,
    /// When the holder last renewed it, UTC.
    pub heartbeat: Timestamp,
    /// When it lapses unless it is renewed, UTC.
    pub expires: Timestamp,
}

impl Lease {
    /// The holder's process.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.process.pid
    }

    /// The holder's machine.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.process.host
    }

    /// Whether somebody else may take it: its time is up, or its process is certainly gone.
    #[must_use]
    pub fn has_lapsed(&self) -> bool {
        self.expires <= Timestamp::now() || self.process.is_gone()
    }
}

/// What came of asking for a lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LeaseAnswer {
    /// It is ours.
    Taken(Lease),
    /// Somebody else has it.
    HeldBy(Lease),
}

impl ReadTxn {
    /// Who has a lease, lapsed or not.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn lease(&self, name: &str) -> Result<Option<Lease>, StoreError> {
        self.get(tables::LEASES, name.as_bytes())
    }
}

impl WriteTxn {
    /// Takes a lease for a job of this process, unless another job has it. The same job may take it again, also in a new process
    /// after the old one is gone.
    ///
    /// # Errors
    /// When the store can't be written.
    pub fn take_lease(&mut self, name: &str, ttl: Duration, job: &JobId) -> Result<LeaseAnswer, StoreError> {
        let held = self.lease(name)?;
        let since = match held {
            Some(lease) if self.is_ours(&lease, job) => Some(lease.since),
            Some(lease) if !lease.has_lapsed() => return Ok(LeaseAnswer::HeldBy(lease)),
            _ => None,
        };
        self.put_lease(name, ttl, job, since).map(LeaseAnswer::Taken)
    }

    /// Says that the job is still at work. A lease that lapsed but went to nobody else is kept.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`] where somebody else took it over, or it was released.
    pub fn renew_lease(&mut self, name: &str, ttl: Duration, job: &JobId) -> Result<Lease, StoreError> {
        match self.lease(name)? {
            Some(lease) if self.is_ours(&lease, job) => self.put_lease(name, ttl, job, Some(lease.since)),
            other => Err(StoreError::LeaseLost {
                name: name.to_owned(),
                holder: other.map(|lease| lease.operator),
            }),
        }
    }

    /// Gives a lease back. One that is another's by now is left alone.
    ///
    /// # Errors
    /// When the store can't be written.
    pub fn release_lease(&mut self, name: &str, job: &JobId) -> Result<(), StoreError> {
        if self.lease(name)?.is_some_and(|lease| self.is_ours(&lease, job)) {
            self.remove(tables::LEASES, name.as_bytes())?;
        }
        Ok(())
    }

    fn is_ours(&self, lease: &Lease, job: &JobId) -> bool {
        lease.job == *job && lease.process == *process::this()
    }

    fn put_lease(
        &mut self,
        name: &str,
        ttl: Duration,
        job: &JobId,
        since: Option<Timestamp>,
    ) -> Result<Lease, StoreError> {
        let now = Timestamp::now();
        let lease = Lease {
            name: name.to_owned(),
            job: job.clone(),
            operator: self.operator().name.clone(),
            process: process::this().clone(),
            since: since.unwrap_or(now),
            heartbeat: now,
            expires: now.checked_add(ttl).unwrap_or(Timestamp::MAX),
        };
        self.put(tables::LEASES, name.as_bytes(), &lease)?;
        Ok(lease)
    }
}

#[cfg(test)]
impl Lease {
    /// The same lease, held by a process that had this one's number before.
    pub(super) fn by_a_process_before(&self) -> Self {
        let process = ProcessMark { started: self.process.started.map(|s| s + 1), ..self.process.clone() };
        Self { process, ..self.clone() }
    }
}
