//! An import's entry in the journal. It can't be gone on with: the file must be read again.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::error::SheetJobError;
use crate::domain::text::printable;
use crate::store::{JobId, JobRecord, JobState, Store, StoreError};

/// The journal's name of this kind of job.
pub const KIND: &str = "sheet-import";

/// Between two notes of how far it is.
const NOTED: Duration = Duration::from_secs(1);

/// An entry that is being kept up to date.
pub(super) struct Entry<'a> {
    store: &'a Store,
    job: JobRecord,
    noted: Instant,
}

impl<'a> Entry<'a> {
    /// Notes that a file is about to be read.
    pub(super) fn begin(store: &'a Store, file: &str) -> Result<Self, StoreError> {
        let title = format!("Import {}", printable(file));
        let job = JobRecord::start(KIND, &title, &store.operator().name);
        store.write(|txn| txn.put_job(&job))?;
        Ok(Self { store, job, noted: Instant::now() })
    }

    /// Which job it is.
    pub(super) fn id(&self) -> &JobId {
        &self.job.id
    }

    /// Notes now and then how far it is; an operator of another process may have cancelled it in the journal meanwhile.
    pub(super) fn note(&mut self, rows: usize, cancel: &CancellationToken) {
        if self.noted.elapsed() < NOTED {
            return;
        }
        self.noted = Instant::now();
        self.job.done = rows as u64;
        self.job.updated_at = Timestamp::now();
        let noted = self.store.write(|txn| {
            let wanted = txn.job(&self.job.id)?.is_none_or(|job| job.state == JobState::Running);
            if wanted {
                txn.put_job(&self.job)?;
            }
            Ok(wanted)
        });
        match noted {
            Ok(true) => {}
            Ok(false) => cancel.cancel(),
            // A busy store is no reason to stop reading.
            Err(error) => tracing::warn!("how far the import is could not be noted: {error}"),
        }
    }

    /// Notes how it ended; false where an operator of another process has cancelled it just now.
    pub(super) fn end(
        mut self,
        rows: usize,
        ended: Result<String, &SheetJobError>,
    ) -> Result<bool, StoreError> {
        self.job.updated_at = Timestamp::now();
        self.job.done = rows as u64;
        let (state, message) = match ended {
            Ok(message) => (JobState::Done, message),
            Err(error @ SheetJobError::Cancelled) => (JobState::Cancelled, error.to_string()),
            Err(error) => (JobState::Failed, error.to_string()),
        };
        self.job.total = (state == JobState::Done).then_some(self.job.done);
        self.job.state = state;
        self.job.message = Some(message);
        self.store.write(|txn| {
            let wanted = txn.job(&self.job.id)?.is_none_or(|job| job.state == JobState::Running);
            if wanted {
                txn.put_job(&self.job)?;
            }
            Ok(wanted)
        })
    }
}
