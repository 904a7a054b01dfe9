//! Request CSP data: every customer and its subscriptions, into a staging area that replaces the last snapshot when it is
//! complete. What is staged survives the process, so a pull that was killed or cancelled goes on where it was.

mod batches;
mod customer;
mod pulled;
mod retry;

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use super::connect::{self, Reach};
use super::error::{JobError, blocking};
use super::progress::Progress;
use crate::partner_center::{ErrorKind, NextPage, PartnerCenter, RepeatGuard};
use crate::store::{JobId, JobRecord, JobState, LeaseAnswer, Store, StoreError, WriteTxn};
use customer::unread;
pub use pulled::{Pulled, failed_customers};

/// The journal's name of this kind of job.
pub const KIND: &str = "pull";

/// The lease that keeps two operators from pulling at once.
const LEASE: &str = "pull";
/// How long a lease lives without a heartbeat.
const LEASE_LIFE: Duration = Duration::from_secs(60);
const HEARTBEAT: Duration = Duration::from_secs(15);

/// How often a pull tells how it stands while nothing comes.
const TELL_EVERY: Duration = Duration::from_secs(1);

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

/// What a pull works with.
#[derive(Clone)]
pub struct Pull {
    /// Where it writes.
    pub store: Store,
    /// Whom it asks.
    pub reach: Reach,
    /// Ends it, leaving what is staged.
    pub cancel: CancellationToken,
    /// Says that it is cancelled because the program ends: the journal keeps it as it is, so that the next start offers to
    /// resume it.
    pub leave: CancellationToken,
    /// Hears how far it is.
    pub report: Arc<dyn Fn(&Progress) + Send + Sync>,
}

impl Pull {
    /// Runs a new pull, or goes on with an interrupted one. The job's record says how it ended.
    ///
    /// # Errors
    /// When it can't go on; what is staged stays for resuming.
    pub async fn run(&self, mut job: JobRecord, full: bool) -> Result<Pulled, JobError> {
        let staging = self.begin(&mut job, full).await?;
        let heart = self.heartbeat(job.id.clone());
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
            .take_lease(job, move |txn| {
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

    /// Takes the lease and notes the job, with what else belongs to its beginning, in one transaction.
    async fn take_lease<T: Send + 'static>(
        &self,
        job: &JobRecord,
        more: impl FnOnce(&mut WriteTxn) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, JobError> {
        let (store, record) = (self.store.clone(), job.clone());
        let begun = blocking(move || {
            store.write(|txn| match txn.take_lease(LEASE, LEASE_LIFE, &record.id)? {
                LeaseAnswer::HeldBy(lease) => Ok(Err(lease)),
                LeaseAnswer::Taken(_) => {
                    txn.put_job(&record)?;
                    more(txn).map(Ok)
                }
            })
        })
        .await?;
        begun.map_err(|lease| JobError::HeldBy {
            operator: lease.operator.clone(),
            pid: lease.pid(),
            host: lease.host().to_owned(),
            since: lease.since.strftime("%H:%M").to_string(),
        })
    }

    fn heartbeat(&self, job: JobId) -> tokio::task::JoinHandle<()> {
        let store = self.store.clone();
        let cancel = self.cancel.clone();
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(HEARTBEAT).await;
                let (store, job) = (store.clone(), job.clone());
                let renewed =
                    blocking(move || store.write(|txn| txn.renew_lease(LEASE, LEASE_LIFE, &job))).await;
                match renewed {
                    // A busy store is no reason to stop: the lease has time for three more beats.
                    Ok(_) | Err(JobError::Store(StoreError::InUse { .. })) => {}
                    Err(error) => {
                        tracing::error!("the pull stops: {error}");
                        return cancel.cancel();
                    }
                }
            }
        })
    }

