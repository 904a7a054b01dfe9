//! Drafts, jobs and leases.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use cspdeck::store::{
    DraftDelta, Drafts, JobId, JobRecord, JobState, LeaseAnswer, ReadTxn, Store, StoreError, StoreOptions,
    TickDelta,
};

use super::support::{open, options};

/// What is stored is what this dashboard typed.
fn put(value: &'static [u8]) -> impl FnMut(usize, Option<&[u8]>) -> Result<Option<Vec<u8>>, StoreError> {
    move |_, _| Ok(Some(value.to_vec()))
}

fn ticks(grid: &str, on: &[&str], off: &[&str]) -> TickDelta {
    let owned = |rows: &[&str]| rows.iter().map(|row| (*row).to_owned()).collect();
    TickDelta { grid: grid.to_owned(), on: owned(on), off: owned(off) }
}

#[test]
fn drafts_come_back_per_operator_and_screen() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), "anna");
    let many: BTreeSet<String> = (0..100_000).map(|n| format!("tenant-{n}/subscription-{n}")).collect();
    let services = TickDelta { on: many.iter().cloned().collect(), ..ticks("services", &[], &[]) };
    let delta = DraftDelta {
        ticks: vec![ticks("clients", &["t1"], &[]), services],
        edits: vec![("clients".into(), "t1".into()), ("services".into(), "t1/s1".into())],
        view: Some(b"cursor".to_vec()),
    };
    store.write(|txn| txn.save_drafts(1000, "migration", &delta, put(&[0, 255, 7]))).unwrap();
    let drafts = store.read(|txn| txn.drafts(1000, "migration")).unwrap();
    assert_eq!(drafts.ticks["services"], many);
    assert_eq!(drafts.ticks["clients"], ["t1".to_owned()].into());
    let edit = |grid: &str, row: &str| (grid.to_owned(), row.to_owned(), vec![0, 255, 7]);
    assert_eq!(drafts.edits, [edit("clients", "t1"), edit("services", "t1/s1")]);
    assert_eq!(drafts.view.as_deref(), Some(&b"cursor"[..]));
    for (uid, screen) in [(1001, "migration"), (100, "migration"), (1000, "migration2"), (1000, "plans")] {
        assert_eq!(store.read(|txn| txn.drafts(uid, screen)).unwrap(), Drafts::default(), "{uid} {screen}");
    }

    let services = TickDelta { off: many.into_iter().collect(), ..ticks("services", &[], &[]) };
    let less = DraftDelta {
        ticks: vec![services],
        edits: vec![("services".into(), "t1/s1".into()), ("services".into(), "never".into())],
        view: None,
    };
    store.write(|txn| txn.save_drafts(1000, "migration", &less, |_, _| Ok(None))).unwrap();
    let drafts = store.read(|txn| txn.drafts(1000, "migration")).unwrap();
    assert_eq!(drafts.ticks.into_keys().collect::<Vec<_>>(), ["clients"]);
    assert_eq!(drafts.edits, [edit("clients", "t1")]);
    assert_eq!(drafts.view.as_deref(), Some(&b"cursor"[..]));
    assert_eq!(store.read(ReadTxn::audit_len).unwrap(), 0);
}

#[test]
fn what_two_dashboards_save_is_merged_and_counted() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), "anna");
    let save = |ticks: TickDelta, edits: Vec<(String, String)>, view: Option<&[u8]>| {
        let delta = DraftDelta { ticks: vec![ticks], edits, view: view.map(<[u8]>::to_vec) };
        let merge = |_: usize, stored: Option<&[u8]>| Ok(Some([stored.unwrap_or(b"-"), b"x"].concat()));
        store.write(|txn| txn.save_drafts(1000, "migration", &delta, merge)).unwrap()
    };
    save(ticks("clients", &["a", "b", "c"], &[]), vec![], None);
    // One that has not seen those ticks, and one that unticks one of them.
    save(ticks("clients", &["d"], &["z"]), vec![], None);
    let row = || vec![("clients".to_owned(), "a".to_owned())];
    let counts = save(ticks("clients", &[], &["b"]), row(), None);
    assert_eq!((counts.before, counts.now), (2, 3));
    save(ticks("clients", &[], &[]), row(), None);
    let counts = save(ticks("clients", &[], &[]), vec![], Some(b"elsewhere"));
    assert_eq!((counts.before, counts.now), (4, 4), "where the cursor is concerns nobody else");
    let drafts = store.read(|txn| txn.drafts(1000, "migration")).unwrap();
    assert_eq!(drafts.ticks["clients"], ["a", "c", "d"].map(str::to_owned).into());
    assert_eq!(drafts.edits, [("clients".to_owned(), "a".to_owned(), b"-xx".to_vec())]);
    assert_eq!(drafts.count, 4);
    assert_eq!(store.read(|txn| txn.draft_count(1001, "migration")).unwrap(), 0);
}

