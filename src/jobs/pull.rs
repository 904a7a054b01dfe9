//! Request CSP data: every customer and its subscriptions, into a staging area that replaces the last snapshot when it is
//! complete. What is staged survives the process, so a pull that was killed or cancelled goes on where it was.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use futures_util::stream;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::connect::{self, Reach};
use super::error::{JobError, blocking};
use super::progress::{Pace, Progress};
use crate::domain::customer::{Customer, CustomerDetails, mpn_id_of};
use crate::domain::ids::CustomerId;
use crate::domain::settings::Tier;
use crate::domain::subscription::Subscription;
use crate::partner_center::{ApiError, ErrorKind, NextPage, OddItem, PartnerCenter, RepeatGuard};
use crate::store::{
    JobId, JobRecord, JobState, LeaseAnswer, PullFailure, Snapshot, Store, StoreError, WriteTxn,
};

/// The journal's name of this kind of job.
pub const KIND: &str = "pull";

/// The lease that keeps two operators from pulling at once.
const LEASE: &str = "pull";
/// How long a lease lives without a heartbeat.
const LEASE_LIFE: Duration = Duration::from_secs(60);
const HEARTBEAT: Duration = Duration::from_secs(15);

/// A batch of customers is written when it has this many, or when it is this old.
const BATCH_ROWS: usize = 200;
const BATCH_AGE: Duration = Duration::from_millis(500);

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

