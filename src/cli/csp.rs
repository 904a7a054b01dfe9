//! `csp pull`: Request CSP data.

use jiff::{SignedDuration, Timestamp};

use super::Desk;
use super::arguments::PullArguments;
use super::failure::{Exit, Failure};
use super::follow::Work;
use super::outcome::told;
use super::output::say;
use crate::jobs::pull;
use crate::jobs::{JobStatus, JobSummary};
use crate::store::{JobRecord, JobState};

/// A pull that stands longer than this is not gone on with by itself: what it has read is too old.
const TOO_OLD: SignedDuration = SignedDuration::from_hours(24);

/// What goes on with a pull that stopped.
const GOES_ON: Option<&str> = Some("cspdeck csp pull");

pub(super) fn pull(desk: &Desk, arguments: &PullArguments) -> Result<Exit, Failure> {
    let work = Work::new(desk)?;
    if arguments.failed {
        let (id, outcome) = work.follow(GOES_ON, async |runner| Ok(runner.start_retry()))?;
        return told(desk, &id, &outcome);
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
    told(desk, &id, &outcome)
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
