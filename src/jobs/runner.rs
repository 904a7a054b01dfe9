//! Running jobs of this process: starting, resuming, cancelling, and telling how they stand.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::connect::Reach;
use super::consent;
use super::error::{JobError, blocking};
use super::progress::Progress;
use super::pull::{self, Pull, Pulled};
use super::sheets;
use crate::store::{JobId, JobRecord, JobState, PullFailure, Store, StoreError};

/// How often jobs that stop are looked at.
const STOPPING: Duration = Duration::from_millis(5);

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

/// A job for a list.
#[derive(Debug, Clone)]
pub struct JobSummary {
    /// Its entry.
    pub record: JobRecord,
    /// How it stands.
    pub status: JobStatus,
    /// What could not be read by the pull that made the present snapshot.
    pub failures: Vec<PullFailure>,
}

/// What a running job tells.
#[derive(Debug)]
pub enum JobEvent {
    /// It moved.
    Progress(JobId, Progress),
    /// It is over.
    Ended(JobId, Result<Pulled, JobError>),
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
        let job = JobRecord::start(pull::KIND, "Request CSP data", &self.store.operator().name);
        self.spawn(job, Work::Pull { full })
    }

    /// Starts reading again what failed.
    pub fn start_retry(&self) -> JobId {
        let job = JobRecord::start("pull-retry", "Retry what failed", &self.store.operator().name);
        self.spawn(job, Work::Retry)
    }

    /// Goes on with a job that was interrupted, cancelled or failed.
    ///
    /// # Errors
    /// [`JobError::WrongJob`] where there is nothing to go on with.
    pub async fn resume(&self, id: &JobId) -> Result<JobId, JobError> {
        let mut job = self.find(id).await?;
        let summary = self.status(&job);
        if !matches!(
            summary,
            JobStatus::Interrupted | JobStatus::Ended(JobState::Cancelled | JobState::Failed)
        ) {
            return Err(JobError::WrongJob(format!(
                "job {id} can't be resumed: it {}",
                state_words(summary)
            )));
        }
        if job.kind == sheets::KIND {
            return Err(JobError::WrongJob(format!(
                "job {id} is an import, which can't be resumed: import the file again"
            )));
        }
        if job.kind == consent::KIND {
            return Err(JobError::WrongJob(format!(
                "job {id} is a consent, which can't be resumed: give it again (cspdeck consent)"
            )));
        }
        // The work moves to this process; who asks now stands for it.
        let this = JobRecord::start(&job.kind, &job.title, &self.store.operator().name);
        job.pid = this.pid;
        job.host = this.host;
        job.operator = this.operator;
        let work = if job.kind == pull::KIND { Work::Pull { full: false } } else { Work::Retry };
        Ok(self.spawn(job, work))
    }

    /// Gives a job up that is not running, and forgets what it has staged.
    ///
    /// # Errors
    /// [`JobError::WrongJob`] where it runs or is over.
    pub async fn drop_job(&self, id: &JobId) -> Result<(), JobError> {
        let mut job = self.find(id).await?;
        let status = self.status(&job);
        if !matches!(
            status,
            JobStatus::Interrupted | JobStatus::Ended(JobState::Cancelled | JobState::Failed)
        ) {
            return Err(JobError::WrongJob(format!("job {id} can't be dropped: it {}", state_words(status))));
        }
        let store = self.store.clone();
        job.state = JobState::Dropped;
        job.checkpoint = Vec::new();
        job.message = Some("given up; what it had read was dropped".to_owned());
        blocking(move || {
            store.write(|txn| {
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
        if job.kind == consent::KIND {
            return Err(JobError::WrongJob(format!(
                "job {id} is a consent, which is cancelled where it was begun; by itself it ends when its time is over"
            )));
        }
        let status = self.status(&job);
        if status != JobStatus::Elsewhere {
            return Err(JobError::WrongJob(format!(
                "job {id} can't be cancelled: it {}",
                state_words(status)
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
        let (jobs, snapshot) = self.store.read(|txn| Ok((txn.jobs()?, txn.snapshot()?)))?;
        let mut failures = snapshot.map(|s| s.failures).unwrap_or_default();
        Ok(jobs
            .into_iter()
            .map(|record| {
                let status = self.status(&record);
                // What is still missing belongs to the newest job that left something out.
                let mine = if record.state == JobState::DoneInPart {
                    std::mem::take(&mut failures)
                } else {
                    Vec::new()
                };
                JobSummary { status, record, failures: mine }
            })
            .collect())
    }

    fn status(&self, job: &JobRecord) -> JobStatus {
        if job.state.has_ended() {
            JobStatus::Ended(job.state)
        } else if self.running().contains_key(&job.id) {
            JobStatus::Running
        } else if job.kind == sheets::KIND {
            // Nothing of it can be taken over, so it takes no lease.
            let is_silent = job.is_orphaned() || sheets::interrupted_elsewhere(job);
            if is_silent { JobStatus::Interrupted } else { JobStatus::Elsewhere }
        } else if job.kind == consent::KIND {
            let is_over = job.is_orphaned() || consent::is_over_elsewhere(job);
            if is_over { JobStatus::Interrupted } else { JobStatus::Elsewhere }
        } else if job.is_orphaned() || self.lease_lapsed(job) {
            JobStatus::Interrupted
        } else {
            JobStatus::Elsewhere
        }
    }

    /// A process on another machine is judged by its lease.
    fn lease_lapsed(&self, job: &JobRecord) -> bool {
        let lease = self.store.read(|txn| txn.lease("pull"));
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
        let pull = Pull {
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
            let result = match work {
                Work::Pull { full } => pull.run(job, full).await,
                Work::Retry => pull.retry_failed(job).await,
            };
            runner.running().remove(&ended);
            drop(runner.events.send(JobEvent::Ended(ended, result)));
        });
        id
    }
}

enum Work {
    Pull { full: bool },
    Retry,
}

fn state_words(status: JobStatus) -> &'static str {
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
