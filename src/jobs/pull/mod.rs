//! Request CSP data: every customer and its subscriptions, into a staging area that replaces the last snapshot when it is
//! complete. What is staged survives the process, so a pull that was killed or cancelled goes on where it was.

mod batches;
mod customer;
mod pulled;
mod retry;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::connect;
use super::error::{JobError, blocking};
use super::progress::Progress;
use super::run::{Lease, Run, go_on_if, may_go_on, packed, unpacked};
use crate::partner_center::{ErrorKind, NextPage, PartnerCenter, RepeatGuard};
use crate::store::{JobRecord, JobState, StoreError, WriteTxn};
use customer::unread;
pub use pulled::{Pulled, failed_customers};

/// The journal's name of this kind of job.
pub const KIND: &str = "pull";

/// The journal's name of reading again what failed.
pub const RETRY_KIND: &str = "pull-retry";

/// The lease that keeps two operators from pulling at once.
pub(super) const LEASE: Lease = Lease { name: "pull", doing: "requesting CSP data" };

/// How often a lost continuation makes the list start again before the pull gives up.
const RESTARTS: u32 = 3;

/// Where a pull is, kept in the journal.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Checkpoint {
    /// The next page of the list, while the list is not complete.
    next: Option<NextPage>,
    /// Whether the list is complete.
    listed: bool,
    /// Whether details are read anew for customers that have them.
    full: bool,
    /// Requests that earlier runs of this job made.
    requests: u64,
    /// Items of lists that could not be read.
    odd: u64,
}

/// See the module.
#[derive(Clone)]
pub struct Pull {
    /// What it runs with.
    pub run: Run,
}

impl Pull {
    /// Runs a new pull, or goes on with an interrupted one. The job's record says how it ended.
    ///
    /// # Errors
    /// When it can't go on; what is staged stays for resuming.
    pub async fn run(&self, mut job: JobRecord, full: bool) -> Result<Pulled, JobError> {
        let staging = self.begin(&mut job, full).await?;
        let heart = self.run.heartbeat(LEASE, job.id.clone());
        let result = self.work(&mut job, staging).await;
        heart.abort();
        match &result {
            Ok(_) => {}
            Err(JobError::Cancelled) => {
                self.end(job, JobState::Cancelled, JobError::Cancelled.to_string()).await?;
            }
            Err(error) => self.end(job, JobState::Failed, error.to_string()).await?,
        }
        result
    }

    /// Takes the lease and notes the job before anything is asked for.
    async fn begin(&self, job: &mut JobRecord, full: bool) -> Result<u64, JobError> {
        if job.checkpoint.is_empty() {
            job.checkpoint = packed(&Checkpoint { full, ..Checkpoint::default() })?;
        }
        job.state = JobState::Running;
        job.message = None;
        let (mut record, fresh) = (job.clone(), packed(&Checkpoint { full, ..Checkpoint::default() })?);
        let (staging, checkpoint) = self
            .run
            .take_lease(LEASE, job, move |txn| {
                // A checkpoint is worth nothing without what it speaks of.
                if txn.staging(&record.id)?.is_none() {
                    record.checkpoint = fresh;
                    txn.put_job(&record)?;
                }
                Ok((txn.begin_staging(&record.id)?, record.checkpoint))
            })
            .await?;
        job.checkpoint = checkpoint;
        Ok(staging)
    }

    async fn end(&self, job: JobRecord, state: JobState, message: String) -> Result<(), JobError> {
        self.run.end(LEASE, job, state, message, |_| Ok(())).await
    }

