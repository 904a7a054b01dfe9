//! Asking the customers of a job, several at a time, and keeping what came of each at once: what is given in a tenant and not noted
//! here would be asked for again.

use std::pin::pin;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use jiff::Timestamp;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::one::{Attempt, Question, Removals};
use super::{ApplicationConsents, Checkpoint, LEASE};
use crate::domain::application_consent::{ApplicationConsent, ConsentOutcome};
use crate::domain::application_grant::ApplicationGrant;
use crate::domain::ids::CustomerId;
use crate::jobs::error::{JobError, blocking};
use crate::jobs::progress::{Pace, Progress};
use crate::jobs::run::{TELL_EVERY, may_go_on};
use crate::partner_center::PartnerCenter;
use crate::store::{ItemState, JobItem, JobRecord, StoreError, WriteTxn};

/// How many are written in one transaction, at most.
const BATCH: usize = 100;

/// How long customers that are being asked are waited for once the job is to stop: one whose consent is taken away and not given
/// anew would be worse than that wait.
const FINISH: Duration = Duration::from_secs(4);

impl ApplicationConsents {
    /// Asks every customer of the job that is open.
    pub(super) async fn ask(
        &self,
        job: &mut JobRecord,
        checkpoint: &Checkpoint,
        center: &PartnerCenter,
    ) -> Result<(), JobError> {
        let Some(question) = Question::of(checkpoint) else {
            return Err(JobError::no_app_id());
        };
        let (store, id) = (self.run.store.clone(), job.id.clone());
        let (open, failed) = blocking(move || {
            store.read(|txn| {
                Ok((txn.job_items(&id, ItemState::Open)?, txn.job_items(&id, ItemState::Failed)?.len()))
            })
        })
        .await?;
        let total = job.total.unwrap_or(open.len() as u64);
        let mut progress = Progress {
            phase: "giving consents",
            done: total.saturating_sub(open.len() as u64),
            total: Some(total),
            failed: failed as u64,
            ..Progress::default()
        };
        let pace = Pace::start(progress.done);
        self.run.report(&progress, center);
        // No customer is begun once this is cancelled; those that are under way get the time to end.
        let stop = self.run.cancel.child_token();
        let questions = open.into_iter().filter_map(|item| Some((CustomerId::parse(&item.key).ok()?, item)));
        let removals = Removals {
            store: self.run.store.clone(),
            app_id: checkpoint.terms.app_id.clone(),
            by: job.operator.clone(),
        };
        let asking = questions.map(|(customer, item)| question.ask(center, item, customer, &removals));
        let concurrency = self.run.reach.concurrency.max(1);
        let mut asking =
            pin!(stream::iter(asking).take_until(stop.cancelled()).buffer_unordered(concurrency));
        let (attempts, to_keep) = mpsc::channel(BATCH);
        let ask = async {
            let attempts = attempts;
            let mut over = pin!(async {
                stop.cancelled().await;
                tokio::time::sleep(FINISH).await;
            });
            let mut fatal = None;
            loop {
                let attempt = tokio::select! {
                    biased;
                    attempt = asking.next() => attempt,
                    () = &mut over => None,
                    () = tokio::time::sleep(TELL_EVERY) => {
                        self.run.report(&progress, center);
                        continue;
                    }
                };
                let Some(mut attempt) = attempt else { break };
                let is_done = attempt.fatal.is_none();
                if let Some(error) = attempt.fatal.take() {
                    stop.cancel();
                    fatal.get_or_insert(error);
                }
                progress.done += u64::from(is_done);
                progress.failed += u64::from(is_done && attempt.outcome.failure().is_some());
                if attempts.send((attempt, is_done, progress.done)).await.is_err() {
                    // The writer has ended, and its error tells why.
                    break;
                }
                pace.measure(&mut progress);
                self.run.report(&progress, center);
            }
            match fatal {
                Some(error) => Err(JobError::Api(error)),
                None if stop.is_cancelled() && progress.done < total => Err(JobError::Cancelled),
                None => Ok(()),
            }
        };
        // Writing goes on beside asking: requests do not wait for the disk.
        let (asked, kept) = tokio::join!(ask, self.keep(job, checkpoint, to_keep, &stop));
        kept?;
        asked
    }

