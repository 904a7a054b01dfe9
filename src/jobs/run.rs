//! What every job of the journal runs with: its lease and heartbeat, how it tells where it is, how it is stopped, and how its end is
//! noted.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::error::{JobError, blocking};
use super::progress::Progress;
use super::reach::Reach;
use crate::partner_center::PartnerCenter;
use crate::store::{JobId, JobRecord, JobState, LeaseAnswer, Store, StoreError, WriteTxn};

/// How long a lease lives without a heartbeat.
const LEASE_LIFE: Duration = Duration::from_secs(60);
const HEARTBEAT: Duration = Duration::from_secs(15);

/// How often a job tells how it stands while nothing comes.
pub(super) const TELL_EVERY: Duration = Duration::from_secs(1);

/// What keeps two operators from doing the same at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Lease {
    /// Its name in the store.
    pub(super) name: &'static str,
    /// What its holder is doing, for the one who has to wait.
    pub(super) doing: &'static str,
}

/// What a job runs with.
#[derive(Clone)]
pub struct Run {
    /// Where it writes.
    pub store: Store,
    /// Whom it asks.
    pub reach: Reach,
    /// Ends it, leaving what it has done.
    pub cancel: CancellationToken,
    /// Says that it is cancelled because the program ends: the journal keeps it as it is, so that the next start offers to
    /// resume it.
    pub leave: CancellationToken,
    /// Hears how far it is.
    pub report: Arc<dyn Fn(&Progress) + Send + Sync>,
}

impl Run {
    /// Takes the lease and notes the job, with what else belongs to its beginning, in one transaction.
    pub(super) async fn take_lease<T: Send + 'static>(
        &self,
        lease: Lease,
        job: &JobRecord,
        more: impl FnOnce(&mut WriteTxn) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, JobError> {
        let (store, record) = (self.store.clone(), job.clone());
        let begun = blocking(move || {
            store.write(|txn| match txn.take_lease(lease.name, LEASE_LIFE, &record.id)? {
                LeaseAnswer::HeldBy(held) => Ok(Err(held)),
                LeaseAnswer::Taken(_) => {
                    txn.put_job(&record)?;
                    more(txn).map(Ok)
                }
            })
        })
        .await?;
        begun.map_err(|held| JobError::HeldBy {
            operator: held.operator.clone(),
            pid: held.pid(),
            host: held.host().to_owned(),
            doing: lease.doing,
            since: held.since.strftime("%H:%M").to_string(),
        })
    }

    pub(super) fn heartbeat(&self, lease: Lease, job: JobId) -> tokio::task::JoinHandle<()> {
        let store = self.store.clone();
        let cancel = self.cancel.clone();
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(HEARTBEAT).await;
                let (store, job) = (store.clone(), job.clone());
                let renewed =
                    blocking(move || store.write(|txn| txn.renew_lease(lease.name, LEASE_LIFE, &job))).await;
                match renewed {
                    // A busy store is no reason to stop: the lease has time for three more beats.
                    Ok(_) | Err(JobError::Store(StoreError::InUse { .. })) => {}
                    Err(error) => {
                        tracing::error!("the job stops: {error}");
                        return cancel.cancel();
                    }
                }
            }
        })
    }

    /// Notes how the job ended and gives the lease back, with what else belongs to its end.
    pub(super) async fn end(
        &self,
        lease: Lease,
        mut job: JobRecord,
        state: JobState,
        message: String,
        more: impl FnOnce(&mut WriteTxn) -> Result<(), StoreError> + Send + 'static,
    ) -> Result<(), JobError> {
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
                    .lease(lease.name)?
                    .is_some_and(|held| held.job == job.id && held.pid() != std::process::id())
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
                more(txn)?;
                txn.release_lease(lease.name, &job.id)
            })
        })
        .await
    }

    pub(super) fn report(&self, progress: &Progress, center: &PartnerCenter) {
        let mut progress = progress.clone();
        progress.throttled =
            center.pauses().borrow().as_ref().map(|pause| pause.left()).filter(|l| !l.is_zero());
        progress.held_at = center.held_at();
        (self.report)(&progress);
    }

    /// Waits for a piece of work, unless the job is cancelled. How it stands is told meanwhile too: while Microsoft makes all
    /// requests wait, nothing else moves.
    pub(super) async fn telling<T>(
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

    async fn unless_cancelled<T>(&self, work: impl Future<Output = T>) -> Result<T, JobError> {
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => Err(JobError::Cancelled),
            done = work => Ok(done),
        }
    }
}

/// Another process may have cancelled the job in the journal.
pub(super) fn go_on_if(wanted: bool) -> Result<(), JobError> {
    if wanted { Ok(()) } else { Err(JobError::Cancelled) }
}

/// Whether the job is still ours and still wanted: nobody cancelled it in the journal, and nobody took its lease over.
pub(super) fn may_go_on(txn: &mut WriteTxn, lease: Lease, job: &JobRecord) -> Result<bool, StoreError> {
    if txn.job(&job.id)?.is_some_and(|stored| stored.state == JobState::Cancelled) {
        return Ok(false);
    }
    txn.renew_lease(lease.name, LEASE_LIFE, &job.id)?;
    Ok(true)
}

/// A checkpoint as the journal keeps it.
pub(super) fn packed<T: serde::Serialize>(checkpoint: &T) -> Result<Vec<u8>, JobError> {
    rmp_serde::to_vec_named(checkpoint).map_err(|error| JobError::Fault(error.to_string()))
}

/// A checkpoint from the journal.
pub(super) fn unpacked<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Result<T, JobError> {
    rmp_serde::from_slice(bytes).map_err(|error| JobError::Fault(format!("the job's checkpoint: {error}")))
}
