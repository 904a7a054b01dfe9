//! Several processes at one store: nothing is lost, nobody waits for ever, and one that is killed leaves it whole.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::Child;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use cspdeck::domain::client::Client;
use cspdeck::domain::settings::Settings;
use cspdeck::store::{
    AuditCheck, JobId, JobRecord, LeaseAnswer, ReadTxn, Store, StoreError, StoreOptions, WriteTxn,
};

use super::access;
use super::sheets;
use super::support::{FOLDER, ROLE, child as spawn, client, customer_id, open, options};

const INCREMENTS: u64 = 60;
/// Rows of a sheet that takes a while to be written.
const SHEET_ROWS: usize = 8_000;
/// Sheets that a child keeps.
const KEPT: u64 = 15;

/// What a child of these tests does. Run by itself, it does nothing.
#[test]
fn child() {
    let Ok(role) = std::env::var(ROLE) else { return };
    let folder = PathBuf::from(std::env::var_os(FOLDER).unwrap());
    match role.as_str() {
        "increment" => {
            let store = open(&folder, "child");
            for _ in 0..INCREMENTS {
                store.write(increment).unwrap();
            }
        }
        "write for ever" => {
            let store = open(&folder, "child");
            for round in 0u64.. {
                store.write(|txn| write_pair(txn, round)).unwrap();
                println!("round {round}");
            }
        }
        "keep sheets for ever" => {
            let store = open(&folder, "child");
            for round in 0usize.. {
                let last = store.read(|txn| txn.sheet("prices")).unwrap().map_or(0, |sheet| sheet.revision);
                sheets::put(&store, "prices", last, &sheets::sheet(SHEET_ROWS, round)).unwrap();
                println!("round {round}");
            }
        }
        "keep sheets" => {
            let store = open(&folder, &format!("child{}", std::process::id()));
            let mut kept = 0;
            while kept < KEPT {
                let last = store.read(|txn| txn.sheet("prices")).unwrap().map_or(0, |sheet| sheet.revision);
                match sheets::put(&store, "prices", last, &sheets::sheet(500, last as usize)) {
                    Ok(revision) => {
                        assert_eq!(revision, last + 1);
                        kept += 1;
                    }
                    Err(error) => assert!(matches!(error, StoreError::Conflict(_)), "{error}"),
                }
            }
        }
        "hold" => {
            let store = open(&folder, "holder");
            let held = store.write(|txn| {
                increment(txn)?;
                println!("holding");
                std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
                Ok(())
            });
            held.unwrap();
        }
        "lease" => {
            let store = open(&folder, "child");
            let job = JobRecord::start("pull", "Request CSP data", "child");
            store
                .write(|txn| {
                    txn.put_job(&job)?;
                    txn.take_lease("pull", Duration::from_secs(3600), &job.id)
                })
                .unwrap();
        }
        "fill" => fill(&folder),
        "no access" => access::without_access(&folder),
        "read only" => access::read_only(&folder),
        other => panic!("no such role: {other}"),
    }
}

fn increment(txn: &mut WriteTxn) -> Result<(), StoreError> {
    let stored = txn.settings()?;
    let count = count_of(&stored.value) + 1;
    let settings = Settings { csp_domain: Some(count.to_string()), ..Settings::default() };
    txn.put_settings(stored.revision, &settings).map(drop)
}

fn count_of(settings: &Settings) -> u64 {
    settings.csp_domain.as_deref().map_or(0, |text| text.parse().unwrap())
}

fn count(store: &Store) -> u64 {
    count_of(&store.read(ReadTxn::settings).unwrap().value)
}

/// Two clients that always have the same user name.
fn write_pair(txn: &mut WriteTxn, round: u64) -> Result<(), StoreError> {
    for id in ["left", "right"] {
        let before = txn.client(&customer_id(id))?.map_or(0, |c| c.revision);
        txn.put_client(
            before,
            &Client { username: format!("{}-{round}", std::process::id()), ..client(id) },
        )?;
    }
    Ok(())
}

