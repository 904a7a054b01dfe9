//! Opening the file: waiting for it, making a new one, mending one that a killed process left.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use redb::{Builder, Database, DatabaseError, ReadOnlyDatabase};

use super::error::StoreError;
use super::gate::{Gate, Patience, holder};
use super::guard::guarded;
use super::permissions::{self, Sharing};
use super::schema;
use super::txn::WriteTxn;
use crate::domain::operator::Operator;

/// Memory for pages, in bytes. Every transaction starts with an empty cache, so more would rarely be used.
const CACHE: usize = 24 << 20;
/// The same for who only reads: mostly tables from one end to the other, each page once.
const READ_CACHE: usize = 6 << 20;

fn builder(cache: usize) -> Builder {
    let mut builder = Builder::new();
    builder.set_cache_size(cache);
    builder
}

/// What came of trying to open the file for reading.
pub(super) enum Opened {
    /// Here it is.
    Open(ReadOnlyDatabase),
    /// A process was killed while it had the file open for writing; open it so once.
    LeftOpen,
}

/// Opens the file for reading, behind the writers that wait.
pub(super) fn for_reading(path: &Path, patience: &mut Patience) -> Result<Opened, StoreError> {
    loop {
        Gate::pass(path, patience)?;
        let opened = guarded(path, || match builder(READ_CACHE).open_read_only(path) {
            Ok(database) => Ok(Some(Opened::Open(database))),
            Err(DatabaseError::RepairAborted) => Ok(Some(Opened::LeftOpen)),
            Err(DatabaseError::DatabaseAlreadyOpen) => Ok(None),
            Err(e) => Err(e),
        })?;
        match opened {
            Some(opened) => {
                patience.is_rewarded();
                return Ok(opened);
            }
            None if patience.pause() => {}
            None => return Err(StoreError::InUse { path: path.to_owned(), holder: holder(path) }),
        }
    }
}

/// Opens the file for writing. The caller has the gate, so that only those who read already are waited for.
pub(super) fn for_writing(
    path: &Path,
    _gate: &Gate,
    patience: &mut Patience,
) -> Result<Database, StoreError> {
    loop {
        let opened = guarded(path, || match builder(CACHE).open(path) {
            Ok(database) => Ok(Some(database)),
            Err(DatabaseError::DatabaseAlreadyOpen) => Ok(None),
            Err(e) => Err(e),
        })?;
        match opened {
            Some(database) => {
                patience.is_rewarded();
                return Ok(database);
            }
            None if patience.pause() => {}
            None => return Err(StoreError::InUse { path: path.to_owned(), holder: None }),
        }
    }
}

/// Makes an empty store under another name and moves it into place, so that no half-made one is ever there.
pub(super) fn create(
    path: &Path,
    sharing: Sharing,
    operator: &Operator,
    version: u32,
    _gate: &Gate,
) -> Result<(), StoreError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    let new = PathBuf::from(name);
    let failed = |e| StoreError::io(&new, e);
    let mut options = OpenOptions::new();
    let file = options.write(true).create(true).truncate(true).mode(sharing.file_mode()).open(&new);
    permissions::set_file_mode(&file.map_err(failed)?, sharing).map_err(failed)?;
    let database = guarded(&new, || builder(CACHE).create(&new))?;
    let txn = begin_write(&database, &new, operator)?;
    schema::mark(&txn, version)?;
    txn.finish()?;
    guarded(&new, || database.close())?;
    std::fs::rename(&new, path).map_err(failed)?;
    File::open(permissions::folder_of(path)).and_then(|folder| folder.sync_all()).map_err(failed)
}

/// Begins a transaction that leaves the file so that it opens at once, even after `kill -9`.
pub(super) fn begin_write(
    database: &Database,
    path: &Path,
    operator: &Operator,
) -> Result<WriteTxn, StoreError> {
    let transaction = guarded(path, || -> Result<_, redb::Error> {
        let mut transaction = database.begin_write()?;
        transaction.set_quick_repair(true);
        Ok(transaction)
    })?;
    Ok(WriteTxn::new(transaction, path, operator))
}