    async fn work(&self, job: &mut JobRecord, mut staging: u64) -> Result<Pulled, JobError> {
        let (center, settings) = connect::partner_center(&self.store, &self.reach).await?;
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
                    let (store, id) = (self.store.clone(), job.id.clone());
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
        let store = self.store.clone();
        let staged = blocking(move || store.read(|txn| txn.staged_customers(staging))).await?;
        let mut guard = RepeatGuard::new(staged.iter().map(|c| &c.id));
        let mut count = staged.len() as u64;
        drop(staged);
        loop {
            let progress = Progress { phase: "listing customers", done: count, ..Progress::default() };
            self.report(&progress, center);
            let page =
                self.telling(&progress, center, center.customers_page(checkpoint.next.as_ref())).await??;
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
            let (store, record, customers) = (self.store.clone(), job.clone(), page.customers);
            let wanted = blocking(move || {
                store.write(|txn| {
                    if !may_go_on(txn, &record)? {
                        return Ok(false);
                    }
                    txn.stage_customers(staging, &customers)?;
                    txn.put_job(&record)?;
                    Ok(true)
                })
            })
            .await?;
            self.go_on_if(wanted)?;
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
        let (store, mut record) = (self.store.clone(), job.clone());
        let pulled = blocking(move || {
            store.write(|txn| {
                if !may_go_on(txn, &record)? {
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
                txn.release_lease(LEASE, &record.id)?;
                Ok(Some(pulled))
            })
        })
        .await?;
        pulled.ok_or(JobError::Cancelled)
    }

    async fn end(&self, mut job: JobRecord, state: JobState, message: String) -> Result<(), JobError> {
        if state == JobState::Cancelled && self.leave.is_cancelled() {
            return Ok(());
        }
        let store = self.store.clone();
        job.state = state;
        job.message = Some(message);
        job.updated_at = Timestamp::now();
        blocking(move || {
            store.write(|txn| {
                if txn
                    .lease(LEASE)?
                    .is_some_and(|lease| lease.job == job.id && lease.pid() != std::process::id())
                {
                    // Another process goes on with this job; how it ends is told there.
                    return Ok(());
                }
                // The work has stored its checkpoints; only how it ended is new.
                if let Some(stored) = txn.job(&job.id)? {
                    job.done = stored.done;
                    job.total = stored.total;
                    job.checkpoint = stored.checkpoint;
                }
                txn.put_job(&job)?;
                txn.release_lease(LEASE, &job.id)
            })
        })
        .await
    }

    fn report(&self, progress: &Progress, center: &PartnerCenter) {
        let mut progress = progress.clone();
        progress.throttled =
            center.pauses().borrow().as_ref().map(|pause| pause.left()).filter(|l| !l.is_zero());
        progress.held_at = center.held_at();
        (self.report)(&progress);
    }

    /// Waits for a piece of work, unless the pull is cancelled. How it stands is told meanwhile too: while Microsoft makes all
    /// requests wait, nothing else moves.
    async fn telling<T>(
        &self,
        progress: &Progress,
        center: &PartnerCenter,
        work: impl Future<Output = T>,
    ) -> Result<T, JobError> {
        let mut work = pin!(self.unless_cancelled(work));
        loop {
            tokio::select! {
                biased;
                done = &mut work => return done,
                () = tokio::time::sleep(TELL_EVERY) => self.report(progress, center),
            }
        }
    }

    /// Another process may have cancelled the job in the journal.
    fn go_on_if(&self, wanted: bool) -> Result<(), JobError> {
        if wanted { Ok(()) } else { Err(JobError::Cancelled) }
    }

    async fn unless_cancelled<T>(&self, work: impl Future<Output = T>) -> Result<T, JobError> {
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => Err(JobError::Cancelled),
            done = work => Ok(done),
        }
    }
}

/// Whether the job is still ours and still wanted: nobody cancelled it in the journal, and nobody took its lease over.
fn may_go_on(txn: &mut WriteTxn, job: &JobRecord) -> Result<bool, StoreError> {
    if txn.job(&job.id)?.is_some_and(|stored| stored.state == JobState::Cancelled) {
        return Ok(false);
    }
    txn.renew_lease(LEASE, LEASE_LIFE, &job.id)?;
    Ok(true)
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

fn packed(checkpoint: &Checkpoint) -> Result<Vec<u8>, JobError> {
    rmp_serde::to_vec_named(checkpoint).map_err(|error| JobError::Fault(error.to_string()))
}

fn unpacked(bytes: &[u8]) -> Result<Checkpoint, JobError> {
    rmp_serde::from_slice(bytes).map_err(|error| JobError::Fault(format!("the job's checkpoint: {error}")))
}