/// How a pull ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Pulled {
    /// Customers in the new snapshot.
    pub customers: u64,
    /// Subscriptions in the new snapshot.
    pub subscriptions: u64,
    /// Requests made.
    pub requests: u64,
    /// What could not be read.
    pub failures: Vec<PullFailure>,
    /// Items of lists that could not be read at all.
    pub odd: u64,
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
        let store = self.store.clone();
        if job.checkpoint.is_empty() {
            job.checkpoint = packed(&Checkpoint { full, ..Checkpoint::default() })?;
        }
        job.state = JobState::Running;
        job.message = None;
        let record = job.clone();
        let begun = blocking(move || {
            store.write(|txn| match txn.take_lease(LEASE, LEASE_LIFE, &record.id)? {
                LeaseAnswer::HeldBy(lease) => Ok(Err(lease)),
                LeaseAnswer::Taken(_) => {
                    txn.put_job(&record)?;
                    txn.begin_staging(&record.id).map(Ok)
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
            self.report(&Progress { phase: "listing customers", done: count, ..Progress::default() }, center);
            let page = self.unless_cancelled(center.customers_page(checkpoint.next.as_ref())).await??;
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
                    txn.stage_customers(staging, &customers)?;
                    note(txn, &record)
                })
            })
            .await?;
            self.go_on_if(wanted)?;
            if checkpoint.listed {
                return Ok(());
            }
        }
    }

    /// Reads every staged customer that is not done yet, several at a time.
    async fn read_customers(
        &self,
        job: &mut JobRecord,
        staging: u64,
        center: &PartnerCenter,
        checkpoint: &mut Checkpoint,
        before: u64,
        tier: Tier,
    ) -> Result<(), JobError> {
        let store = self.store.clone();
        let (staged, done, known) = blocking(move || {
            store.read(|txn| {
                Ok((txn.staged_customers(staging)?, txn.staged_done(staging)?, Known::of(&txn.customers()?)))
            })
        })
        .await?;
        let known = if checkpoint.full { Known::default() } else { known };
        let total = staged.len() as u64;
        let mut progress = Progress {
            phase: "reading subscriptions",
            done: done.len() as u64,
            total: Some(total),
            ..Progress::default()
        };
        let pace = Pace::start(progress.done);
        let open = staged.into_iter().filter(|c| !done.contains(&c.id)).map(|customer| {
            let details = known.details.get(&customer.id).cloned();
            read_customer(center, customer, details, tier)
        });
        let mut reading = stream::iter(open).buffer_unordered(self.reach.concurrency.max(1));
        let (batches, to_write) = mpsc::channel::<Batch>(4);
        let read = async {
            let batches = batches;
            let mut batch: Vec<Read> = Vec::new();
            let mut batch_since = Instant::now();
            let ended = loop {
                let next = match self.unless_cancelled(reading.next()).await {
                    Ok(next) => next,
                    Err(cancelled) => break Err(cancelled),
                };
                let Some(read) = next else { break Ok(()) };
                if let Some(error) = read.fatal {
                    break Err(JobError::Api(error));
                }
                progress.done += 1;
                progress.failed += u64::from(!read.failures.is_empty());
                checkpoint.odd += read.odd;
                batch.push(read);
                if batch.len() >= BATCH_ROWS || batch_since.elapsed() >= BATCH_AGE {
                    checkpoint.requests = before + center.requests_made();
                    let full = Batch::of(job, std::mem::take(&mut batch), checkpoint, &progress)?;
                    if batches.send(full).await.is_err() {
                        // The writer has ended, and its error tells why.
                        return Ok(());
                    }
                    batch_since = Instant::now();
                }
                pace.measure(&mut progress);
                self.report(&progress, center);
            };
            // What was read is kept, also where the pull ends here.
            checkpoint.requests = before + center.requests_made();
            let last = Batch::of(job, batch, checkpoint, &progress)?;
            drop(batches.send(last).await);
            ended
        };
        // Writing goes on beside reading: requests do not wait for the disk.
        let (read, written) = tokio::join!(read, self.write_batches(staging, to_write));
        written?;
        read
    }

    async fn write_batches(&self, staging: u64, mut batches: mpsc::Receiver<Batch>) -> Result<(), JobError> {
        while let Some(Batch { job, read }) = batches.recv().await {
            let store = self.store.clone();
            let wanted = blocking(move || store.write(|txn| write_batch(txn, staging, &job, &read))).await?;
            self.go_on_if(wanted)?;
        }
        Ok(())
    }

    async fn publish(
        &self,
        job: &mut JobRecord,
        staging: u64,
        requests: u64,
        odd: u64,
    ) -> Result<Pulled, JobError> {
        let (store, mut record) = (self.store.clone(), job.clone());
        let snapshot: Snapshot = blocking(move || {
            store.write(|txn| {
                let snapshot = txn.publish_staging(staging, requests)?;
                let failed = failed_customers(&snapshot.failures);
                record.state = if failed == 0 { JobState::Done } else { JobState::DoneInPart };
                record.done = snapshot.customers;
                record.total = Some(snapshot.customers);
                record.updated_at = Timestamp::now();
                record.message = Some(format!(
                    "{} customers, {} subscriptions{}",
                    snapshot.customers,
                    snapshot.subscriptions,
                    if failed == 0 { String::new() } else { format!(", {failed} customers failed") }
                ));
                record.checkpoint = Vec::new();
                txn.put_job(&record)?;
                txn.release_lease(LEASE, &record.id)?;
                Ok(snapshot)
            })
        })
        .await?;
        Ok(Pulled {
            customers: snapshot.customers,
            subscriptions: snapshot.subscriptions,
            requests: snapshot.requests,
            failures: snapshot.failures,
            odd,
        })
    }

    async fn end(&self, mut job: JobRecord, state: JobState, message: String) -> Result<(), JobError> {
        let store = self.store.clone();
        job.state = state;
        job.message = Some(message);
        job.updated_at = Timestamp::now();
        blocking(move || {
            store.write(|txn| {
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

    /// Reads again the customers that failed in the last snapshot, and puts them into it one by one.
    ///
    /// # Errors
    /// When it can't go on; those that were read by then stay.
    pub async fn retry_failed(&self, mut job: JobRecord) -> Result<Pulled, JobError> {
        let taken = {
            let (store, record) = (self.store.clone(), job.clone());
            blocking(move || {
                store.write(|txn| match txn.take_lease(LEASE, LEASE_LIFE, &record.id)? {
                    LeaseAnswer::HeldBy(lease) => Ok(Err(lease)),
                    LeaseAnswer::Taken(_) => txn.put_job(&record).map(Ok),
                })
            })
            .await?
        };
        taken.map_err(|lease| JobError::HeldBy {
            operator: lease.operator.clone(),
            pid: lease.pid(),
            host: lease.host().to_owned(),
            since: lease.since.strftime("%H:%M").to_string(),
        })?;
        let heart = self.heartbeat(job.id.clone());
        let result = self.retry(&mut job).await;
        heart.abort();
        let (state, message) = match &result {
            Ok(pulled) if pulled.failures.is_empty() => {
                (JobState::Done, "nothing is missing any more".to_owned())
            }
            Ok(pulled) => {
                let failed = failed_customers(&pulled.failures);
                (JobState::DoneInPart, format!("{failed} customers failed again"))
            }
            Err(JobError::Cancelled) => (JobState::Cancelled, JobError::Cancelled.to_string()),
            Err(error) => (JobState::Failed, error.to_string()),
        };
        self.end(job, state, message).await?;
        result
    }

    async fn retry(&self, job: &mut JobRecord) -> Result<Pulled, JobError> {
        let (center, settings) = connect::partner_center(&self.store, &self.reach).await?;
        let store = self.store.clone();
        let customers = blocking(move || {
            store.read(|txn| {
                let failures = txn.snapshot()?.map(|s| s.failures).unwrap_or_default();
                let ids: HashSet<CustomerId> = failures.into_iter().map(|f| f.customer).collect();
                let found: Result<Vec<_>, StoreError> = ids.iter().map(|id| txn.customer(id)).collect();
                Ok(found?.into_iter().flatten().collect::<Vec<Customer>>())
            })
        })
        .await?;
        let mut progress = Progress {
            phase: "reading what failed",
            total: Some(customers.len() as u64),
            ..Progress::default()
        };
        let open =
            customers.into_iter().map(|customer| read_customer(&center, customer, None, settings.tier));
        let mut reading = stream::iter(open).buffer_unordered(self.reach.concurrency.max(1));
        while let Some(read) = self.unless_cancelled(reading.next()).await? {
            if let Some(error) = read.fatal {
                return Err(JobError::Api(error));
            }
            progress.done += 1;
            progress.failed += u64::from(!read.failures.is_empty());
            job.done = progress.done;
            job.total = progress.total;
            let (store, record) = (self.store.clone(), job.clone());
            let wanted = blocking(move || {
                store.write(|txn| {
                    if read.failures.is_empty()
                        && let Some(subscriptions) = &read.subscriptions
                    {
                        txn.replace_subscriptions(&read.customer.id, Some(&read.customer), subscriptions)?;
                    }
                    note(txn, &record)
                })
            })
            .await?;
            self.go_on_if(wanted)?;
            self.report(&progress, &center);
        }
        let store = self.store.clone();
        let snapshot = blocking(move || store.read(|txn| txn.snapshot())).await?;
        let snapshot = snapshot.ok_or_else(|| JobError::WrongJob("there is no CSP data yet".to_owned()))?;
        Ok(Pulled {
            customers: snapshot.customers,
            subscriptions: snapshot.subscriptions,
            requests: center.requests_made(),
            failures: snapshot.failures,
            odd: 0,
        })
    }

    fn report(&self, progress: &Progress, center: &PartnerCenter) {
        let mut progress = progress.clone();
        progress.throttled =
            center.pauses().borrow().as_ref().map(|pause| pause.left()).filter(|l| !l.is_zero());
        (self.report)(&progress);
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

/// Details that the last snapshot has already.
#[derive(Default)]
struct Known {
    details: HashMap<CustomerId, CustomerDetails>,
}

impl Known {
    fn of(customers: &[Customer]) -> Self {
        let details = customers.iter().filter_map(|c| Some((c.id.clone(), c.details.clone()?))).collect();
        Self { details }
    }
}

/// What one customer gave.
struct Read {
    customer: Customer,
    /// None where they could not be read.
    subscriptions: Option<Vec<Subscription>>,
    failures: Vec<PullFailure>,
    odd: u64,
    /// Every other customer would fail in the same way.
    fatal: Option<ApiError>,
}

async fn read_customer(
    center: &PartnerCenter,
    mut customer: Customer,
    details: Option<CustomerDetails>,
    tier: Tier,
) -> Read {
    let mut read =
        Read { customer: customer.clone(), subscriptions: None, failures: Vec::new(), odd: 0, fatal: None };
    let failure = |customer: &Customer, stage: &str, error: &ApiError| PullFailure {
        customer: customer.id.clone(),
        name: customer.name.clone(),
        stage: stage.to_owned(),
        reason: error.to_string(),
    };
    match center.subscriptions(&customer.id).await {
        Ok(subscriptions) => {
            read.odd = subscriptions.odd.len() as u64;
            for odd in &subscriptions.odd {
                tracing::warn!(
                    "subscription {} of {} can't be read: {}",
                    odd.position,
                    customer.id,
                    odd.reason
                );
            }
            customer.mpn_id = mpn_id_of(&subscriptions.items);
            read.subscriptions = Some(subscriptions.items);
        }
        Err(error) if error.concerns_everything() => read.fatal = Some(error),
        Err(error) => read.failures.push(failure(&customer, "subscriptions", &error)),
    }
    customer.details = details;
    if customer.details.is_none() && read.fatal.is_none() {
        match center.customer_details(&customer.id).await {
            Ok(details) => customer.details = Some(details),
            Err(error) if error.concerns_everything() => read.fatal = Some(error),
            Err(error) => read.failures.push(failure(&customer, "details", &error)),
        }
    }
    if tier == Tier::Indirect && customer.mpn_id.is_none() && read.fatal.is_none() && read.failures.is_empty()
    {
        match center.resellers_of(&customer.id).await {
            Ok(resellers) => customer.mpn_id = resellers.into_iter().find_map(|r| r.mpn_id),
            Err(error) if error.concerns_everything() => read.fatal = Some(error),
            Err(error) => read.failures.push(failure(&customer, "reseller", &error)),
        }
    }
    read.customer = customer;
    read
}

/// Items that are missing from a list because they could not be read.
fn unread(odd: &[OddItem]) -> u64 {
    odd.iter().filter(|item| !item.kept).count() as u64
}

/// A customer that can't be read keeps what the last snapshot has, marked as old.
fn kept(mut subscriptions: Vec<Subscription>) -> Vec<Subscription> {
    for subscription in &mut subscriptions {
        subscription.stale = true;
    }
    subscriptions
}

/// Customers that were read, and the job as it stands with them.
struct Batch {
    job: JobRecord,
    read: Vec<Read>,
}

impl Batch {
    fn of(
        job: &mut JobRecord,
        read: Vec<Read>,
        checkpoint: &Checkpoint,
        progress: &Progress,
    ) -> Result<Self, JobError> {
        job.done = progress.done;
        job.total = progress.total;
        job.checkpoint = packed(checkpoint)?;
        job.updated_at = Timestamp::now();
        Ok(Self { job: job.clone(), read })
    }
}

fn write_batch(
    txn: &mut WriteTxn,
    staging: u64,
    job: &JobRecord,
    batch: &[Read],
) -> Result<bool, StoreError> {
    for read in batch {
        txn.stage_customers(staging, std::slice::from_ref(&read.customer))?;
        let subscriptions = match &read.subscriptions {
            Some(subscriptions) => subscriptions,
            None => &kept(txn.subscriptions_of(&read.customer.id)?),
        };
        txn.stage_subscriptions(staging, &read.customer.id, subscriptions)?;
        for failure in &read.failures {
            txn.stage_failure(staging, failure)?;
        }
    }
    note(txn, job)
}

/// Notes how far the job is, unless it was cancelled in the journal; says whether it is still wanted.
fn note(txn: &mut WriteTxn, job: &JobRecord) -> Result<bool, StoreError> {
    if txn.job(&job.id)?.is_some_and(|stored| stored.state == JobState::Cancelled) {
        return Ok(false);
    }
    txn.put_job(job)?;
    Ok(true)
}

/// Customers with at least one failure.
#[must_use]
pub fn failed_customers(failures: &[PullFailure]) -> usize {
    failures.iter().map(|f| &f.customer).collect::<HashSet<_>>().len()
}

fn packed(checkpoint: &Checkpoint) -> Result<Vec<u8>, JobError> {
    rmp_serde::to_vec_named(checkpoint).map_err(|error| JobError::Fault(error.to_string()))
}

fn unpacked(bytes: &[u8]) -> Result<Checkpoint, JobError> {
    rmp_serde::from_slice(bytes).map_err(|error| JobError::Fault(format!("the job's checkpoint: {error}")))
}
