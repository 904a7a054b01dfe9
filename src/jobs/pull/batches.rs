//! Reading the customers of a list, several at a time, and writing what they gave in batches beside the reading.

use std::time::{Duration, Instant};

use futures_util::{StreamExt, stream};
use jiff::Timestamp;
use tokio::sync::mpsc;

use super::customer::{Known, Read, read_customer};
use super::{Checkpoint, LEASE, Pull};
use crate::domain::customer::Customer;
use crate::domain::settings::Tier;
use crate::domain::subscription::Subscription;
use crate::jobs::error::{JobError, blocking};
use crate::jobs::progress::{Pace, Progress};
use crate::jobs::run::{go_on_if, may_go_on, packed};
use crate::partner_center::PartnerCenter;
use crate::store::{JobRecord, StoreError, WriteTxn};

/// A batch of customers is written when it has this many, or when it is this old.
const BATCH_ROWS: usize = 200;
const BATCH_AGE: Duration = Duration::from_millis(500);

impl Pull {
    /// Reads every staged customer that is not done yet, several at a time.
    pub(super) async fn read_customers(
        &self,
        job: &mut JobRecord,
        staging: u64,
        center: &PartnerCenter,
        checkpoint: &mut Checkpoint,
        before: u64,
        tier: Tier,
    ) -> Result<(), JobError> {
        let store = self.run.store.clone();
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
        let mut reading = stream::iter(open).buffer_unordered(self.run.reach.concurrency.max(1));
        let (batches, to_write) = mpsc::channel::<Batch>(4);
        let read = async {
            let batches = batches;
            let mut batch: Vec<Read> = Vec::new();
            let mut batch_since = Instant::now();
            let ended = loop {
                let next = match self.run.telling(&progress, center, reading.next()).await {
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
                self.run.report(&progress, center);
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
            let store = self.run.store.clone();
            let wanted = blocking(move || store.write(|txn| write_batch(txn, staging, &job, &read))).await?;
            go_on_if(wanted)?;
        }
        Ok(())
    }
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
    if !may_go_on(txn, LEASE, job)? {
        return Ok(false);
    }
    for read in batch {
        txn.stage_customers(staging, &[known(txn, read)?])?;
        let subscriptions = match &read.subscriptions {
            Some(subscriptions) => subscriptions,
            None => &kept(txn.subscriptions_of(&read.customer.id)?),
        };
        txn.stage_subscriptions(staging, &read.customer.id, subscriptions)?;
        for failure in &read.failures {
            txn.stage_failure(staging, failure)?;
        }
    }
    txn.put_job(job)?;
    Ok(true)
}

/// The customer, with what the last snapshot knew of it where this pull could not read it.
fn known(txn: &WriteTxn, read: &Read) -> Result<Customer, StoreError> {
    let mut customer = read.customer.clone();
    if !read.failures.is_empty()
        && let Some(before) = txn.customer(&customer.id)?
    {
        customer.details = customer.details.or(before.details);
        customer.mpn_id = customer.mpn_id.or(before.mpn_id);
    }
    Ok(customer)
}

/// A customer that can't be read keeps what the last snapshot has, marked as old.
fn kept(mut subscriptions: Vec<Subscription>) -> Vec<Subscription> {
    for subscription in &mut subscriptions {
        subscription.stale = true;
    }
    subscriptions
}