    /// Keeps what came of customers: all that came while the last ones were being written go together. Where that can't be written,
    /// no other customer is begun, and what comes of those that are under way is tried together with it.
    async fn keep(
        &self,
        job: &mut JobRecord,
        checkpoint: &Checkpoint,
        mut attempts: mpsc::Receiver<(Attempt, bool, u64)>,
        stop: &CancellationToken,
    ) -> Result<(), JobError> {
        let grants = ApplicationGrant::list(&checkpoint.terms.grants);
        let mut batch = Vec::new();
        let mut failed: Option<JobError> = None;
        loop {
            let is_over = attempts.recv_many(&mut batch, BATCH).await == 0;
            if batch.is_empty() {
                break;
            }
            job.done = batch.last().map_or(job.done, |(_, _, done)| *done);
            job.updated_at = Timestamp::now();
            match self.write(job, checkpoint, &grants, batch.clone()).await {
                Ok(wanted) => {
                    batch.clear();
                    match wanted {
                        Ok(true) => {}
                        Ok(false) => stop.cancel(),
                        Err(lost) => {
                            stop.cancel();
                            failed.get_or_insert(lost.into());
                        }
                    }
                }
                Err(error) => {
                    stop.cancel();
                    failed.get_or_insert(error);
                }
            }
            if is_over {
                break;
            }
        }
        failed.map_or(Ok(()), Err)
    }

    /// Writes what came of customers. Brings whether the job goes on; who has lost its lease has written all the same.
    async fn write(
        &self,
        job: &JobRecord,
        checkpoint: &Checkpoint,
        grants: &str,
        batch: Vec<(Attempt, bool, u64)>,
    ) -> Result<Result<bool, StoreError>, JobError> {
        let (store, record) = (self.run.store.clone(), job.clone());
        let (app, grants) = (checkpoint.terms.app_id.clone(), grants.to_owned());
        blocking(move || {
            store.write(|txn| {
                for (attempt, is_done, _) in batch {
                    put(txn, &record, attempt, is_done, &app, &grants)?;
                }
                match may_go_on(txn, LEASE, &record) {
                    Ok(true) => txn.put_job(&record).map(|()| Ok(true)),
                    Ok(false) => Ok(Ok(false)),
                    // What was given is given, whoever goes on with the job.
                    Err(lost @ StoreError::LeaseLost { .. }) => Ok(Err(lost)),
                    Err(error) => Err(error),
                }
            })
        })
        .await
    }
}

fn put(
    txn: &mut WriteTxn,
    job: &JobRecord,
    attempt: Attempt,
    is_done: bool,
    app: &str,
    grants: &str,
) -> Result<(), StoreError> {
    let Attempt { item, customer, outcome, .. } = attempt;
    let before = txn.application_consent(&customer)?.filter(|before| before.app_id == app);
    let has_it = before.as_ref().is_some_and(|before| before.since().is_some());
    let grants = match &outcome {
        ConsentOutcome::Given | ConsentOutcome::Replaced => Some(grants.to_owned()),
        ConsentOutcome::Failed { removed: true, .. } => None,
        // It stays as it was, as far as that is known.
        ConsentOutcome::Already | ConsentOutcome::Failed { .. } => before.and_then(|before| before.grants),
    };
    let (state, note) = match outcome.failure() {
        Some(reason) => (ItemState::Failed, reason),
        None => (ItemState::Done, outcome.name()),
    };
    if is_done {
        let item = JobItem { note: note.to_owned(), ..item };
        txn.put_job_items(&job.id, state, &[item])?;
    }
    if !is_done && !matches!(outcome, ConsentOutcome::Failed { removed: true, .. }) {
        return Ok(());
    }
    // It has been there since then.
    if has_it && outcome == ConsentOutcome::Already {
        return Ok(());
    }
    txn.put_application_consent(&ApplicationConsent {
        customer,
        app_id: app.to_owned(),
        at: Timestamp::now(),
        by: job.operator.clone(),
        outcome,
        grants,
    })
}
