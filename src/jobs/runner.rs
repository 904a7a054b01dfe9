//! Running jobs of this process: starting, resuming, cancelling, and telling how they stand.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::application_consents::{self, Order};
use super::error::{JobError, blocking};
use super::failure::Failure;
use super::kind::Kind;
use super::outcome::Outcome;
use super::progress::Progress;
use super::reach::Reach;
use super::run::Run;
use super::standing::{JobStatus, JobSummary, state_words};
use super::work::{Ask, Work};
use crate::store::{JobId, JobRecord, JobState, Store, StoreError};

/// How often jobs that stop are looked at.
const STOPPING: Duration = Duration::from_millis(5);

/// What a running job tells.
#[derive(Debug)]
pub enum JobEvent {
    /// It moved.
    Progress(JobId, Progress),
    /// It is over.
    Ended(JobId, Result<Outcome, JobError>),
}

/// Starts jobs and keeps their cancel tokens.
#[derive(Clone)]
pub struct Runner {
    store: Store,
    reach: Reach,
    running: Arc<Mutex<HashMap<JobId, CancellationToken>>>,
    leave: CancellationToken,
    events: mpsc::UnboundedSender<JobEvent>,
}

impl Runner {
    /// A runner that tells of its jobs through a channel.
    #[must_use]
    pub fn new(store: Store, reach: Reach, events: mpsc::UnboundedSender<JobEvent>) -> Self {
        Self { store, reach, running: Arc::default(), leave: CancellationToken::new(), events }
    }

    /// Where Partner Center is.
    #[must_use]
    pub fn reach(&self) -> &Reach {
        &self.reach
    }

    fn running(&self) -> MutexGuard<'_, HashMap<JobId, CancellationToken>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts a pull; how it goes comes through the channel. `full` reads every customer's details anew.
    pub fn start_pull(&self, full: bool) -> JobId {
        self.begin(Kind::Pull, "Request CSP data", Work::Pull { full })
    }

    /// Starts reading again what failed.
    pub fn start_retry(&self) -> JobId {
        self.begin(Kind::PullRetry, "Retry what failed", Work::PullRetry)
    }

    /// Starts giving the app consent in customers' tenants.
    pub fn start_application_consents(&self, order: Order) -> JobId {
        self.begin(Kind::ApplicationConsents, application_consents::TITLE, Work::Consents(Ask::All(order)))
    }

    fn begin(&self, kind: Kind, title: &str, work: Work) -> JobId {
        self.spawn(JobRecord::start(kind.name(), title, &self.store.operator().name), work)
    }

    /// Does again what failed in a job that is done in part.
    ///
    /// # Errors
    /// [`JobError::WrongJob`] where nothing failed in it.
    pub async fn retry(&self, id: &JobId) -> Result<JobId, JobError> {
        let job = self.find(id).await?;
        let status = self.status(&job);
        match Kind::of(&job) {
            Some(Kind::Pull | Kind::PullRetry) => Ok(self.start_retry()),
            Some(Kind::ApplicationConsents) if status == JobStatus::Ended(JobState::DoneInPart) => {
                Ok(self.spawn(self.taken_over(job), Work::Consents(Ask::Failed)))
            }
            _ => Err(JobError::WrongJob(format!(
                "job {id} has nothing that failed to be done again: it {}",
                state_words(status)
            ))),
        }
    }

    /// Goes on with a job that was interrupted, cancelled or failed.
    ///
    /// # Errors
    /// [`JobError::WrongJob`] where there is nothing to go on with.
    pub async fn resume(&self, id: &JobId) -> Result<JobId, JobError> {
        let job = self.find(id).await?;
        let status = self.status(&job);
        if !status.has_stopped() {
            return Err(JobError::WrongJob(format!("job {id} can't be resumed: it {}", state_words(status))));
        }
        let kind = Kind::of(&job).ok_or("is of a kind that this version of the program does not know");
        let kind = kind.and_then(|kind| kind.resumable().map(|()| kind));
        let work = match kind.map_err(|why| JobError::WrongJob(format!("job {id} {why}")))? {
            Kind::ApplicationConsents => Work::Consents(Ask::Open),
            Kind::PullRetry => Work::PullRetry,
            _ => Work::Pull { full: false },
        };
        Ok(self.spawn(self.taken_over(job), work))
    }

    /// The job, moved to this process; who asks now stands for it.
    fn taken_over(&self, job: JobRecord) -> JobRecord {
        let JobRecord { pid, host, operator, .. } =
            JobRecord::start(&job.kind, &job.title, &self.store.operator().name);
        JobRecord { pid, host, operator, ..job }
    }

    /// Gives a job up that is not running, and forgets what it has staged.
    ///
    /// # Errors
    /// [`JobError::WrongJob`] where it runs or is over.
    pub async fn drop_job(&self, id: &JobId) -> Result<(), JobError> {
        let mut job = self.find(id).await?;
        let status = self.status(&job);
        if !status.has_stopped() {
            return Err(JobError::WrongJob(format!("job {id} can't be dropped: it {}", state_words(status))));
        }
        let store = self.store.clone();
        let gives_consents = Kind::of(&job) == Some(Kind::ApplicationConsents);
        job.state = JobState::Dropped;
        let message = if gives_consents {
            "given up; what it had given stays"
        } else {
            "given up; what it had read was dropped"
        };
        job.message = Some(message.to_owned());
        blocking(move || {
            store.write(|txn| {
                if gives_consents {
                    application_consents::give_up(txn, &job)?;
                }
                job.checkpoint = Vec::new();
                if let Some(staging) = txn.staging(&job.id)? {
                    txn.drop_staging(staging.id)?;
                }
                txn.put_job(&job)
            })
        })
        .await
    }