fn assert_whole(store: &Store) {
    store
        .read(|txn| {
            let names: Vec<String> = txn.clients()?.into_iter().map(|c| c.value.username).collect();
            assert!(names.windows(2).all(|pair| pair[0] == pair[1]), "{names:?}");
            let check = txn.verify_audit()?;
            assert!(matches!(check, AuditCheck::Whole { .. }), "{check:?}");
            Ok(())
        })
        .unwrap();
}

fn kill(mut child: Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn no_update_is_lost_between_processes_and_threads() {
    let folder = tempfile::tempdir().unwrap();
    let mut children: Vec<Child> =
        (0..3).map(|_| spawn("increment", folder.path()).spawn().unwrap()).collect();
    let store = open(folder.path(), "parent");
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| (0..INCREMENTS).for_each(|_| store.write(increment).unwrap()));
        }
        let mut last = 0;
        while last < 2 * INCREMENTS {
            let now = count(&store);
            assert!(now >= last, "{now} after {last}");
            last = now;
        }
    });
    assert!(children.iter_mut().all(|child| child.wait().unwrap().success()));
    let settings = store.read(ReadTxn::settings).unwrap();
    assert_eq!((count_of(&settings.value), settings.revision), (5 * INCREMENTS, 5 * INCREMENTS));
    store
        .read(|txn| {
            let check = txn.verify_audit()?;
            assert!(
                matches!(check, AuditCheck::Whole { entries, .. } if entries == 5 * INCREMENTS),
                "{check:?}"
            );
            assert_eq!(txn.generation()?.data, 5 * INCREMENTS);
            Ok(())
        })
        .unwrap();
}

#[test]
fn a_process_killed_in_the_middle_of_writing_leaves_the_store_whole() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), "parent");
    for round in 0..8 {
        let mut child = spawn("write for ever", folder.path()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        // Kills at another moment of the transaction each time: after a line, the child is at work on the next.
        let written = (&mut lines).map(Result::unwrap).filter(|line| line.starts_with("round"));
        assert_eq!(written.take(2 + round % 3).count(), 2 + round % 3);
        std::thread::sleep(Duration::from_micros(fastrand::u64(..4000)));
        kill(child);
        assert_whole(&store);
        store.write(|txn| write_pair(txn, 0)).unwrap();
        assert_whole(&store);
    }
}

#[test]
fn a_process_killed_while_it_keeps_a_sheet_leaves_the_old_one_or_the_new_one() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), "parent");
    for _ in 0..6 {
        let mut child = spawn("keep sheets for ever", folder.path()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert!((&mut lines).map(Result::unwrap).any(|line| line.starts_with("round 1")));
        // The child is at work on the next one: making it, or writing it.
        std::thread::sleep(Duration::from_micros(fastrand::u64(..60_000)));
        kill(child);
        let kept = sheets::rows(&store, "prices").unwrap();
        let price = kept.row(0).unwrap().unit_price().unwrap();
        let whole = sheets::sheet(SHEET_ROWS, price.try_into().unwrap());
        assert!(kept == whole, "{} rows of another sheet", kept.len());
        assert_whole_audit(&store);
    }
}

#[test]
fn of_two_processes_that_keep_the_same_sheet_one_is_refused_each_time() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), "parent");
    let mut children: Vec<Child> =
        (0..2).map(|_| spawn("keep sheets", folder.path()).spawn().unwrap()).collect();
    assert!(children.iter_mut().all(|child| child.wait().unwrap().success()));
    let last = store.read(|txn| txn.sheet("prices")).unwrap().unwrap();
    assert_eq!(last.revision, 2 * KEPT);
    assert_eq!(sheets::rows(&store, "prices"), Some(sheets::sheet(500, 2 * KEPT as usize - 1)));
}

