//! Keeping a price sheet that was looked through.

use super::error::SheetJobError;
use super::review::Review;
use crate::domain::record::Versioned;
use crate::domain::sheet_record::{SheetRecord, parse_name};
use crate::domain::text::{counted, printable};
use crate::store::{SheetRows, Store};

/// Stores a reviewed sheet under a name, all of it in one transaction or nothing. `replace` is the revision of the sheet that it
/// takes the place of. Blocks.
///
/// # Errors
/// [`SheetJobError::NameTaken`] where the name has a sheet and none was to be replaced; a conflict of the store where that was
/// changed since.
pub fn keep(
    store: &Store,
    review: &Review,
    name: &str,
    replace: Option<u64>,
) -> Result<Versioned<SheetRecord>, SheetJobError> {
    let name = parse_name(name)?;
    let rows = SheetRows::of(&review.sheet)?;
    let record = SheetRecord {
        facts: review.facts.clone(),
        file: review.file.clone(),
        bytes: review.bytes,
        sha256: review.sha256.clone(),
        skipped: review.skipped_count,
        notes: review.notes.clone(),
        is_preview: review.is_preview,
        data: 0,
        name,
    };
    let kept = store.write(|txn| {
        if replace.is_none()
            && let Some(taken) = txn.sheet(&record.name)?
        {
            return Ok(Err(taken));
        }
        let kept = txn.put_sheet(replace.unwrap_or(0), &record, &rows)?;
        if let Some(mut job) = txn.job(&review.job)? {
            job.message =
                Some(format!("{} kept as {}", counted(record.facts.rows, "row"), printable(&record.name)));
            txn.put_job(&job)?;
        }
        Ok(Ok(kept))
    })?;
    kept.map_err(|taken| SheetJobError::NameTaken(Box::new(taken)))
}
