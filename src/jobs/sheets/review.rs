//! Reading a file and looking through what it holds, before anything of it is kept.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

use rust_decimal::Decimal;
use tokio_util::sync::CancellationToken;

use super::error::SheetJobError;
use super::journal::Entry;
use crate::domain::price_sheet::diff;
use crate::domain::price_sheet::lint::{Against, Lint, lint};
use crate::domain::price_sheet::{Mapping, PriceSheet, SheetFacts, Skipped, month_in_name};
use crate::domain::record::Versioned;
use crate::domain::sheet_record::SheetRecord;
use crate::domain::text::counted;
use crate::sheets::read::{self, Import};
use crate::store::{JobId, Store};

/// Where a price sheet comes from.
#[derive(Debug, Clone)]
pub enum From {
    /// A file.
    File(PathBuf),
    /// What was downloaded.
    Bytes {
        /// What it is called.
        name: String,
        /// What it holds.
        bytes: Vec<u8>,
        /// The month that was asked for, `YYYYMM`; none where the rows are to tell.
        month: Option<String>,
        /// Whether it holds only what changes in a coming month.
        is_preview: bool,
    },
}

/// How far a review is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ReviewProgress {
    /// What it does now.
    pub phase: &'static str,
    /// Rows read.
    pub rows: usize,
    /// The share of the file that is read, 0 to 1, where it can be told.
    pub share: Option<f64>,
}

/// A price sheet that is read and not yet kept.
#[derive(Debug, Clone)]
pub struct Review {
    /// The rows.
    pub sheet: Arc<PriceSheet>,
    /// What the sheet tells of itself.
    pub facts: SheetFacts,
    /// Rows that were left out, and why; the first ones, if there are very many.
    pub skipped: Vec<Skipped>,
    /// How many were.
    pub skipped_count: usize,
    /// What reading it had to say. Sentences without a full stop.
    pub notes: Vec<String>,
    /// The file's SHA-256 in hexadecimal, lower case.
    pub sha256: String,
    /// The file's name, without its folder.
    pub file: String,
    /// The file's size.
    pub bytes: u64,
    /// Whether it holds only what changes in a coming month.
    pub is_preview: bool,
    /// What looks wrong in it.
    pub lint: Lint,
    /// The stored sheet that it was held against: the newest of the same layout, market and currencies that is not of a later
    /// month.
    pub against: Option<String>,
    /// A stored sheet that was made from the same file.
    pub same_file: Option<String>,
    /// Its entry in the journal.
    pub job: JobId,
}

/// Reads a file and looks through it. A price that moved by more than `jump_percent` against the last such sheet is told.
/// Nothing is stored but the job's entry in the journal. Blocks.
///
/// # Errors
/// When the file can't be used, it was cancelled, or the store can't be read or written.
pub fn review(
    store: &Store,
    from: From,
    mapping: Option<Mapping>,
    jump_percent: Decimal,
    report: &(dyn Fn(ReviewProgress) + Send + Sync),
    cancel: &CancellationToken,
) -> Result<Review, SheetJobError> {
    let file = match &from {
        From::File(path) => path
            .file_name()
            .map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned()),
        From::Bytes { name, .. } => name.clone(),
    };
    if let Some(mapping) = &mapping {
        mapping.check()?;
    }
    let mut entry = Entry::begin(store, &file)?;
    let job = entry.id().clone();
    let mut work = Work { store, jump_percent, report, cancel, rows: 0 };
    let reviewed = work.run(from, mapping, file, job, &mut entry);
    let said = reviewed.as_ref().map(|review| {
        let left_out = match review.skipped_count {
            0 => String::new(),
            count => format!(", {count} left out"),
        };
        format!("{} read{left_out}; not kept", counted(review.facts.rows, "row"))
    });
    let told = entry.end(work.rows, said);
    match (reviewed, told) {
        (Ok(review), Ok(true)) => Ok(review),
        (Ok(_), Ok(false)) => Err(SheetJobError::Cancelled),
        (Ok(_), Err(error)) => Err(error.into()),
        (Err(error), told) => {
            if let Err(untold) = told {
                tracing::warn!("that the import ended could not be noted: {untold}");
            }
            Err(error)
        }
    }
}

