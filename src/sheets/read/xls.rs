//! Old XLS workbooks, looked through before their reader may hold them: it takes memory for every cell between the first and the
//! last that a worksheet has or claims.

use std::io::{Cursor, Read, Write};

use cfb::{CompoundFile, Version};

use super::error::Fault;
use super::limits;

/// The workbook's stream in a container of its own, once it is known what it asks for.
pub(super) fn made_safe(bytes: &[u8]) -> Result<Vec<u8>, Fault> {
    let damaged = |error: std::io::Error| Fault::Damaged(error.to_string());
    let mut container = CompoundFile::open(Cursor::new(bytes)).map_err(damaged)?;
    if container.is_stream("EncryptedPackage") {
        return Err(Fault::Encrypted);
    }
    let Some(name) = ["Workbook", "Book"].into_iter().find(|name| container.is_stream(name)) else {
        return Err(Fault::OtherKind(if container.is_stream("WordDocument") {
            "a Word document"
        } else {
            "an old Office document without worksheets"
        }));
    };
    let stream = container.open_stream(name).map_err(damaged)?;
    let mut workbook = Vec::new();
    stream.take(limits::FILE_BYTES).read_to_end(&mut workbook).map_err(damaged)?;
    look_through(&workbook)?;
    let mut safe =
        CompoundFile::create_with_version(Version::V3, Cursor::new(Vec::new())).map_err(damaged)?;
    safe.create_stream(name).and_then(|mut stream| stream.write_all(&workbook)).map_err(damaged)?;
    safe.flush().map_err(damaged)?;
    Ok(safe.into_inner().into_inner())
}

/// Walks all records (MS-XLS 2.1.4): type and length, two bytes each.
fn look_through(stream: &[u8]) -> Result<(), Fault> {
    let mut span = Span::default();
    let mut cells: u64 = 0;
    let mut worksheets: Vec<u32> = Vec::new();
    let mut begins: Vec<u32> = Vec::new();
    let mut rest = stream;
    while let Some((head, after)) = rest.split_at_checked(4) {
        let at = (stream.len() - rest.len()) as u32;
        let [kind, length] = [word(head, 0), word(head, 2)];
        let Some((data, after)) = after.split_at_checked(usize::from(length)) else {
            break;
        };
        rest = after;
        match kind {
            // FilePass with any kind of encryption, even the obfuscation of old.
            0x002F => return Err(Fault::Encrypted),
            // BOF: another worksheet's span begins.
            0x0809 => {
                begins.push(at);
                cells += std::mem::take(&mut span).cells();
            }
            // BoundSheet: where a worksheet begins.
            0x0085 => worksheets.push(long(data, 0)),
            // Dimensions: first row, row after the last, first column, column after the last.
            0x0200 if length >= 12 => {
                let claimed = Span {
                    rows: Some((long(data, 0), long(data, 4).saturating_sub(1))),
                    columns: Some((word(data, 8), word(data, 10).saturating_sub(1))),
                };
                if claimed.cells() > limits::XLS_CELLS * 4 {
                    return Err(too_much());
                }
            }
            // Number, Label, RString, BoolErr, RK, LabelSst, Formula: row and column first. MulRk: its last column last.
            0x0203 | 0x0204 | 0x00D6 | 0x0205 | 0x027E | 0x00FD | 0x0006 if length >= 4 => {
                span.add(u32::from(word(data, 0)), word(data, 2));
            }
            0x00BD if length >= 6 => {
                span.add(u32::from(word(data, 0)), word(data, 2));
                span.add(u32::from(word(data, 0)), word(data, usize::from(length) - 2));
            }
            _ => {}
        }
        if cells + span.cells() > limits::XLS_CELLS {
            return Err(too_much());
        }
    }
    // Many names for one worksheet would have it held many times.
    let count = worksheets.len();
    worksheets.sort_unstable();
    worksheets.dedup();
    if count > limits::SHEETS {
        return Err(Fault::TooMuch { what: "more worksheets", limit: limits::SHEETS.to_string() });
    }
    if worksheets.len() < count || worksheets.iter().any(|at| begins.binary_search(at).is_err()) {
        return Err(Fault::Damaged("its worksheets are not where it says".to_owned()));
    }
    Ok(())
}

fn too_much() -> Fault {
    Fault::TooMuch {
        what: "worksheets that span more cells",
        limit: format!("{} (save it as XLSX to import more)", limits::XLS_CELLS),
    }
}

#[derive(Default, Clone, Copy)]
struct Span {
    rows: Option<(u32, u32)>,
    columns: Option<(u16, u16)>,
}

impl Span {
    fn add(&mut self, row: u32, column: u16) {
        let (first, last) = self.rows.unwrap_or((row, row));
        self.rows = Some((first.min(row), last.max(row)));
        let (first, last) = self.columns.unwrap_or((column, column));
        self.columns = Some((first.min(column), last.max(column)));
    }

    fn cells(self) -> u64 {
        let (Some((top, bottom)), Some((left, right))) = (self.rows, self.columns) else {
            return 0;
        };
        (u64::from(bottom.saturating_sub(top)) + 1) * (u64::from(right.saturating_sub(left)) + 1)
    }
}

fn word(data: &[u8], at: usize) -> u16 {
    data.get(at..at + 2).map_or(0, |b| b.iter().rev().fold(0, |n, byte| n << 8 | u16::from(*byte)))
}

fn long(data: &[u8], at: usize) -> u32 {
    u32::from(word(data, at)) | u32::from(word(data, at + 2)) << 16
}
