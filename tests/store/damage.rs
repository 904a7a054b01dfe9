//! Files that are damaged, or no stores at all: told, and left as they are.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use cspdeck::store::{ReadTxn, Store, StoreError};

use super::support::{client, open, options};

fn store_with_clients(folder: &Path) -> Store {
    let store = open(folder, "anna");
    store
        .write(|txn| (0..500).try_for_each(|n| txn.put_client(0, &client(&format!("t{n}"))).map(drop)))
        .unwrap();
    store
}

fn use_all(folder: &Path) -> Result<(), StoreError> {
    let store = Store::open(options(folder, "anna"))?;
    store.read(|txn| txn.clients().and(txn.verify_audit()).map(drop))
}

#[test]
fn what_is_no_store_is_refused_and_left_alone() {
    let cases: [(&str, Vec<u8>); 4] = [
        ("empty", vec![]),
        ("text", b"a shopping list\n".repeat(1000)),
        ("zeros", vec![0; 100_000]),
        ("short", b"redb".to_vec()),
    ];
    for (name, bytes) in cases {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path(), "anna");
        fs::write(store.path(), &bytes).unwrap();
        let damaged = [
            Store::open(options(folder.path(), "anna")).map(drop),
            store.read(|txn| txn.settings().map(drop)),
            store.write(|txn| txn.put_client(0, &client("t1")).map(drop)),
        ];
        for result in damaged {
            let error = result.unwrap_err();
            assert!(matches!(error, StoreError::Damaged { .. }), "{name}: {error}");
            assert!(error.to_string().contains("store.redb.backup-*"), "{error}");
        }
        assert!(fs::read(store.path()).unwrap() == bytes, "{name} was changed");
    }
}

#[test]
fn a_file_that_was_cut_short_is_refused_and_left_alone() {
    let whole = tempfile::tempdir().unwrap();
    let bytes = fs::read(store_with_clients(whole.path()).path()).unwrap();
    for part in [1, 10, 40, 64, 90, 99] {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path(), "anna");
        let cut = &bytes[..bytes.len() * part / 100];
        fs::write(store.path(), cut).unwrap();
        let damaged = [
            use_all(folder.path()),
            store.write(|txn| txn.put_client(0, &client("new")).map(drop)),
            use_all(folder.path()),
        ];
        for result in damaged {
            let error = result.unwrap_err();
            assert!(matches!(error, StoreError::Damaged { .. }), "{part} %: {error}");
        }
        assert!(fs::read(store.path()).unwrap() == cut, "{part} % was changed");
    }
}

#[test]
fn overwritten_pages_end_in_an_error_and_never_in_a_panic() {
    let whole = tempfile::tempdir().unwrap();
    let bytes = fs::read(store_with_clients(whole.path()).path()).unwrap();
    let mut found = 0;
    for page in 0..bytes.len() / 4096 {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path(), "anna");
        let mut bad = bytes.clone();
        bad[page * 4096..(page + 1) * 4096].fill(0xa5);
        fs::write(store.path(), &bad).unwrap();
        let results =
            [use_all(folder.path()), store.write(|txn| txn.put_client(0, &client("new")).map(drop))];
        found += usize::from(results.iter().any(Result::is_err));
        // A page that nothing refers to may be overwritten; a page that something refers to is told as damage.
        for error in results.into_iter().filter_map(Result::err) {
            assert!(
                matches!(error, StoreError::Damaged { .. } | StoreError::Newer { .. }),
                "page {page}: {error}"
            );
        }
    }
    assert!(found > 10, "{found} of the pages were missed");
}

#[test]
fn a_store_that_others_can_read_is_refused_with_what_mends_it() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_with_clients(folder.path());
    let data = folder.path().join("data");
    for (path, loose, command) in [
        (store.path(), 0o644, format!("chmod 600 {}", store.path().display())),
        (&data, 0o750, format!("chmod 700 {}", data.display())),
    ] {
        let before = fs::metadata(path).unwrap().permissions();
        fs::set_permissions(path, fs::Permissions::from_mode(loose)).unwrap();
        let error = Store::open(options(folder.path(), "anna")).map(drop).unwrap_err();
        assert!(matches!(error, StoreError::Permissions { mode, .. } if mode == loose), "{error}");
        assert!(error.to_string().ends_with(&command), "{error}");
        fs::set_permissions(path, before).unwrap();
        open(folder.path(), "anna");
    }
}

#[test]
fn a_folder_in_the_place_of_the_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("data/store.redb")).unwrap();
    fs::set_permissions(folder.path().join("data"), fs::Permissions::from_mode(0o700)).unwrap();
    assert!(matches!(Store::open(options(folder.path(), "anna")), Err(StoreError::Damaged { .. })));
}

#[test]
fn a_link_that_leads_nowhere_is_refused_and_nothing_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_with_clients(folder.path());
    let (away, path) = (folder.path().join("volume"), store.path().to_owned());
    fs::rename(&path, &away).unwrap();
    std::os::unix::fs::symlink(&away, &path).unwrap();
    use_all(folder.path()).unwrap();
    fs::rename(&away, folder.path().join("unmounted")).unwrap();
    let error = use_all(folder.path()).unwrap_err();
    assert!(matches!(error, StoreError::Dangling { .. }), "{error}");
    assert!(error.to_string().contains("volume"), "{error}");
    fs::rename(folder.path().join("unmounted"), &away).unwrap();
    use_all(folder.path()).unwrap();
    assert!(path.is_symlink());
}

#[test]
fn what_a_killed_creation_left_is_no_hindrance() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    fs::create_dir(&data).unwrap();
    fs::set_permissions(&data, fs::Permissions::from_mode(0o700)).unwrap();
    fs::write(data.join("store.redb.new"), vec![7; 10_000]).unwrap();
    let store = open(folder.path(), "anna");
    assert_eq!(store.read(ReadTxn::settings).unwrap().revision, 0);
    assert!(!data.join("store.redb.new").exists());
}