    /// Asks a job to stop, wherever it runs: one of another process finds it in the journal with its next rows.
    ///
    /// # Errors
    /// [`JobError::WrongJob`] where it is not running.
    pub async fn cancel(&self, id: &JobId) -> Result<(), JobError> {
        if let Some(token) = self.running().get(id) {
            token.cancel();
            return Ok(());
        }
        let job = self.find(id).await?;
        let status = self.status(&job);
        if status != JobStatus::Elsewhere {
            return Err(JobError::WrongJob(format!(
                "job {id} can't be cancelled: it {}",
                state_words(status)
            )));
        }
        if Kind::of(&job) == Some(Kind::Consent) {
            return Err(JobError::WrongJob(format!(
                "job {id} is a consent, which is cancelled where it was begun; by itself it ends when its time is over"
            )));
        }
        let (store, id) = (self.store.clone(), id.clone());
        let cancelled = blocking(move || {
            store.write(|txn| {
                // It may have ended since it was looked at; then it stays ended.
                let Some(mut job) = txn.job(&id)?.filter(|job| job.state == JobState::Running) else {
                    return Ok(false);
                };
                job.state = JobState::Cancelled;
                job.message = Some(format!("cancelled by {}", store.operator().name));
                txn.put_job(&job)?;
                Ok(true)
            })
        })
        .await?;
        if cancelled { Ok(()) } else { Err(JobError::WrongJob("the job ended meanwhile".to_owned())) }
    }

    /// Asks every job of this process to stop.
    pub fn cancel_all(&self) {
        for token in self.running().values() {
            token.cancel();
        }
    }

    /// Stops every job of this process because the program ends, and waits until what they have read is stored. The journal keeps
    /// them as running, so that they count as interrupted.
    pub async fn leave(&self) {
        self.leave.cancel();
        while self.is_busy() {
            tokio::time::sleep(STOPPING).await;
        }
    }

    /// Whether a job runs in this process.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        !self.running().is_empty()
    }

    /// All jobs, newest first.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn list(&self) -> Result<Vec<JobSummary>, StoreError> {
        let jobs = self.store.read(|txn| {
            let mut unread: Vec<Failure> =
                txn.snapshot()?.map(|s| s.failures.iter().map(Failure::from).collect()).unwrap_or_default();
            let with_failures = |record: JobRecord| {
                let failures = match Kind::of(&record) {
                    Some(Kind::ApplicationConsents) if record.state != JobState::Done => {
                        application_consents::failures_of(txn, &record.id)?
                    }
                    // What is still missing belongs to the newest pull that left something out.
                    Some(Kind::Pull | Kind::PullRetry) if record.state == JobState::DoneInPart => {
                        std::mem::take(&mut unread)
                    }
                    _ => Vec::new(),
                };
                Ok((record, failures))
            };
            txn.jobs()?.into_iter().map(with_failures).collect::<Result<Vec<_>, StoreError>>()
        })?;
        let summary = |(record, failures)| JobSummary { status: self.status(&record), record, failures };
        Ok(jobs.into_iter().map(summary).collect())
    }

    fn status(&self, job: &JobRecord) -> JobStatus {
        if job.state.has_ended() {
            JobStatus::Ended(job.state)
        } else if self.running().contains_key(&job.id) {
            JobStatus::Running
        } else if job.is_orphaned() || self.is_gone_elsewhere(job) {
            JobStatus::Interrupted
        } else {
            JobStatus::Elsewhere
        }
    }

    /// A process on another machine is judged by its lease, or by its silence where it has none.
    fn is_gone_elsewhere(&self, job: &JobRecord) -> bool {
        let Some(kind) = Kind::of(job) else { return false };
        let Some(lease) = kind.lease() else { return kind.is_silent(job) };
        let lease = self.store.read(|txn| txn.lease(lease.name));
        lease.is_ok_and(|lease| lease.is_none_or(|lease| lease.job != job.id || lease.has_lapsed()))
    }

    async fn find(&self, id: &JobId) -> Result<JobRecord, JobError> {
        let (store, wanted) = (self.store.clone(), id.clone());
        let found = blocking(move || store.read(|txn| txn.job(&wanted))).await?;
        found.ok_or_else(|| JobError::WrongJob(format!("there is no job {id}; cspdeck jobs list shows them")))
    }

    fn spawn(&self, job: JobRecord, work: Work) -> JobId {
        let id = job.id.clone();
        let cancel = self.leave.child_token();
        self.running().insert(id.clone(), cancel.clone());
        let (events, told) = (self.events.clone(), id.clone());
        let run = Run {
            store: self.store.clone(),
            reach: self.reach.clone(),
            cancel,
            leave: self.leave.clone(),
            report: Arc::new(move |progress| {
                // Nobody listens any more when the program ends.
                drop(events.send(JobEvent::Progress(told.clone(), progress.clone())));
            }),
        };
        let (runner, ended) = (self.clone(), id.clone());
        tokio::spawn(async move {
            let result = work.run(run, job).await;
            runner.running().remove(&ended);
            drop(runner.events.send(JobEvent::Ended(ended, result)));
        });
        id
    }
}
