//! Pulls and app consents against the simulator: what goes wrong at Microsoft, and what is left of it here.

#![expect(clippy::expect_used, reason = "what every test stands on is there, or the test has failed")]

mod application_consents;
mod faults;
#[path = "../common/reach.rs"]
mod reach;
mod support;

use cspdeck::jobs::{JobEvent, JobStatus, Runner};
use cspdeck::simulator::{Tier, subscription_count};
use cspdeck::store::{JobRecord, JobState};
use support::Desk;

#[tokio::test(flavor = "multi_thread")]
async fn a_pull_brings_every_customer_with_details_once() {
    let desk = Desk::new(60, Tier::Indirect).await;
    let pulled = desk.pull().await.unwrap();
    assert_eq!((pulled.customers, pulled.failures.len()), (60, 0));
    assert_eq!(pulled.subscriptions, subscription_count(60, 1, Tier::Indirect));
    let (customers, subscriptions) =
        desk.store.read(|txn| Ok((txn.customers()?, txn.subscriptions()?))).unwrap();
    assert_eq!(customers.len(), 60);
    assert_eq!(subscriptions.len() as u64, pulled.subscriptions);
    assert!(customers.iter().all(|c| c.details.as_ref().is_some_and(|d| d.country.is_some())));
    assert!(customers.iter().all(|c| c.mpn_id.is_some()), "every customer of Tier 2 has its reseller");
    assert!(desk.job().message.is_some_and(|m| m.starts_with("60 customers")));
}

#[tokio::test(flavor = "multi_thread")]
async fn details_are_read_again_only_when_asked_for() {
    let desk = Desk::new(20, Tier::Direct).await;
    let first = desk.pull().await.unwrap();
    let second = desk.pull().await.unwrap();
    assert_eq!(first.requests - second.requests, 20);
    let full = desk.pull_full().await.unwrap();
    assert_eq!(full.requests, first.requests);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_old_snapshot_stays_until_the_new_one_is_complete() {
    let desk = Desk::new(30, Tier::Direct).await;
    desk.pull().await.unwrap();
    let before = desk.store.read(|txn| Ok((txn.snapshot()?, txn.subscriptions()?))).unwrap();
    desk.faults(|f| f.reject_token = Some(50173));
    assert!(desk.pull().await.is_err());
    assert_eq!(desk.store.read(|txn| Ok((txn.snapshot()?, txn.subscriptions()?))).unwrap(), before);
    assert_eq!(desk.job().state, JobState::Failed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_pull_goes_on_where_it_was() {
    let desk = Desk::new(60, Tier::Direct).await;
    desk.faults(|f| f.latency = std::time::Duration::from_millis(20));
    let cancelled = desk.pull_until(|progress| progress.total.is_some() && progress.done >= 20).await;
    assert!(cancelled.is_err());
    let job = desk.job();
    assert_eq!(job.state, JobState::Cancelled);
    assert!(job.done >= 20, "what was read is kept: {}", job.done);
    let asked = desk.simulator.requests().subscriptions;
    let pulled = desk.resume(job).await.unwrap();
    assert_eq!(pulled.customers, 60);
    assert!(
        desk.simulator.requests().subscriptions - asked <= 60 - 20,
        "done customers are not asked for again"
    );
    assert_eq!(pulled.subscriptions, subscription_count(60, 1, Tier::Direct));
}

#[tokio::test(flavor = "multi_thread")]
async fn leaving_in_mid_pull_keeps_all_that_was_read() {
    let desk = Desk::new(60, Tier::Direct).await;
    desk.faults(|f| f.latency = std::time::Duration::from_millis(10));
    let (sender, mut events) = tokio::sync::mpsc::unbounded_channel();
    let runner = Runner::new(desk.store.clone(), desk.reach.clone(), sender);
    let id = runner.start_pull(false);
    let read = loop {
        match events.recv().await {
            Some(JobEvent::Progress(_, progress)) if progress.total.is_some() && progress.done >= 10 => {
                break progress.done;
            }
            Some(JobEvent::Progress(..)) => {}
            other => panic!("{other:?}"),
        }
    };
    runner.leave().await;
    let job = desk.job();
    let staged = desk.store.read(|txn| txn.staged_done(txn.staging(&id)?.expect("staged").id)).unwrap();
    assert!(job.done >= read, "{} of {read} are kept", job.done);
    assert_eq!(staged.len() as u64, job.done);
    assert_eq!(job.state, JobState::Running, "nobody has cancelled it");
    assert_eq!(desk.resume(job).await.unwrap().customers, 60);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_pull_takes_the_place_of_one_that_was_left() {
    let desk = Desk::new(40, Tier::Direct).await;
    desk.faults(|f| f.latency = std::time::Duration::from_millis(20));
    assert!(desk.pull_until(|progress| progress.total.is_some() && progress.done >= 10).await.is_err());
    let left = desk.job();
    desk.faults(|f| f.latency = std::time::Duration::ZERO);
    desk.pull().await.unwrap();
    let (stagings, job) = desk.store.read(|txn| Ok((txn.stagings()?, txn.job(&left.id)?))).unwrap();
    assert!(stagings.is_empty());
    assert_eq!(job.unwrap().state, JobState::Dropped);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_pulls_at_once_are_refused_with_who_runs_the_first() {
    let desk = Desk::new(40, Tier::Direct).await;
    desk.faults(|f| f.latency = std::time::Duration::from_millis(50));
    let (sender, mut events) = tokio::sync::mpsc::unbounded_channel();
    let runner = Runner::new(desk.store.clone(), desk.reach.clone(), sender);
    let first = runner.start_pull(false);
    while !matches!(events.recv().await, Some(JobEvent::Progress(..))) {}
    let error = desk.pull().await.unwrap_err();
    assert!(error.to_string().contains("is requesting CSP data since"), "{error}");
    assert!(error.is_worth_retrying_later());
    runner.cancel(&first).await.unwrap();
    while !matches!(events.recv().await, Some(JobEvent::Ended(..)) | None) {}
    let jobs = runner.list().unwrap();
    let job = jobs.iter().find(|job| job.record.id == first).unwrap();
    assert_eq!(job.status, JobStatus::Ended(JobState::Cancelled));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_not_be_gone_on_with_says_what_to_do_instead() {
    let desk = Desk::new(1, Tier::Direct).await;
    let runner =
        Runner::new(desk.store.clone(), desk.reach.clone(), tokio::sync::mpsc::unbounded_channel().0);
    for (kind, says) in [
        ("consent", "give it again (cspdeck consent)"),
        ("sheet-import", "import the file again"),
        ("of-the-future", "does not know"),
    ] {
        let mut job = JobRecord::start(kind, "Something", "ana");
        job.state = JobState::Failed;
        desk.store.write(|txn| txn.put_job(&job)).unwrap();
        let summary = runner.list().unwrap().remove(0);
        assert!(!summary.is_resumable(), "{kind}");
        let error = runner.resume(&job.id).await.unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
        assert!(runner.retry(&job.id).await.is_err());
        runner.drop_job(&job.id).await.unwrap();
    }
}
