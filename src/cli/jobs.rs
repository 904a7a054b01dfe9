//! `jobs list|resume|cancel|drop`: what runs, ran and was left.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;

use super::Desk;
use super::failure::{Exit, Failure};
use super::follow::Work;
use super::outcome::{Failed, told};
use super::table::Table;
use crate::jobs::{JobStatus, JobSummary};
use crate::store::{JobId, JobState};

#[derive(Serialize)]
struct Item<'a> {
    id: &'a str,
    kind: &'a str,
    title: &'a str,
    state: &'static str,
    operator: &'a str,
    pid: u32,
    host: &'a str,
    started_at: Timestamp,
    updated_at: Timestamp,
    done: u64,
    total: Option<u64>,
    message: Option<&'a str>,
    failed: Vec<Failed<'a>>,
}

pub(super) fn list(desk: &Desk) -> Result<Exit, Failure> {
    let jobs = Work::new(desk)?.runner.list()?;
    let items: Vec<Item<'_>> = jobs.iter().map(item).collect();
    desk.output.list(&items, table)?;
    Ok(Exit::Done)
}

fn item(job: &JobSummary) -> Item<'_> {
    let record = &job.record;
    Item {
        id: record.id.as_str(),
        kind: &record.kind,
        title: &record.title,
        state: state(job.status),
        operator: &record.operator,
        pid: record.pid,
        host: &record.host,
        started_at: record.started_at,
        updated_at: record.updated_at,
        done: record.done,
        total: record.total,
        message: record.message.as_deref(),
        failed: job.failures.iter().map(Failed::of).collect(),
    }
}

fn state(status: JobStatus) -> &'static str {
    match status {
        JobStatus::Running | JobStatus::Elsewhere | JobStatus::Ended(JobState::Running) => "running",
        JobStatus::Interrupted => "interrupted",
        JobStatus::Ended(JobState::Done) => "done",
        JobStatus::Ended(JobState::DoneInPart) => "done_in_part",
        JobStatus::Ended(JobState::Failed) => "failed",
        JobStatus::Ended(JobState::Cancelled) => "cancelled",
        JobStatus::Ended(JobState::Dropped) => "dropped",
    }
}

fn table(items: &[Item<'_>]) -> Table {
    let mut table = Table::new(
        &["ID", "WHAT", "STATE", "STARTED (UTC)", "BY", ">DONE", "SAYS"],
        "no jobs yet; cspdeck csp pull starts one",
    );
    for item in items {
        let done = match item.total {
            Some(total) => format!("{}/{total}", item.done),
            None => item.done.to_string(),
        };
        table.row([
            item.id.to_owned(),
            item.title.to_owned(),
            item.state.replace('_', " "),
            item.started_at.strftime("%F %H:%M").to_string(),
            item.operator.to_owned(),
            done,
            item.message.unwrap_or_default().to_owned(),
        ]);
    }
    table
}

pub(super) fn resume(desk: &Desk, id: &str) -> Result<Exit, Failure> {
    let id = parsed(id)?;
    let (id, outcome) = Work::new(desk)?.follow(None, async |runner| runner.resume(&id).await)?;
    told(desk, &id, &outcome)
}

pub(super) fn cancel(desk: &Desk, id: &str) -> Result<Exit, Failure> {
    let id = parsed(id)?;
    let work = Work::new(desk)?;
    work.wait(work.runner.cancel(&id))?;
    let line = format!(
        "job {id} stops with its next rows; a pull or an app consent can be gone on with: cspdeck jobs resume {id}"
    );
    desk.output.document(&json!({ "job": id.as_str(), "state": "cancelled" }), &[line])?;
    Ok(Exit::Done)
}

pub(super) fn drop_job(desk: &Desk, id: &str) -> Result<Exit, Failure> {
    let id = parsed(id)?;
    let work = Work::new(desk)?;
    work.wait(work.runner.drop_job(&id))?;
    let line = format!("job {id} is given up, and what it had read is forgotten");
    desk.output.document(&json!({ "job": id.as_str(), "state": "dropped" }), &[line])?;
    Ok(Exit::Done)
}

fn parsed(id: &str) -> Result<JobId, Failure> {
    JobId::parse(id)
        .ok_or_else(|| Failure::wrong_use(format!("\"{id}\" is no job's id; cspdeck jobs list shows them")))
}
