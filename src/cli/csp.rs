//! `csp pull`: Request CSP data.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::Desk;
use super::arguments::PullArguments;
use super::failure::{Exit, Failure};
use super::follow::Work;
use super::output::say;
use crate::domain::text::counted;
use crate::jobs::pull::{self, Pulled, failed_customers};
use crate::jobs::{self, JobStatus, JobSummary};
use crate::store::{JobId, JobRecord, JobState};

/// A pull that stands longer than this is not gone on with by itself: what it has read is too old.
const TOO_OLD: SignedDuration = SignedDuration::from_hours(24);

/// What goes on with a pull that stopped.
const GOES_ON: Option<&str> = Some("cspdeck csp pull");

/// How many failed customers people are shown.
const SHOWN: usize = 20;

pub(super) fn pull(desk: &Desk, arguments: &PullArguments) -> Result<Exit, Failure> {
    let work = Work::new(desk)?;
    if arguments.failed {
        let (id, outcome) = work.follow(GOES_ON, async |runner| Ok(runner.start_retry()))?;
        return super::jobs::told(desk, &id, &outcome);
    }
    let left = left_over(&work.runner.list()?);
    let (id, outcome) = match left {
        Some(job) if !arguments.full && !arguments.fresh && is_worth_resuming(desk, &job)? => {
            if job.done > 0 {
                say(&format!(
                    "going on with the pull of {} at {:.0}: {} customers are read already; --fresh starts anew",
                    job.operator, job.started_at, job.done
                ));
            }
            work.follow(GOES_ON, async |runner| runner.resume(&job.id).await)?
        }
        left => {
            if let Some(job) = left {
                work.wait(work.runner.drop_job(&job.id))?;
                say(&format!("the unfinished pull of {} at {:.0} is given up", job.operator, job.started_at));
            }
            work.follow(GOES_ON, async |runner| Ok(runner.start_pull(arguments.full)))?
        }
    };
    super::jobs::told(desk, &id, &outcome)
}

/// The last pull, where it can be gone on with.
fn left_over(jobs: &[JobSummary]) -> Option<JobRecord> {
    let last = jobs.iter().find(|job| job.record.kind == pull::KIND)?;
    let unfinished = matches!(
        last.status,
        JobStatus::Interrupted | JobStatus::Ended(JobState::Cancelled | JobState::Failed)
    );
    unfinished.then(|| last.record.clone())
}

/// One that failed in the middle of the list of customers would fail there again, and the list is the small part.
fn is_worth_resuming(desk: &Desk, job: &JobRecord) -> Result<bool, Failure> {
    let is_recent = Timestamp::now().duration_since(job.updated_at) < TOO_OLD;
    let fell_in_list = job.state == JobState::Failed
        && job.total.is_none()
        && desk.store.read(|txn| match txn.staging(&job.id)? {
            Some(staging) => Ok(!txn.staged_customers(staging.id)?.is_empty()),
            None => Ok(false),
        })?;
    Ok(is_recent && !fell_in_list)
}

#[derive(Serialize)]
struct Document<'a> {
    job: &'a str,
    customers: u64,
    subscriptions: u64,
    requests: u64,
    failed: Vec<Failed<'a>>,
    /// Items of lists that could not be read and are missing; the same under the name that it had first.
    unread_items: u64,
    odd: u64,
}

/// A customer for whom a job failed.
#[derive(Serialize)]
pub(super) struct Failed<'a> {
    customer_id: &'a str,
    name: &'a str,
    stage: &'a str,
    reason: &'a str,
}

impl<'a> Failed<'a> {
    pub(super) fn of(failure: &'a jobs::Failure) -> Self {
        Self {
            customer_id: failure.customer.as_str(),
            name: &failure.name,
            stage: &failure.stage,
            reason: &failure.reason,
        }
    }
}

/// Prints what a pull brought.
pub(super) fn told(desk: &Desk, job: &JobId, pulled: &Pulled) -> Result<Exit, Failure> {
    let failures: Vec<jobs::Failure> = pulled.failures.iter().map(jobs::Failure::from).collect();
    let document = Document {
        job: job.as_str(),
        customers: pulled.customers,
        subscriptions: pulled.subscriptions,
        requests: pulled.requests,
        failed: failures.iter().map(Failed::of).collect(),
        unread_items: pulled.odd,
        odd: pulled.odd,
    };
    desk.output.document(&document, &lines(pulled))?;
    Ok(if pulled.is_complete() { Exit::Done } else { Exit::InPart })
}

fn lines(pulled: &Pulled) -> Vec<String> {
    let mut lines = vec![format!(
        "{} customers, {} subscriptions, in {} requests",
        pulled.customers, pulled.subscriptions, pulled.requests
    )];
    if pulled.odd > 0 {
        lines.push(format!(
            "{} could not be read and {} missing; the log says which",
            counted(pulled.odd as usize, "list item"),
            if pulled.odd == 1 { "is" } else { "are" }
        ));
    }
    let failed = failed_customers(&pulled.failures);
    if failed > 0 {
        lines.push(format!(
            "{failed} customers could not be read in full, and keep what was known of them; \
             cspdeck csp pull --failed reads them again:"
        ));
    }
    for failure in pulled.failures.iter().take(SHOWN) {
        lines.push(format!(
            "  {} ({}), {}: {}",
            failure.name, failure.customer, failure.stage, failure.reason
        ));
    }
    if pulled.failures.len() > SHOWN {
        let more = pulled.failures.len() - SHOWN;
        lines.push(format!("  and {more} more; cspdeck jobs list --json has all of them"));
    }
    lines
}
