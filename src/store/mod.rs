//! The store: one redb file for several operators and processes.
//!
//! redb lets one process open a file for writing, so nobody keeps it open: [`Store::read`] and [`Store::write`] open it, do
//! their work and close it. A long computation belongs outside of them.

mod application_consents;
mod audit;
mod audit_head;
mod bulk;
mod codec;
mod conflict;
mod diff;
mod drafts;
mod error;
mod exchange;
mod gate;
mod guard;
mod identity;
mod job_items;
mod journal;
mod last_check;
mod lease;
mod open;
pub mod operator;
mod permissions;
mod plans;
mod process;
mod reads;
mod records;
mod schema;
mod sealing;
mod secret_name;
mod secrets;
mod sheets;
mod snapshot;
mod tables;
mod turns;
mod txn;

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock, RwLockWriteGuard, TryLockError};
use std::time::{Duration, Instant, SystemTime};

use redb::ReadableDatabase;

pub use audit::{AuditCheck, AuditEntry, AuditEvent};
pub use conflict::{Conflict, FieldChange};
pub use drafts::{DraftCounts, DraftDelta, Drafts, TickDelta};
pub use error::{Holder, IdentityError, StoreError};
pub use exchange::SecretMark;
pub use job_items::{ItemState, JobItem};
pub use journal::{JobId, JobRecord, JobState};
pub use last_check::LastCheck;
pub use lease::{Lease, LeaseAnswer};
pub use permissions::Sharing;
pub use reads::Generation;
pub use records::Prepared;
pub use sealing::Sealed;
pub use secret_name::SecretName;
pub use secrets::{Obtained, Origin, SecretInfo, SecretPlace};
pub use sheets::SheetRows;
pub use snapshot::{PullFailure, Snapshot, Staging};
pub use txn::{ReadTxn, WriteTxn};

use crate::domain::operator::Operator;
use gate::{Gate, Patience};
use open::Opened;
use schema::Step;
use turns::Turn;

/// Where a store is and how it is used.
#[derive(Debug, Clone)]
pub struct StoreOptions {
    /// The file.
    pub path: PathBuf,
    /// The key to its secrets; made when the first secret is set.
    pub identity: PathBuf,
    /// How long a transaction may wait for the file.
    pub wait: Duration,
    /// Who may use the files.
    pub sharing: Sharing,
    /// Who works.
    pub operator: Operator,
}

/// A store. Cheap to copy: it holds no open file.
#[derive(Debug, Clone)]
pub struct Store {
    options: Arc<StoreOptions>,
    steps: &'static [Step],
    turn: Arc<Turn>,
}

/// How the file looks from outside. When two differ, somebody has written in between; that it is only a matter of opening the
/// file for writing is possible, so compare the [`Generation`] then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    modified: Option<SystemTime>,
    size: u64,
    inode: u64,
}

/// File times advance in steps. A file that was written within the last one may be written again without looking different,
/// so its time is left out of the stamp, and the next look sees a change.
const CLOCK_STEP: Duration = Duration::from_millis(20);

/// Transactions of this process take it shared; who stops the process takes it alone, for a process that is stopped in the middle
/// of a transaction keeps everybody else out of the store.
static AT_WORK: RwLock<()> = RwLock::new(());

/// Waits until no transaction of this process is under way and keeps new ones from beginning, until the answer is dropped. None
/// where that takes longer than the limit.
#[must_use]
pub fn hold_still(limit: Duration) -> Option<RwLockWriteGuard<'static, ()>> {
    let end = Instant::now() + limit;
    loop {
        match AT_WORK.try_write() {
            Ok(still) => return Some(still),
            Err(TryLockError::Poisoned(still)) => return Some(still.into_inner()),
            Err(TryLockError::WouldBlock) if Instant::now() >= end => return None,
            Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(1)),
        }
    }
}

impl Store {
    /// Opens a store, making folder and file where they are missing and bringing an older one up to date (a copy of it is left
    /// beside it as `NAME.backup-…`).
    ///
    /// # Errors
    /// When files or folder are open to others, the file is damaged or newer than the program, or the file can't be had in time.
    pub fn open(options: StoreOptions) -> Result<Self, StoreError> {
        Self::open_with(options, schema::STEPS)
    }

    fn open_with(options: StoreOptions, steps: &'static [Step]) -> Result<Self, StoreError> {
        let store = Self { options: Arc::new(options), steps, turn: Arc::default() };
        let (path, sharing) = (store.path(), store.options.sharing);
        let folder = permissions::folder_of(path);
        permissions::make_folder(folder, sharing).map_err(|e| StoreError::io(folder, e))?;
        permissions::check(folder, sharing)?;
        let mut patience = store.patience();
        if !store.exists()? {
            let gate = store.gate(&mut patience)?;
            if !store.exists()? {
                open::create(path, sharing, store.operator(), schema::version_of(steps), &gate)?;
            }
        }
        permissions::check(path, sharing)?;
        if store.schema()? < schema::version_of(steps) {
            store.upgrade(&mut patience)?;
        }
        Ok(store)
    }

