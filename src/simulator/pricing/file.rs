//! Sheets as files: CSV as Microsoft writes it, alone or in a ZIP.

use std::io::{Cursor, Error, Write};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A table: its column names and its rows.
pub(super) struct Table {
    pub header: Vec<&'static str>,
    pub rows: Vec<Vec<String>>,
}

impl Table {
    /// UTF-8 with a byte order mark, every cell in quotes, CR LF between rows.
    ///
    /// # Errors
    /// When a row has more or fewer cells than the header.
    pub(super) fn to_csv(&self) -> Result<Vec<u8>, Error> {
        let mut writer = csv::WriterBuilder::new()
            .quote_style(csv::QuoteStyle::Always)
            .terminator(csv::Terminator::CRLF)
            .from_writer(BYTE_ORDER_MARK.to_vec());
        writer.write_record(&self.header)?;
        for row in &self.rows {
            writer.write_record(row)?;
        }
        writer.into_inner().map_err(|error| error.into_error())
    }
}

/// A ZIP that holds one file.
///
/// # Errors
/// When the archive can't be written.
pub(super) fn zipped(name: &str, content: &[u8]) -> Result<Vec<u8>, Error> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    archive.start_file(name, options)?;
    archive.write_all(content)?;
    Ok(archive.finish()?.into_inner())
}
