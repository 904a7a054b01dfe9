//! A file inside an archive.

use std::io::{Cursor, Read};

use zip::result::ZipError;
use zip::{CompressionMethod, ZipArchive};

use super::error::Fault;
use super::limits;

/// Packed in another way than spreadsheet programs and Microsoft pack.
pub(super) const PACKED: Fault = Fault::Archive("packed with a method that is not read");

/// What a ZIP file is.
pub(super) enum Zip {
    Xlsx,
    Xlsb,
    Ods,
    /// An archive that holds a file: its bytes.
    Holds(Vec<u8>),
}

/// Looks into a ZIP file.
pub(super) fn zip(bytes: &[u8]) -> Result<Zip, Fault> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(fault)?;
    if archive.len() > limits::PARTS {
        return Err(Fault::TooMuch { what: "more parts", limit: limits::PARTS.to_string() });
    }
    let mut files = Vec::new();
    let (mut workbook, mut named) = (None, Vec::new());
    for index in 0..archive.len() {
        let part = archive.by_index_raw(index).map_err(fault)?;
        let name = part.name().map_err(fault)?.replace('\\', "/");
        let lower = name.to_ascii_lowercase();
        if lower == "[content_types].xml" || lower == "mimetype" {
            named.push(lower.clone());
        }
        match lower.as_str() {
            "xl/workbook.bin" => workbook = Some(Zip::Xlsb),
            "xl/workbook.xml" => workbook = workbook.or(Some(Zip::Xlsx)),
            "content.xml" => workbook = workbook.or(Some(Zip::Ods)),
            _ => {}
        }
        let base = lower.rsplit('/').next().unwrap_or_default();
        if !part.is_dir() && !lower.starts_with("__macosx/") && !base.starts_with('.') && !base.is_empty() {
            files.push((index, name));
        }
    }
    if let Some(workbook) = workbook {
        return Ok(workbook);
    }
    if named.iter().any(|name| name == "[content_types].xml") {
        // A workbook may have its parts elsewhere; a document or a slide show is said to be no workbook when it is opened.
        return Ok(Zip::Xlsx);
    }
    let is_sheet = |name: &str| {
        let lower = name.to_ascii_lowercase();
        [".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"].iter().any(|e| lower.ends_with(e))
    };
    let mut sheets: Vec<_> = files.iter().filter(|(_, name)| is_sheet(name)).collect();
    // A text beside a table tells how to read it.
    if sheets.len() > 1 {
        sheets.retain(|(_, name)| !name.to_ascii_lowercase().ends_with(".txt"));
    }
    let index = match (files.as_slice(), sheets.as_slice()) {
        ([], _) => return Err(Fault::Empty),
        ([(only, _)], _) => *only,
        (_, [(only, _)]) => *only,
        (several, _) => {
            let first = several.first().map_or_else(String::new, |(_, name)| name.clone());
            return Err(Fault::SeveralFiles { count: several.len(), first });
        }
    };
    let part = archive.by_index(index).map_err(fault)?;
    if !matches!(part.compression(), CompressionMethod::Stored | CompressionMethod::Deflated) {
        return Err(PACKED);
    }
    if part.size() > limits::TEXT_BYTES {
        return Err(too_long());
    }
    inflated(part).map(Zip::Holds)
}

/// The file in a gzip stream.
pub(super) fn gzip(bytes: &[u8]) -> Result<Vec<u8>, Fault> {
    inflated(flate2::read::MultiGzDecoder::new(bytes))
}

fn inflated(part: impl Read) -> Result<Vec<u8>, Fault> {
    let mut bytes = Vec::new();
    let read = part.take(limits::TEXT_BYTES + 1).read_to_end(&mut bytes);
    let read = read.map_err(|error| Fault::Damaged(error.to_string()))?;
    if read as u64 > limits::TEXT_BYTES { Err(too_long()) } else { Ok(bytes) }
}

fn too_long() -> Fault {
    Fault::TooMuch { what: "more bytes once unpacked", limit: limits::TEXT_BYTES.to_string() }
}

/// What an archive's error says of the file.
pub(super) fn fault(error: ZipError) -> Fault {
    match error {
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => Fault::Encrypted,
        error => Fault::Damaged(error.to_string()),
    }
}
