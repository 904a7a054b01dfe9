//! The schema's version, and how an older store becomes a newer one.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::drafts;
use super::error::StoreError;
use super::permissions::{self, Sharing};
use super::tables::{self, meta};
use super::txn::{ReadTxn, WriteTxn};

/// Turns a store of one version into one of the next, within one transaction.
pub(super) type Step = fn(&WriteTxn) -> Result<(), StoreError>;

/// The steps from version 1 on: the first makes 2 of 1, and so on.
pub(super) const STEPS: &[Step] = &[drafts::spread_ticks];

/// The version that a program with these steps reads and writes.
pub(super) fn version_of(steps: &[Step]) -> u32 {
    1 + u32::try_from(steps.len()).unwrap_or(u32::MAX - 1)
}

/// Marks a new store.
pub(super) fn mark(txn: &WriteTxn, version: u32) -> Result<(), StoreError> {
    txn.put(tables::META, meta::SCHEMA, &version)
}

/// The version of the store; refuses a newer one than `supported`.
pub(super) fn check(txn: &ReadTxn, supported: u32) -> Result<u32, StoreError> {
    let found: u32 = txn.get(tables::META, meta::SCHEMA)?.ok_or_else(|| StoreError::Damaged {
        path: txn.path().to_owned(),
        detail: "it has no schema version".to_owned(),
    })?;
    if found > supported {
        return Err(StoreError::Newer { path: txn.path().to_owned(), found, supported });
    }
    Ok(found)
}

/// Brings an older store up to date.
pub(super) fn upgrade(txn: &WriteTxn, steps: &[Step]) -> Result<(), StoreError> {
    let target = version_of(steps);
    let found = check(txn, target)?;
    let done = usize::try_from(found.saturating_sub(1)).unwrap_or(usize::MAX);
    for step in steps.iter().skip(done) {
        step(txn)?;
    }
    if found == target {
        return Ok(());
    }
    txn.touch_data();
    mark(txn, target)
}

/// Copies the file beside itself before an upgrade. The caller keeps writers away meanwhile.
pub(super) fn back_up(store: &Path, version: u32, sharing: Sharing) -> Result<PathBuf, StoreError> {
    let mut name = store.as_os_str().to_owned();
    name.push(format!(".backup-v{version}-{}", Timestamp::now().strftime("%Y%m%dT%H%M%S%.3fZ")));
    let backup = PathBuf::from(&name);
    // Only a whole copy gets the name of a backup.
    name.push(".part");
    let part = PathBuf::from(name);
    let copy = || -> io::Result<()> {
        let mut from = File::open(store)?;
        let mut to = OpenOptions::new().write(true).create_new(true).mode(sharing.file_mode()).open(&part)?;
        permissions::set_file_mode(&to, sharing)?;
        io::copy(&mut from, &mut to)?;
        to.sync_all()?;
        std::fs::rename(&part, &backup)?;
        File::open(permissions::folder_of(store))?.sync_all()
    };
    copy().map_err(|e| StoreError::io(&backup, e))?;
    Ok(backup)
}
