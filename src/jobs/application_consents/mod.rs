//! Giving the app consent in customers' tenants, one after the other: with a result for each, and so that one that was killed or
//! cancelled goes on with those that are left.

mod asked;
mod asking;
mod one;

use serde::{Deserialize, Serialize};

use super::connect;
use super::error::{JobError, blocking};
use super::failure::Failure;
use super::run::{Lease, Run, packed, unpacked};
use crate::domain::application_consent::ConsentTerms;
use crate::domain::ids::CustomerId;
use crate::store::{ItemState, JobId, JobItem, JobRecord, JobState, ReadTxn, StoreError, WriteTxn};

pub use asked::{Asked, Tenant};

/// The journal's name of this kind of job.
pub const KIND: &str = "application-consents";

/// What it is called for people.
pub(super) const TITLE: &str = "App consent";

/// The lease that keeps two operators from asking the same customers at once.
pub(super) const LEASE: Lease = Lease { name: "application-consents", doing: "giving app consents" };

/// Whom to ask, and for what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// The customers, by id and name.
    pub customers: Vec<(CustomerId, String)>,
    /// What is asked for.
    pub terms: ConsentTerms,
    /// Whether a consent that is there is taken away and given anew.
    pub replace: bool,
}

/// What was asked for, kept in the journal: who goes on does so as it was confirmed, whatever was configured since.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Checkpoint {
    terms: ConsentTerms,
    replace: bool,
}

/// See the module.
#[derive(Clone)]
pub struct ApplicationConsents {
    /// What it runs with.
    pub run: Run,
}

impl ApplicationConsents {
    /// Asks the customers of an order.
    ///
    /// # Errors
    /// When it can't go on, or is cancelled; what was given until then stands in the store.
    pub async fn start(&self, mut job: JobRecord, order: Order) -> Result<Asked, JobError> {
        job.checkpoint = packed(&Checkpoint { terms: order.terms, replace: order.replace })?;
        job.total = Some(order.customers.len() as u64);
        let items: Vec<JobItem> = order
            .customers
            .into_iter()
            .map(|(id, name)| JobItem { key: id.into(), name, note: String::new() })
            .collect();
        let id = job.id.clone();
        self.conduct(job, move |txn| txn.put_job_items(&id, ItemState::Open, &items)).await
    }

    /// Asks the customers of a job that are not done yet.
    ///
    /// # Errors
    /// As for [`ApplicationConsents::start`].
    pub async fn go_on(&self, job: JobRecord) -> Result<Asked, JobError> {
        self.conduct(job, |_| Ok(())).await
    }

    /// Asks the customers of a job again that failed.
    ///
    /// # Errors
    /// As for [`ApplicationConsents::start`].
    pub async fn retry_failed(&self, mut job: JobRecord) -> Result<Asked, JobError> {
        let id = job.id.clone();
        let failed = {
            let (store, id) = (self.run.store.clone(), id.clone());
            blocking(move || store.read(|txn| txn.job_items(&id, ItemState::Failed))).await?
        };
        job.done = job.done.saturating_sub(failed.len() as u64);
        self.conduct(job, move |txn| txn.put_job_items(&id, ItemState::Open, &failed)).await
    }

    async fn conduct(
        &self,
        mut job: JobRecord,
        begin: impl FnOnce(&mut WriteTxn) -> Result<(), StoreError> + Send + 'static,
    ) -> Result<Asked, JobError> {
        let checkpoint: Checkpoint = unpacked(&job.checkpoint)?;
        job.state = JobState::Running;
        job.message = None;
        self.run.take_lease(LEASE, &job, begin).await?;
        let heart = self.run.heartbeat(LEASE, job.id.clone());
        let asked = self.work(&mut job, &checkpoint).await;
        heart.abort();
        let (state, message) = match &asked {
            Ok(asked) => (asked.state(), asked.summary()),
            Err(JobError::Cancelled) => (JobState::Cancelled, JobError::Cancelled.to_string()),
            Err(error) => (JobState::Failed, error.to_string()),
        };
        let id = job.id.clone();
        self.run.end(LEASE, job, state, message, move |txn| close(txn, &id, &checkpoint)).await?;
        asked
    }

    async fn work(&self, job: &mut JobRecord, checkpoint: &Checkpoint) -> Result<Asked, JobError> {
        let (center, _) = connect::partner_center(&self.run.store, &self.run.reach).await?;
        self.ask(job, checkpoint, &center).await?;
        let (store, id, terms) = (self.run.store.clone(), job.id.clone(), checkpoint.terms.clone());
        blocking(move || store.read(|txn| asked_by(txn, &id, terms))).await
    }
}

/// Notes in the audit chain what came of all customers of a job so far.
fn close(txn: &mut WriteTxn, job: &JobId, checkpoint: &Checkpoint) -> Result<(), StoreError> {
    let asked = asked_by(txn, job, checkpoint.terms.clone())?;
    if asked.tenants.is_empty() {
        return Ok(());
    }
    txn.close_application_consents(&checkpoint.terms.app_id, &asked.summary())
}

/// What belongs to giving up a job that does not run.
pub(super) fn give_up(txn: &mut WriteTxn, job: &JobRecord) -> Result<(), StoreError> {
    let checkpoint = unpacked::<Checkpoint>(&job.checkpoint).map_err(|e| StoreError::Fault(e.to_string()))?;
    close(txn, &job.id, &checkpoint)
}

fn asked_by(txn: &ReadTxn, job: &JobId, terms: ConsentTerms) -> Result<Asked, StoreError> {
    let mut tenants = tenants(txn, job, ItemState::Done)?;
    tenants.extend(self::tenants(txn, job, ItemState::Failed)?);
    Ok(Asked { terms, tenants })
}

fn tenants(txn: &ReadTxn, job: &JobId, state: ItemState) -> Result<Vec<Tenant>, StoreError> {
    let items = txn.job_items(job, state)?;
    Ok(items.into_iter().filter_map(|item| Tenant::of(state, item)).collect())
}

/// The customers for whom a job failed.
pub(super) fn failures_of(txn: &ReadTxn, job: &JobId) -> Result<Vec<Failure>, StoreError> {
    Ok(tenants(txn, job, ItemState::Failed)?.iter().filter_map(Tenant::failure).collect())
}
