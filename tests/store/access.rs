//! Accounts that may not do everything with the files.

use std::fs::{self, Permissions};
use std::io::ErrorKind;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use cspdeck::store::{DraftDelta, ReadTxn, Store, StoreError};

use super::support::{FOLDER, ROLE, child, client, open, options};

/// The account that is nobody's.
const NOBODY: u32 = 65534;

fn set(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

fn is_root() -> bool {
    rustix::process::getuid().is_root()
}

/// A child with this role that is not root, who may do everything. Where this is not root either, it is the same account.
fn child_without_root(role: &str, folder: &Path) -> Command {
    if !is_root() {
        return child(role, folder);
    }
    let copy = folder.join("test-program");
    fs::copy(std::env::current_exe().unwrap(), &copy).unwrap();
    set(&copy, 0o755);
    set(folder, 0o755);
    let mut command = Command::new(&copy);
    command.args(["processes::child", "--exact", "--nocapture"]);
    command.env(ROLE, role).env(FOLDER, folder).current_dir("/").uid(NOBODY).gid(NOBODY);
    command
}

fn said(mut child: Command) -> String {
    let output = loop {
        match child.output() {
            // A process that another test starts at this moment holds the copy open for writing until it is itself.
            Err(error) if error.kind() == ErrorKind::ExecutableFileBusy => continue,
            output => break output.unwrap(),
        }
    };
    format!("{} {}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// The part of the child that is not let in.
pub fn without_access(folder: &Path) {
    let error = Store::open(options(folder, "nobody")).map(drop).unwrap_err();
    assert!(matches!(error, StoreError::ReadOnly { .. }), "{error}");
    println!("refused: {error}");
}

#[test]
fn an_account_without_access_is_told_so() {
    let folder = tempfile::tempdir().unwrap();
    open(folder.path(), "owner");
    let data = folder.path().join("data");
    // Its owner can't be kept out by the file's mode alone, another account is by the folder's.
    set(&data, if is_root() { 0o500 } else { 0 });
    let said = said(child_without_root("no access", folder.path()));
    set(&data, 0o700);
    assert!(said.contains("refused: ") && said.contains("store.redb"), "{said}");
}

/// The part of the child that may read and not write.
pub fn read_only(folder: &Path) {
    let store = Store::open(options(folder, "reader")).unwrap();
    assert_eq!(store.read(ReadTxn::clients).unwrap().len(), 1);
    let delta = DraftDelta { view: Some(vec![1]), ..DraftDelta::default() };
    let changes = [
        store.write(|txn| txn.put_client(0, &client("t2")).map(drop)),
        store.write(|txn| txn.save_drafts(1000, "migration", &delta, |_, _| Ok(None)).map(drop)),
    ];
    for change in changes {
        let error = change.unwrap_err();
        assert!(matches!(error, StoreError::ReadOnly { .. }), "{error}");
        println!("refused: {error}");
    }
    assert_eq!(store.read(ReadTxn::clients).unwrap().len(), 1);
}

#[test]
fn a_store_that_may_only_be_read_is_read_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    open(folder.path(), "owner").write(|txn| txn.put_client(0, &client("t1")).map(drop)).unwrap();
    let data = folder.path().join("data");
    for name in ["store.redb", "store.redb.holder"] {
        set(&data.join(name), 0o400);
    }
    set(&data, 0o500);
    if is_root() {
        for path in [&data, &data.join("store.redb"), &data.join("store.redb.holder")] {
            chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
        }
    }
    let before = fs::read(data.join("store.redb")).unwrap();
    let said = said(child_without_root("read only", folder.path()));
    let after = fs::read(data.join("store.redb")).unwrap();
    set(&data, 0o700);
    assert_eq!(said.matches("refused: ").count(), 2, "{said}");
    assert!(said.contains("ask its owner for access"), "{said}");
    assert!(before == after, "the file was changed");
}
