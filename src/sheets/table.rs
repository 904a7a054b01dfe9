//! Writing a plain table to an XLSX or CSV file that a spreadsheet program opens without mending: ids stay text, nothing
//! becomes a formula.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rust_xlsxwriter::{Format, Workbook, XlsxError};

/// Why a table was not written.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// No path, or one that ends otherwise.
    #[error("\"{0}\" names no format: a file that ends in .xlsx or .csv is expected")]
    Format(String),
    /// It is never overwritten.
    #[error("{} is there already; choose another name", .0.display())]
    Exists(PathBuf),
    /// The system's.
    #[error("{} can't be written: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// More rows or longer texts than the format takes.
    #[error("{} can't be written: {source}", path.display())]
    Xlsx {
        /// The file.
        path: PathBuf,
        /// Why.
        source: XlsxError,
    },
}

/// Longest text in an XLSX cell.
const CELL: usize = 32_767;

/// Writes a table; the file's ending tells the format. The file is readable by its owner only and never overwritten.
///
/// # Errors
/// See [`TableError`]. A file that was begun is removed.
pub fn write(path: &Path, name: &str, headings: &[String], rows: &[Vec<String>]) -> Result<(), TableError> {
    let ending = path.extension().and_then(|e| e.to_str()).map(str::to_ascii_lowercase);
    let as_xlsx = match ending.as_deref() {
        Some("xlsx") => true,
        Some("csv") => false,
        _ => return Err(TableError::Format(path.display().to_string())),
    };
    let fail = |source: io::Error| match source.kind() {
        io::ErrorKind::AlreadyExists => TableError::Exists(path.to_owned()),
        _ => TableError::Io { path: path.to_owned(), source },
    };
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(fail)?;
    let written = if as_xlsx {
        write_xlsx(path, file, name, headings, rows)
    } else {
        write_csv(file, headings, rows).map_err(fail)
    };
    if written.is_err() {
        // Half a table is worse than none; that it can't be removed either changes nothing about the error.
        drop(std::fs::remove_file(path));
    }
    written
}

fn write_xlsx(
    path: &Path,
    file: File,
    name: &str,
    headings: &[String],
    rows: &[Vec<String>],
) -> Result<(), TableError> {
    let fail = |source| TableError::Xlsx { path: path.to_owned(), source };
    let mut workbook = Workbook::new();
    let bold = Format::new().set_bold();
    let sheet = workbook.add_worksheet_with_constant_memory().map_err(fail)?;
    sheet.set_name(name).map_err(fail)?;
    sheet.set_freeze_panes(1, 0).map_err(fail)?;
    for (column, heading) in headings.iter().enumerate() {
        sheet.write_string_with_format(0, column as u16, heading.as_str(), &bold).map_err(fail)?;
    }
    for (row, cells) in rows.iter().enumerate() {
        for (column, text) in cells.iter().enumerate() {
            let text: String = text.chars().take(CELL).collect();
            sheet.write_string(row as u32 + 1, column as u16, text).map_err(fail)?;
        }
    }
    workbook.save_to_writer(file).map_err(fail)
}

fn write_csv(file: File, headings: &[String], rows: &[Vec<String>]) -> io::Result<()> {
    let mut file = io::BufWriter::new(file);
    // Excel takes a file for UTF-8 only with this mark.
    file.write_all("\u{feff}".as_bytes())?;
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(file);
    writer.write_record(headings)?;
    for cells in rows {
        writer.write_record(cells.iter().map(|text| without_formula(text)))?;
    }
    writer.flush()
}

/// A text that a spreadsheet would run is led by an apostrophe.
fn without_formula(text: &str) -> String {
    let is_number = text.parse::<rust_decimal::Decimal>().is_ok();
    if !is_number && text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> Vec<Vec<String>> {
        vec![vec!["Ærø \"x\", y".to_owned(), "0001".to_owned()], vec!["=1+1".to_owned(), "-5".to_owned()]]
    }

    #[test]
    fn a_csv_opens_as_utf8_and_runs_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        write(&path, "clients", &["Name".to_owned(), "SKU".to_owned()], &rows()).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text, "\u{feff}Name,SKU\r\n\"Ærø \"\"x\"\", y\",0001\r\n'=1+1,-5\r\n");
    }

    #[test]
    fn a_workbook_is_written_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.XLSX");
        write(&path, "clients", &["Name".to_owned(), "SKU".to_owned()], &rows()).unwrap();
        assert_eq!(&std::fs::read(&path).unwrap()[..4], b"PK\x03\x04");
    }

    #[test]
    fn nothing_is_overwritten_and_the_format_must_be_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        std::fs::write(&path, "mine").unwrap();
        assert!(matches!(write(&path, "x", &["A".to_owned()], &[]), Err(TableError::Exists(_))));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "mine");
        let error = write(&folder.path().join("a"), "x", &["A".to_owned()], &[]).unwrap_err();
        assert!(error.to_string().contains(".xlsx or .csv"));
        let error = write(&folder.path().join("no/such/a.csv"), "x", &["A".to_owned()], &[]).unwrap_err();
        assert!(matches!(error, TableError::Io { .. }));
    }
}
