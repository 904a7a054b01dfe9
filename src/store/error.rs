//! What can go wrong with the store, each in one sentence with what to do next.

use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::conflict::Conflict;
use crate::domain::text::printable;

/// Why the store did not do what it was asked for.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Somebody else works in the file, for longer than we may wait.
    #[error("the store {} is in use{}; try again in a moment", path.display(), by_holder(holder.as_ref()))]
    InUse {
        /// The store.
        path: PathBuf,
        /// Who writes, where that is known.
        holder: Option<Holder>,
    },
    /// File or folder may not be opened or written.
    #[error("{} can't be read and written: {source}; work under the account that the store belongs to, or ask its owner for access", path.display())]
    ReadOnly {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Others than the operators could read or write it.
    #[error("{} is open to others (mode {mode:04o}), and the store holds customers' data; run: {command}", path.display())]
    Permissions {
        /// The file or folder.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
        /// What mends it.
        command: String,
    },
    /// No space, quota or file size left.
    #[error("no space is left to write {}: {source}; nothing of this change was kept, so free some space and repeat it", path.display())]
    DiskFull {
        /// The store.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is no store, or not whole.
    #[error("the store {path} is damaged or no store at all ({detail}); it was left as it is: move it away and put a backup ({path}.backup-*, or your own) in its place", path = path.display())]
    Damaged {
        /// The store.
        path: PathBuf,
        /// What was found.
        detail: String,
    },
    /// Written by a newer program.
    #[error("the store {} has schema {found} and this program knows up to {supported}; update the program", path.display())]
    Newer {
        /// The store.
        path: PathBuf,
        /// Its schema.
        found: u32,
        /// Ours.
        supported: u32,
    },
    /// A link that leads nowhere.
    #[error(
        "the store {} is a link to {}, which is not there: mount the volume that has it, or remove the link", path.display(), target.display()
    )]
    Dangling {
        /// The link.
        path: PathBuf,
        /// Where it leads.
        target: PathBuf,
    },
    /// Another operator was first.
    #[error("{0}")]
    Conflict(Box<Conflict>),
    /// Something else refers to it.
    #[error("{what} is still used by {count} {by}; remove or change those first")]
    StillUsed {
        /// What was to be removed.
        what: String,
        /// How many refer to it.
        count: u64,
        /// Of what kind.
        by: &'static str,
    },
    /// The key to the secrets.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The lease went to somebody else, or lapsed and was released.
    #[error("the lease \"{name}\" is no longer held by this job{}; stop it and start it again later", by_operator(holder.as_deref()))]
    LeaseLost {
        /// The lease.
        name: String,
        /// Who holds it now.
        holder: Option<String>,
    },
    /// The staged data was published or dropped meanwhile.
    #[error("the staging area {id} is not there any more; start the pull again")]
    NoStaging {
        /// Its number.
        id: u64,
    },
    /// There is no snapshot to amend.
    #[error("there is no CSP data yet; request it first")]
    NoSnapshot,
    /// What a correct program never does, such as storing a value that can't be encoded.
    #[error("this is a fault of the program, nothing was changed: {0}")]
    Fault(String),
    /// Anything else that the system reports.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Who writes in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// The process.
    pub pid: u32,
    /// The operator.
    pub user: String,
    /// Since when, UTC.
    pub since: Timestamp,
}

fn by_holder(holder: Option<&Holder>) -> String {
    holder.map_or_else(String::new, |h| {
        format!(": {} (process {}) has been writing since {:.0}", printable(&h.user), h.pid, h.since)
    })
}

fn by_operator(holder: Option<&str>) -> String {
    holder.map_or_else(String::new, |name| format!(": {} has it now", printable(name)))
}

/// Why secrets can't be sealed or read.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// The store has secrets, the file that opens them is gone.
    #[error(
        "the identity file {} is missing, so the store's secrets can't be read; bring it back from its backup, or remove the secrets (settings secret NAME --remove, or d in the dashboard) and set them again", path.display()
    )]
    Missing {
        /// Where it should be.
        path: PathBuf,
    },
    /// Others could read it.
    #[error("the identity file {} is open to others (mode {mode:04o}); run: {command}", path.display())]
    Permissions {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
        /// What mends it.
        command: String,
    },
    /// Not an age identity.
    #[error("{} is no identity file: one line AGE-SECRET-KEY-1… is expected; check the configured path", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
    },
    /// It belongs to other secrets.
    #[error(
        "the identity file {} is not the one that the secret {name} was sealed with; check the configured path, or remove the secret and set it again", path.display()
    )]
    Foreign {
        /// The file.
        path: PathBuf,
        /// Which secret.
        name: &'static str,
    },
    /// It can't be read or written.
    #[error("the identity file {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl StoreError {
    /// Sorts an error of the system by what the operator can do about it.
    pub(super) fn io(path: &Path, source: io::Error) -> Self {
        use io::ErrorKind as Kind;
        let path = path.to_owned();
        match source.kind() {
            Kind::StorageFull | Kind::QuotaExceeded | Kind::FileTooLarge => Self::DiskFull { path, source },
            Kind::PermissionDenied | Kind::ReadOnlyFilesystem => Self::ReadOnly { path, source },
            Kind::InvalidData | Kind::UnexpectedEof => Self::Damaged { path, detail: source.to_string() },
            _ => Self::Io { path, source },
        }
    }

    /// The same for an error of redb.
    pub(super) fn redb(path: &Path, error: impl Into<redb::Error>) -> Self {
        match error.into() {
            redb::Error::Io(source) => Self::io(path, source),
            redb::Error::DatabaseAlreadyOpen | redb::Error::LockProtocolMismatch => {
                Self::InUse { path: path.to_owned(), holder: None }
            }
            error @ (redb::Error::Corrupted(_)
            | redb::Error::UpgradeRequired(_)
            | redb::Error::TableTypeMismatch { .. }
            | redb::Error::TypeDefinitionChanged { .. }
            | redb::Error::TableIsMultimap(_)
            | redb::Error::TransactionPoisoned) => {
                Self::Damaged { path: path.to_owned(), detail: error.to_string() }
            }
            error => Self::Io { path: path.to_owned(), source: io::Error::other(error.to_string()) },
        }
    }

    /// The error for a row that can't be read.
    pub(super) fn unreadable(path: &Path, table: &str, key: &[u8], why: &str) -> Self {
        let detail = format!("row {:?} of {table}: {why}", String::from_utf8_lossy(key));
        Self::Damaged { path: path.to_owned(), detail }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_the_system_are_sorted_by_what_can_be_done() {
        let path = Path::new("/srv/store.redb");
        let sorted = |errno: i32| StoreError::io(path, io::Error::from_raw_os_error(errno));
        for full in [27, 28, 122] {
            assert!(matches!(sorted(full), StoreError::DiskFull { .. }), "{full}");
        }
        for refused in [1, 13, 30] {
            assert!(matches!(sorted(refused), StoreError::ReadOnly { .. }), "{refused}");
        }
        assert!(matches!(sorted(5), StoreError::Io { .. }));
        let short = io::Error::from(io::ErrorKind::UnexpectedEof);
        assert!(matches!(StoreError::redb(path, redb::Error::Io(short)), StoreError::Damaged { .. }));
    }
}