struct Work<'a> {
    store: &'a Store,
    jump_percent: Decimal,
    report: &'a (dyn Fn(ReviewProgress) + Send + Sync),
    cancel: &'a CancellationToken,
    rows: usize,
}

impl Work<'_> {
    fn run(
        &mut self,
        from: From,
        mapping: Option<Mapping>,
        file: String,
        job: JobId,
        entry: &mut Entry<'_>,
    ) -> Result<Review, SheetJobError> {
        let (month, is_preview) = match &from {
            From::File(_) => (month_in_name(&file), false),
            From::Bytes { month, is_preview, .. } => (month.clone(), *is_preview),
        };
        let (import, bytes) = self.read(from, mapping, entry)?;
        let Import { sheet, skipped, skipped_count, mut notes, sha256 } = import;
        if is_preview {
            notes.push("a preview holds only what changes: what it lacks stays as it is".to_owned());
        }
        self.rows = sheet.len();
        self.phase("checking")?;
        let mut facts = sheet.facts();
        // Rows that did not change keep their first day, so the month that was asked for, or that the file is named after, says
        // more than they do.
        facts.month = month.or(facts.month);
        let (older, same_file) = self.store.read(|txn| {
            let records = txn.sheets()?;
            let same_file = records.iter().find(|record| record.value.sha256 == sha256);
            let older = match newest(&records, &facts) {
                Some(record) => Some((record.value.name.clone(), txn.sheet_rows(&record.value)?)),
                None => None,
            };
            Ok((older, same_file.map(|record| record.value.name.clone())))
        })?;
        self.phase("comparing")?;
        let lint = match &older {
            None => lint(&sheet, None),
            Some((_, older)) => {
                let diff = diff::compare(older, &sheet);
                let diff = if is_preview { diff.of_preview() } else { diff };
                self.phase("comparing")?;
                lint(&sheet, Some(Against { older, diff: &diff, jump_percent: self.jump_percent }))
            }
        };
        self.phase("done")?;
        Ok(Review {
            sheet: Arc::new(sheet),
            facts,
            skipped,
            skipped_count,
            notes,
            sha256,
            file,
            bytes,
            is_preview,
            lint,
            against: older.map(|(name, _)| name),
            same_file,
            job,
        })
    }

    fn read(
        &mut self,
        from: From,
        mapping: Option<Mapping>,
        entry: &mut Entry<'_>,
    ) -> Result<(Import, u64), SheetJobError> {
        self.phase("reading")?;
        let (report, cancel) = (self.report, self.cancel);
        let mut on_progress = |progress: read::Progress| {
            report(ReviewProgress { phase: "reading", rows: progress.rows, share: progress.share });
            entry.note(progress.rows, cancel);
            if cancel.is_cancelled() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        Ok(match from {
            From::File(path) => {
                let import = read::read_path(&path, mapping.as_ref(), &mut on_progress)?;
                (import, std::fs::metadata(&path).map_or(0, |about| about.len()))
            }
            From::Bytes { name, bytes, .. } => {
                let length = bytes.len() as u64;
                (read::read_bytes(&name, bytes, mapping.as_ref(), &mut on_progress)?, length)
            }
        })
    }

    fn phase(&self, phase: &'static str) -> Result<(), SheetJobError> {
        if self.cancel.is_cancelled() {
            return Err(SheetJobError::Cancelled);
        }
        (self.report)(ReviewProgress { phase, rows: self.rows, share: None });
        Ok(())
    }
}

/// The last sheet of its kind that is not of a later month.
fn newest<'a>(
    records: &'a [Versioned<SheetRecord>],
    facts: &SheetFacts,
) -> Option<&'a Versioned<SheetRecord>> {
    let same = records.iter().filter(|record| {
        let theirs = &record.value.facts;
        // A preview lacks what does not change, so nothing can be held against it.
        !record.value.is_preview
            && theirs.layout == facts.layout
            && theirs.markets == facts.markets
            && (theirs.currencies == facts.currencies
                || theirs.currencies.iter().any(|currency| facts.currencies.contains(currency)))
    });
    let not_later = same.filter(|record| facts.month.is_none() || record.value.facts.month <= facts.month);
    not_later.max_by_key(|record| (&record.value.facts.month, record.updated_at))
}