    async fn work(&self, job: &mut JobRecord, mut staging: u64) -> Result<Pulled, JobError> {
        let (center, settings) = connect::partner_center(&self.run.store, &self.run.reach).await?;
        let mut checkpoint: Checkpoint = unpacked(&job.checkpoint)?;
        let before = checkpoint.requests;
        let mut restarts = 0;
        while !checkpoint.listed {
            match self.list(job, staging, &center, &mut checkpoint, before).await {
                Err(JobError::Api(error))
                    if error.kind() == ErrorKind::ContinuationLost && restarts < RESTARTS =>
                {
                    // The list begins anew, so what was staged of it may be out of date: it goes.
                    restarts += 1;
                    tracing::warn!("the list of customers starts again: {error}");
                    checkpoint.next = None;
                    checkpoint.odd = 0;
                    let (store, id) = (self.run.store.clone(), job.id.clone());
                    staging = blocking(move || {
                        store.write(|txn| {
                            txn.drop_staging(staging)?;
                            txn.begin_staging(&id)
                        })
                    })
                    .await?;
                }
                result => result?,
            }
        }
        self.read_customers(job, staging, &center, &mut checkpoint, before, settings.tier).await?;
        self.publish(job, staging, before + center.requests_made(), checkpoint.odd).await
    }

    /// Lists customers page by page.
    async fn list(
        &self,
        job: &mut JobRecord,
        staging: u64,
        center: &PartnerCenter,
        checkpoint: &mut Checkpoint,
        before: u64,
    ) -> Result<(), JobError> {
        let store = self.run.store.clone();
        let staged = blocking(move || store.read(|txn| txn.staged_customers(staging))).await?;
        let mut guard = RepeatGuard::new(staged.iter().map(|c| &c.id));
        let mut count = staged.len() as u64;
        drop(staged);
        loop {
            let progress = Progress { phase: "listing customers", done: count, ..Progress::default() };
            self.run.report(&progress, center);
            let page = self
                .run
                .telling(&progress, center, center.customers_page(checkpoint.next.as_ref()))
                .await??;
            count += guard.admit(&page)? as u64;
            checkpoint.odd += unread(&page.odd);
            for odd in &page.odd {
                tracing::warn!("customer {} of a page: {}", odd.position, odd.reason);
            }
            checkpoint.listed = page.next.is_none();
            checkpoint.next = page.next;
            checkpoint.requests = before + center.requests_made();
            job.done = 0;
            job.total = checkpoint.listed.then_some(count);
            job.checkpoint = packed(checkpoint)?;
            job.updated_at = Timestamp::now();
            let (store, record, customers) = (self.run.store.clone(), job.clone(), page.customers);
            let wanted = blocking(move || {
                store.write(|txn| {
                    if !may_go_on(txn, LEASE, &record)? {
                        return Ok(false);
                    }
                    txn.stage_customers(staging, &customers)?;
                    txn.put_job(&record)?;
                    Ok(true)
                })
            })
            .await?;
            go_on_if(wanted)?;
            if checkpoint.listed {
                return Ok(());
            }
        }
    }

    async fn publish(
        &self,
        job: &mut JobRecord,
        staging: u64,
        requests: u64,
        odd: u64,
    ) -> Result<Pulled, JobError> {
        let (store, mut record) = (self.run.store.clone(), job.clone());
        let pulled = blocking(move || {
            store.write(|txn| {
                if !may_go_on(txn, LEASE, &record)? {
                    return Ok(None);
                }
                let snapshot = txn.publish_staging(staging, requests)?;
                drop_superseded(txn)?;
                let pulled = Pulled {
                    customers: snapshot.customers,
                    subscriptions: snapshot.subscriptions,
                    requests: snapshot.requests,
                    failures: snapshot.failures,
                    odd,
                };
                record.state = pulled.state();
                record.done = pulled.customers;
                record.total = Some(pulled.customers);
                record.updated_at = Timestamp::now();
                record.message = Some(pulled.summary());
                record.checkpoint = Vec::new();
                txn.put_job(&record)?;
                txn.release_lease(LEASE.name, &record.id)?;
                Ok(Some(pulled))
            })
        })
        .await?;
        pulled.ok_or(JobError::Cancelled)
    }
}

/// What earlier pulls left behind is older than the new snapshot: they can't be resumed any more.
fn drop_superseded(txn: &mut WriteTxn) -> Result<(), StoreError> {
    for staging in txn.stagings()? {
        txn.drop_staging(staging.id)?;
        if let Some(mut job) = txn.job(&staging.job)? {
            job.state = JobState::Dropped;
            job.checkpoint = Vec::new();
            job.message = Some("a newer pull was completed".to_owned());
            txn.put_job(&job)?;
        }
    }
    Ok(())
}