#[test]
fn who_waits_in_vain_is_told_who_writes_and_a_killed_writer_is_in_nobodys_way() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), "parent");
    store.write(increment).unwrap();
    let mut command = spawn("hold", folder.path());
    let mut child = command.stdin(std::process::Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.map(Result::unwrap).any(|line| line == "holding"));

    let hasty = StoreOptions { wait: Duration::from_millis(1), ..options(folder.path(), "hasty") };
    let reading = Store::open(hasty).map(drop).unwrap_err();
    let Err(StoreError::InUse { holder: Some(holder), .. }) = Err::<(), _>(reading) else {
        panic!("the holder is not known")
    };
    assert_eq!((holder.pid, holder.user.as_str()), (child.id(), "holder"));

    kill(child);
    assert_eq!(count(&store), 1);
    store.write(increment).unwrap();
    assert_eq!(count(&store), 2);
}

#[test]
fn readers_do_not_keep_a_writer_out() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), "parent");
    let stop = AtomicBool::new(false);
    let read = || {
        while !stop.load(Ordering::Relaxed) {
            // Long enough that, with so many readers, there is always one in the file.
            let looked = store.read(|txn| {
                std::thread::sleep(Duration::from_millis(5));
                txn.settings()
            });
            looked.unwrap();
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..12 {
            scope.spawn(read);
        }
        let written: Result<(), StoreError> = (0..20).try_for_each(|_| store.write(increment));
        stop.store(true, Ordering::Relaxed);
        written.unwrap();
    });
    assert_eq!(count(&store), 20);
}

#[test]
fn the_lease_and_the_job_of_a_process_that_is_gone_can_be_taken_over() {
    let folder = tempfile::tempdir().unwrap();
    assert!(spawn("lease", folder.path()).status().unwrap().success());
    let store = open(folder.path(), "parent");
    let lease = store.read(|txn| txn.lease("pull")).unwrap().unwrap();
    assert!(lease.has_lapsed());
    let [job] = &store.read(ReadTxn::jobs).unwrap()[..] else { panic!("one job is expected") };
    assert!(job.is_orphaned());
    assert_eq!(lease.job, job.id);
    let other = JobId::new();
    let answer = store.write(|txn| txn.take_lease("pull", Duration::from_secs(3600), &other)).unwrap();
    assert!(matches!(answer, LeaseAnswer::Taken(lease) if lease.job == other));
}

/// Writes until the file may not grow any more.
fn fill(folder: &Path) {
    let store = open(folder, "child");
    let told = Arc::new(AtomicBool::new(false));
    signal_hook::flag::register(signal_hook::consts::SIGXFSZ, Arc::clone(&told)).unwrap();
    let limit = rustix::process::Rlimit { current: Some(2 << 20), maximum: Some(2 << 20) };
    rustix::process::setrlimit(rustix::process::Resource::Fsize, limit).unwrap();
    for round in 0.. {
        let text = "x".repeat(20_000);
        let written = store.write(|txn| {
            increment(txn)?;
            txn.put_client(0, &Client { name: text, ..client(&format!("c{round}")) })
        });
        if let Err(error) = written {
            assert!(matches!(error, StoreError::DiskFull { .. }), "{error}");
            println!("full after {round}");
            return;
        }
    }
}

#[test]
fn a_full_disk_is_told_and_loses_nothing_that_was_kept() {
    let folder = tempfile::tempdir().unwrap();
    let output = spawn("fill", folder.path()).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let written = text.lines().find_map(|line| line.split("full after ").nth(1)).map(str::parse::<u64>);
    let written = written.unwrap_or_else(|| panic!("{text}")).unwrap();
    assert!(written > 0);
    let store = open(folder.path(), "parent");
    assert_eq!(count(&store), written);
    assert_eq!(store.read(ReadTxn::clients).unwrap().len() as u64, written);
    assert_whole_audit(&store);
    store.write(increment).unwrap();
    assert_eq!(count(&store), written + 1);
}

fn assert_whole_audit(store: &Store) {
    let check = store.read(ReadTxn::verify_audit).unwrap();
    assert!(matches!(check, AuditCheck::Whole { .. }), "{check:?}");
}
