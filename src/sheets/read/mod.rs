//! Price sheets in: any file that Microsoft hands out, or a spreadsheet program made of it.
//!
//! The kind is told by the content. Nothing in a file is trusted: sizes, counts and dimensions are checked against
//! [`limits`], libraries see only what was looked through before, and a panic in one of them is a fault of the file.

mod book;
mod collect;
mod error;
mod header;
mod kind;
pub mod limits;
mod ods;
mod parts;
#[cfg(test)]
mod tests;
mod text;
mod unpack;
mod visitor;
mod xls;

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;

use rustix::fs::OFlags;
use sha2::{Digest, Sha256};

use self::book::Book;
use self::collect::Collect;
use self::error::Trouble;
use self::header::Peek;
use self::kind::Kind;
use self::parts::Bytes;
use self::unpack::Zip;
use crate::caught::caught;
use crate::domain::price_sheet::{Hints, Mapping, PriceSheet, Skipped};

pub use self::collect::{OnProgress, Progress};
pub use self::error::{Fault, ReadError, SeenTable, address};

/// What came of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// The rows.
    pub sheet: PriceSheet,
    /// Rows that were left out, and why; the first [`SKIPPED_TOLD`](crate::domain::price_sheet::SKIPPED_TOLD) of them.
    pub skipped: Vec<Skipped>,
    /// How many were.
    pub skipped_count: usize,
    /// What an operator should know: worksheets left out, a currency that is not named. Sentences without a full stop.
    pub notes: Vec<String>,
    /// The file's SHA-256, in hexadecimal.
    pub sha256: String,
}

/// Reads a file.
///
/// # Errors
/// See [`ReadError`]; its file is the path's last part.
pub fn read_path(
    path: &Path,
    mapping: Option<&Mapping>,
    on_progress: OnProgress<'_>,
) -> Result<Import, ReadError> {
    let name = path
        .file_name()
        .map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
    let loaded = load(path).map_err(|fault| Trouble::from(fault).of(&name))?;
    read_bytes(&name, loaded, mapping, on_progress)
}

/// Reads a file that is in memory already; the name is for messages only.
///
/// # Errors
/// See [`ReadError`].
pub fn read_bytes(
    name: &str,
    bytes: Vec<u8>,
    mapping: Option<&Mapping>,
    on_progress: OnProgress<'_>,
) -> Result<Import, ReadError> {
    let bytes = Arc::new(bytes);
    let hashed = Arc::clone(&bytes);
    let hash = std::thread::spawn(move || format!("{:x}", Sha256::digest(hashed.as_slice())));
    let import = caught(|| import(bytes, mapping, on_progress))
        .unwrap_or_else(|said| Err(Fault::Damaged(format!("its reader gave up: {said}")).into()));
    let mut import = import.map_err(|trouble| trouble.of(name))?;
    let sha256 =
        hash.join().map_err(|_| Trouble::from(Fault::Damaged("it can't be hashed".to_owned())).of(name))?;
    import.sha256 = sha256;
    Ok(import)
}

fn load(path: &Path) -> Result<Vec<u8>, Fault> {
    // Opening a pipe would otherwise wait for somebody to write into it.
    let without_waiting = OFlags::NONBLOCK.bits().cast_signed();
    let file = File::options().read(true).custom_flags(without_waiting).open(path)?;
    let about = file.metadata()?;
    if about.is_dir() {
        return Err(Fault::NoFile("a folder"));
    }
    if !about.is_file() {
        return Err(Fault::NoFile("a device or a pipe"));
    }
    let too_long = || Fault::TooMuch { what: "more bytes", limit: limits::FILE_BYTES.to_string() };
    if about.len() > limits::FILE_BYTES {
        return Err(too_long());
    }
    let mut bytes = Vec::with_capacity(about.len() as usize);
    // It may have grown since.
    file.take(limits::FILE_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limits::FILE_BYTES { Err(too_long()) } else { Ok(bytes) }
}

fn import(bytes: Bytes, mapping: Option<&Mapping>, on_progress: OnProgress<'_>) -> Result<Import, Trouble> {
    let mut book = open(bytes, 0)?;
    let mut peek = Peek::default();
    book.each(&mut peek)?;
    let chosen = header::choose(&peek.tables, mapping)?;
    drop(peek);
    let hints = Hints {
        from_1904: book.counts_from_1904(),
        decimal_comma: matches!(&book, Book::Text(text) if text.decimal_comma()),
    };
    let mut collect = Collect::new(&chosen, mapping, hints.from_1904, book.share(), on_progress);
    book.each(&mut collect)?;
    let builder = collect.builder;
    drop(book);
    let built = builder.finish(hints);
    if built.sheet.is_empty() {
        let first = built.skipped.into_iter().next().map(Box::new);
        return Err(Fault::NoRows { first, count: built.skipped_count }.into());
    }
    Ok(Import {
        sheet: built.sheet,
        skipped: built.skipped,
        skipped_count: built.skipped_count,
        notes: chosen.notes.into_iter().chain(built.notes).collect(),
        sha256: String::new(),
    })
}

/// Opens a file, or the one in an archive; an archive in an archive is not opened.
fn open(bytes: Bytes, depth: u8) -> Result<Book, Fault> {
    match kind::of(&bytes)? {
        Kind::Zip => match unpack::zip(&bytes)? {
            Zip::Xlsx => Book::xlsx(bytes),
            Zip::Xlsb => Book::xlsb(bytes),
            Zip::Ods => Book::ods(bytes),
            Zip::Holds(_) if depth > 0 => Err(Fault::Archive("an archive in an archive")),
            Zip::Holds(inner) => open(Arc::new(inner), depth + 1),
        },
        Kind::Gzip if depth > 0 => Err(Fault::Archive("an archive in an archive")),
        Kind::Gzip => open(Arc::new(unpack::gzip(&bytes)?), depth + 1),
        Kind::Compound => Book::xls(&bytes),
        Kind::Text => Ok(Book::Text(text::Text::open(bytes)?)),
    }
}
