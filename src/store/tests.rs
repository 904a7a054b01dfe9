use std::collections::BTreeSet;
use std::path::Path;

use super::*;
use crate::domain::settings::Settings;

fn operator(name: &str) -> Operator {
    Operator { uid: 1000, name: name.to_owned(), sudo_user: None, ssh_client: None }
}

fn options(folder: &Path) -> StoreOptions {
    StoreOptions {
        path: folder.join("data/store.redb"),
        identity: folder.join("keys/identity"),
        wait: Duration::from_secs(5),
        sharing: Sharing::Private,
        operator: operator("anna"),
    }
}

fn domain(name: &str) -> Settings {
    Settings { csp_domain: Some(name.to_owned()), ..Settings::default() }
}

fn rename_domain(txn: &WriteTxn) -> Result<(), StoreError> {
    let settings = txn.settings()?;
    let bytes = codec::encode(&domain("second.example"))?;
    let head = codec::Head {
        revision: settings.revision,
        updated_by: settings.updated_by,
        updated_at: settings.updated_at,
    };
    txn.put_bytes(tables::SETTINGS, reads::SETTINGS_KEY, &codec::join(&head, &bytes)?)
}

fn fail(_: &WriteTxn) -> Result<(), StoreError> {
    Err(StoreError::Fault("the step failed".to_owned()))
}

fn backups(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder.join("data")).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.to_string_lossy().contains(".backup-")).collect()
}

#[test]
fn an_older_store_is_copied_and_then_brought_up_to_date() {
    let folder = tempfile::tempdir().unwrap();
    let old = Store::open_with(options(folder.path()), &[]).unwrap();
    old.write(|txn| txn.put_settings(0, &domain("first.example"))).unwrap();

    let new = Store::open_with(options(folder.path()), &[rename_domain]).unwrap();
    let settings = new.read(ReadTxn::settings).unwrap();
    assert_eq!(settings.value.csp_domain.as_deref(), Some("second.example"));

    let [backup] = &backups(folder.path())[..] else { panic!("one backup is expected") };
    let copy = StoreOptions { path: backup.clone(), ..options(folder.path()) };
    let copy = Store::open_with(copy, &[]).unwrap();
    let settings = copy.read(ReadTxn::settings).unwrap();
    assert_eq!(settings.value.csp_domain.as_deref(), Some("first.example"));

    // The older program, still running or started anew, keeps its hands off.
    assert!(matches!(old.read(ReadTxn::settings), Err(StoreError::Newer { found: 2, supported: 1, .. })));
    assert!(matches!(old.write(|_| Ok(())), Err(StoreError::Newer { .. })));
    let error = Store::open_with(options(folder.path()), &[]).unwrap_err();
    assert!(error.to_string().contains("schema 2 and this program knows up to 1"), "{error}");
    Store::open_with(options(folder.path()), &[rename_domain]).unwrap();
    assert_eq!(backups(folder.path()).len(), 1);
}

#[test]
fn an_upgrade_that_fails_leaves_the_store_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let old = Store::open_with(options(folder.path()), &[]).unwrap();
    old.write(|txn| txn.put_settings(0, &domain("first.example"))).unwrap();
    assert!(Store::open_with(options(folder.path()), &[rename_domain, fail]).is_err());
    let settings = old.read(ReadTxn::settings).unwrap();
    assert_eq!(settings.value.csp_domain.as_deref(), Some("first.example"));
}

#[test]
fn ticks_of_the_first_version_are_still_there() {
    let folder = tempfile::tempdir().unwrap();
    let old = Store::open_with(options(folder.path()), &[]).unwrap();
    let ticked = BTreeSet::from(["acme\u{1f}a-e3".to_owned(), "norge\u{1f}n-e3".to_owned()]);
    let key = codec::key(&["1000", "migration", "services"]);
    old.write(|txn| txn.put(tables::DRAFT_TICKS, &key, &ticked)).unwrap();
    let new = Store::open(options(folder.path())).unwrap();
    let drafts = new.read(|txn| txn.drafts(1000, "migration")).unwrap();
    assert_eq!(drafts.ticks, [("services".to_owned(), ticked)].into());
    assert_eq!(new.read(|txn| txn.count(tables::DRAFT_TICKS)).unwrap(), 2, "the old list is gone");
}

#[test]
fn many_rows_come_back_whole_and_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(options(folder.path())).unwrap();
    let numbers: Vec<u64> = (0..10_000).collect();
    store
        .write(|txn| {
            let rows = numbers.iter().map(|n| (n.to_be_bytes(), codec::encode(n).unwrap_or_default()));
            txn.put_all("numbers", rows)
        })
        .unwrap();
    let all = |txn: &ReadTxn| txn.collect("numbers", codec::Rows::all(), codec::decode::<u64>);
    assert_eq!(store.read(all).unwrap(), numbers);
    store
        .write(|txn| {
            assert_eq!(all(txn)?, numbers);
            txn.put_bytes("numbers", &7_777u64.to_be_bytes(), b"\xc1")
        })
        .unwrap();
    let error = store.read(all).unwrap_err();
    assert!(matches!(&error, StoreError::Damaged { detail, .. } if detail.contains("of numbers")), "{error}");
}

#[test]
fn a_process_that_is_gone_loses_its_lease() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(options(folder.path())).unwrap();
    let (job, other) = (JobId::new(), JobId::new());
    let hour = Duration::from_secs(3600);
    let LeaseAnswer::Taken(lease) = store.write(|txn| txn.take_lease("pull", hour, &job)).unwrap() else {
        panic!("nobody has it");
    };
    // Time is not up, but the number of the process went to another one.
    let gone = lease.by_a_process_before();
    store.write(|txn| txn.put(tables::LEASES, b"pull", &gone)).unwrap();
    assert!(matches!(
        store.write(|txn| txn.renew_lease("pull", hour, &job)),
        Err(StoreError::LeaseLost { holder: Some(_), .. })
    ));
    let answer = store.write(|txn| txn.take_lease("pull", hour, &other)).unwrap();
    assert!(matches!(answer, LeaseAnswer::Taken(_)));
}