#[test]
fn a_merge_that_fails_saves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), "anna");
    let row = ("clients".to_owned(), "a".to_owned());
    let delta = DraftDelta { ticks: vec![ticks("clients", &["a"], &[])], edits: vec![row], view: None };
    let fail = |_: usize, _: Option<&[u8]>| Err(StoreError::Fault("no".to_owned()));
    assert!(store.write(|txn| txn.save_drafts(1000, "migration", &delta, fail)).is_err());
    assert_eq!(store.read(|txn| txn.drafts(1000, "migration")).unwrap(), Drafts::default());
}

#[test]
fn the_journal_keeps_running_jobs_and_the_last_ended_ones() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), "anna");
    let mut running = JobRecord::start("pull", "Request CSP data", "anna");
    running.checkpoint = vec![0, 200, 255];
    running.total = Some(10);
    store.write(|txn| txn.put_job(&running)).unwrap();
    let ended: Vec<JobRecord> = (0..305)
        .map(|n| JobRecord { state: JobState::Done, done: n, ..JobRecord::start("apply", "Update", "anna") })
        .collect();
    store.write(|txn| ended.iter().try_for_each(|job| txn.put_job(job))).unwrap();

    let jobs = store.read(ReadTxn::jobs).unwrap();
    assert_eq!(jobs.len(), 301);
    assert_eq!(jobs.first(), ended.last());
    assert_eq!(jobs.last(), Some(&running));
    assert!(!running.is_orphaned());
    assert_eq!(store.read(|txn| txn.job(&ended[0].id)).unwrap(), None);

    running.state = JobState::DoneInPart;
    running.done = 9;
    store.write(|txn| txn.put_job(&running)).unwrap();
    // It is the oldest by its start, so it is the one that goes.
    assert_eq!(store.read(|txn| txn.job(&running.id)).unwrap(), None);
}

#[test]
fn a_job_id_is_a_uuid_and_sorts_by_time() {
    let ids: Vec<JobId> = (0..100).map(|_| JobId::new()).collect();
    assert!(ids.is_sorted());
    assert_eq!(JobId::parse(&format!(" {} ", ids[0].as_str().to_uppercase())).as_ref(), Some(&ids[0]));
    assert_eq!(JobId::parse("pull"), None);
}

#[test]
fn only_one_job_has_a_lease_until_it_lapses_or_is_given_back() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), "anna");
    let (first, second) = (JobId::new(), JobId::new());
    let (hour, none) = (Duration::from_secs(3600), Duration::ZERO);
    let take = |ttl, job: &JobId| store.write(|txn| txn.take_lease("pull", ttl, job)).unwrap();

    let LeaseAnswer::Taken(lease) = take(hour, &first) else { panic!("nobody has it") };
    let LeaseAnswer::HeldBy(held) = take(hour, &second) else { panic!("two at once") };
    assert_eq!(held, lease);
    assert_eq!((held.operator.as_str(), held.pid()), ("anna", std::process::id()));
    assert!(matches!(take(hour, &first), LeaseAnswer::Taken(again) if again.since == lease.since));
    assert!(matches!(
        store.write(|txn| txn.renew_lease("pull", hour, &second)),
        Err(StoreError::LeaseLost { holder: Some(_), .. })
    ));
    store.write(|txn| txn.release_lease("pull", &second)).unwrap();
    assert!(store.read(|txn| txn.lease("pull")).unwrap().is_some());

    // Renewed for no time at all, it has lapsed, and is renewed again as long as nobody else has taken it.
    store.write(|txn| txn.renew_lease("pull", none, &first)).unwrap();
    store.write(|txn| txn.renew_lease("pull", none, &first)).unwrap();
    assert!(matches!(take(hour, &second), LeaseAnswer::Taken(_)));
    assert!(store.write(|txn| txn.renew_lease("pull", hour, &first)).is_err());
    store.write(|txn| txn.release_lease("pull", &second)).unwrap();
    assert_eq!(store.read(|txn| txn.lease("pull")).unwrap(), None);
}

#[test]
fn who_writes_without_end_lets_the_others_in() {
    let folder = tempfile::tempdir().unwrap();
    let busy = open(folder.path(), "anna");
    let patience = Duration::from_secs(5);
    let other = Store::open(StoreOptions { wait: patience, ..options(folder.path(), "bert") }).unwrap();
    let (over, writes) = (AtomicBool::new(false), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                busy.write(|txn| {
                    writes.fetch_add(1, Ordering::Relaxed);
                    // So long that the moments between two writes are next to nothing.
                    std::thread::sleep(Duration::from_millis(30));
                    txn.put_job(&JobRecord::start("pull", "Request CSP data", "anna"))
                })
                .unwrap();
            }
        });
        while writes.load(Ordering::Relaxed) < 3 {
            std::thread::yield_now();
        }
        let delta = DraftDelta { view: Some(vec![1]), ..DraftDelta::default() };
        let results: Vec<_> = (0..10)
            .flat_map(|_| {
                [
                    other.write(|txn| txn.save_drafts(1, "migration", &delta, |_, _| Ok(None)).map(drop)),
                    other.read(|txn| txn.drafts(1, "migration").map(drop)),
                ]
            })
            .collect();
        over.store(true, Ordering::Relaxed);
        for result in results {
            result.unwrap();
        }
    });
}