    /// Looks at the store as it is now. `look` must not begin another transaction, and whoever wants to write waits for it.
    ///
    /// # Errors
    /// What `look` returns, or why the file can't be read.
    pub fn read<T>(&self, look: impl FnOnce(&ReadTxn) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let _at_work = AT_WORK.read().unwrap_or_else(PoisonError::into_inner);
        self.read_any(|txn| {
            schema::check(txn, schema::version_of(self.steps))?;
            look(txn)
        })
    }

    /// Changes the store: all that `change` did is kept, or, where it returns an error, nothing. Everybody else waits meanwhile,
    /// so prepare outside what can be prepared. `change` must not begin another transaction.
    ///
    /// # Errors
    /// What `change` returns, or why the file can't be written.
    pub fn write<T>(
        &self,
        change: impl FnOnce(&mut WriteTxn) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let _at_work = AT_WORK.read().unwrap_or_else(PoisonError::into_inner);
        self.turn.begin(self.path());
        let mut patience = self.patience();
        let gate = self.gate(&mut patience)?;
        let result = self.write_behind(&gate, &mut patience, |txn| {
            schema::check(txn, schema::version_of(self.steps))?;
            change(txn)
        });
        drop(gate);
        self.turn.end();
        result
    }

    /// Who works.
    #[must_use]
    pub fn operator(&self) -> &Operator {
        &self.options.operator
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.options.path
    }

    /// How the file looks from outside, without opening it.
    #[must_use]
    pub fn stamp(&self) -> Stamp {
        use std::os::unix::fs::MetadataExt;
        let Ok(metadata) = std::fs::metadata(self.path()) else {
            return Stamp { modified: None, size: 0, inode: 0 };
        };
        let settled = |modified: &SystemTime| modified.elapsed().is_ok_and(|age| age > CLOCK_STEP);
        Stamp {
            modified: metadata.modified().ok().filter(settled),
            size: metadata.len(),
            inode: metadata.ino(),
        }
    }

    fn options(&self) -> &StoreOptions {
        &self.options
    }

    fn patience(&self) -> Patience {
        Patience::new(self.path(), self.options.wait)
    }

    fn gate(&self, patience: &mut Patience) -> Result<Gate, StoreError> {
        Gate::take(self.path(), self.options.sharing, &self.operator().name, patience)
    }

    fn exists(&self) -> Result<bool, StoreError> {
        let path = self.path();
        match std::fs::metadata(path) {
            Ok(metadata) if metadata.is_file() => Ok(true),
            Ok(_) => Err(StoreError::Damaged { path: path.to_owned(), detail: "it is no file".to_owned() }),
            // A volume that is not mounted is no reason to begin anew in its place.
            Err(e) if e.kind() == std::io::ErrorKind::NotFound && path.is_symlink() => {
                let target = std::fs::read_link(path).unwrap_or_default();
                Err(StoreError::Dangling { path: path.to_owned(), target })
            }
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(false),
            Err(e) => Err(StoreError::io(path, e)),
        }
    }

    fn schema(&self) -> Result<u32, StoreError> {
        self.read_any(|txn| schema::check(txn, schema::version_of(self.steps)))
    }

    fn read_any<T>(&self, look: impl FnOnce(&ReadTxn) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let path = self.path();
        let mut patience = self.patience();
        let database = loop {
            match open::for_reading(path, &mut patience)? {
                Opened::Open(database) => break database,
                Opened::LeftOpen => {
                    let gate = self.gate(&mut patience)?;
                    let database = open::for_writing(path, &gate, &mut patience)?;
                    guard::guarded(path, || database.close())?;
                }
            }
        };
        let transaction = guard::guarded(path, || database.begin_read())?;
        let txn = ReadTxn::reading(transaction, path);
        look(&txn)
    }

    fn write_behind<T>(
        &self,
        gate: &Gate,
        patience: &mut Patience,
        change: impl FnOnce(&mut WriteTxn) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let path = self.path();
        let database = open::for_writing(path, gate, patience)?;
        let mut txn = open::begin_write(&database, path, self.operator())?;
        let result = match change(&mut txn) {
            Ok(value) => txn.finish().map(|()| value),
            Err(error) => {
                let _: Result<(), StoreError> = txn.abandon();
                Err(error)
            }
        };
        // What was committed is durable by now. Closing only saves the next one from mending the file.
        let _: Result<(), StoreError> = guard::guarded(path, || database.close());
        result
    }

    fn upgrade(&self, patience: &mut Patience) -> Result<(), StoreError> {
        let gate = self.gate(patience)?;
        // Another process may have been first.
        let supported = schema::version_of(self.steps);
        let found = self.write_behind(&gate, patience, |txn| schema::check(txn, supported))?;
        if found == supported {
            return Ok(());
        }
        schema::back_up(self.path(), found, self.options.sharing)?;
        self.write_behind(&gate, patience, |txn| schema::upgrade(txn, self.steps))
    }
}

#[cfg(test)]
mod tests;
