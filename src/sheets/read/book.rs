//! Cells of a workbook, in the order of the file, whatever its format.

use std::io::Cursor;

use calamine::{
    Data, DataRef, Reader, SheetType, SheetVisible, Xls, XlsError, Xlsb, XlsbError, Xlsx, XlsxError,
};

use super::error::{Fault, Trouble};
use super::parts::{Bytes, SafeZip, Watch};
use super::text::Text;
use super::visitor::{Flow, Sheet, Value, Visitor, begin, end};
use super::{limits, ods, xls};

/// An open workbook, or a text file.
pub(super) enum Book {
    Xlsx(Box<Xlsx<SafeZip>>, Watch, u64),
    Xlsb(Box<Xlsb<SafeZip>>, Watch, u64),
    Xls(Box<Xls<Cursor<Vec<u8>>>>),
    Ods(SafeZip),
    Text(Text),
}

impl Book {
    pub(super) fn xlsx(bytes: Bytes) -> Result<Self, Fault> {
        let zip = SafeZip::open(bytes)?;
        let (watch, length) = (zip.watch(), zip.length());
        match Xlsx::new(zip) {
            Ok(book) => Ok(Self::Xlsx(Box::new(book), watch, length)),
            Err(error) => Err(watch.fault().unwrap_or_else(|| xlsx_fault(error))),
        }
    }

    pub(super) fn xlsb(bytes: Bytes) -> Result<Self, Fault> {
        let zip = SafeZip::open(bytes)?;
        let (watch, length) = (zip.watch(), zip.length());
        match Xlsb::new(zip) {
            Ok(book) => Ok(Self::Xlsb(Box::new(book), watch, length)),
            Err(error) => Err(watch.fault().unwrap_or_else(|| xlsb_fault(error))),
        }
    }

    pub(super) fn xls(bytes: &Bytes) -> Result<Self, Fault> {
        let safe = xls::made_safe(bytes)?;
        match Xls::new(Cursor::new(safe)) {
            Ok(book) => Ok(Self::Xls(Box::new(book))),
            Err(XlsError::Password) => Err(Fault::Encrypted),
            Err(error) => Err(Fault::Damaged(error.to_string())),
        }
    }

    pub(super) fn ods(bytes: Bytes) -> Result<Self, Fault> {
        let zip = SafeZip::open(bytes)?;
        if ods::is_encrypted(&zip)? {
            return Err(Fault::Encrypted);
        }
        Ok(Self::Ods(zip))
    }

    /// Whether dates count from 1904.
    pub(super) fn counts_from_1904(&self) -> bool {
        match self {
            Self::Xlsx(book, ..) => book.has_1904_epoch(),
            Self::Xlsb(book, ..) => book.has_1904_epoch(),
            Self::Xls(book) => book.has_1904_epoch(),
            Self::Ods(_) | Self::Text(_) => false,
        }
    }

    /// The share of the file that was read, 0 to 1.
    pub(super) fn share(&self) -> Option<(Watch, u64)> {
        match self {
            Self::Xlsx(_, watch, length) | Self::Xlsb(_, watch, length) => Some((watch.clone(), *length)),
            Self::Ods(zip) => Some((zip.watch(), zip.length())),
            Self::Xls(_) | Self::Text(_) => None,
        }
    }

    /// Gives every cell of every worksheet to the visitor.
    pub(super) fn each<V: Visitor>(&mut self, visitor: &mut V) -> Result<(), Trouble> {
        match self {
            Self::Xlsx(book, watch, _) => {
                let sheets = sheets(book.sheets_metadata())?;
                for (index, sheet) in sheets.into_iter().enumerate() {
                    let Some(sheet) = sheet else { continue };
                    if begin(visitor, index, &sheet)? == Flow::Enough {
                        continue;
                    }
                    let failed = |error| {
                        Trouble::in_sheet(&sheet.name, watch.fault().unwrap_or_else(|| xlsx_fault(error)))
                    };
                    let mut cells = book.worksheet_cells_reader(&sheet.name).map_err(failed)?;
                    // A match, for mapping the error would move and drop each of millions of results.
                    loop {
                        let cell = match cells.next_cell() {
                            Ok(Some(cell)) => cell,
                            Ok(None) => break,
                            Err(error) => return Err(failed(error)),
                        };
                        let (row, column) = cell.get_position();
                        if give(visitor, &sheet, row, column, cell.get_value())? == Flow::Enough {
                            break;
                        }
                    }
                    end(visitor, &sheet)?;
                }
                Ok(())
            }
            Self::Xlsb(book, watch, _) => {
                let sheets = sheets(book.sheets_metadata())?;
                for (index, sheet) in sheets.into_iter().enumerate() {
                    let Some(sheet) = sheet else { continue };
                    if begin(visitor, index, &sheet)? == Flow::Enough {
                        continue;
                    }
                    let failed = |error| {
                        Trouble::in_sheet(&sheet.name, watch.fault().unwrap_or_else(|| xlsb_fault(error)))
                    };
                    let mut cells = book.worksheet_cells_reader(&sheet.name).map_err(failed)?;
                    // A match, for mapping the error would move and drop each of millions of results.
                    loop {
                        let cell = match cells.next_cell() {
                            Ok(Some(cell)) => cell,
                            Ok(None) => break,
                            Err(error) => return Err(failed(error)),
                        };
                        let (row, column) = cell.get_position();
                        if give(visitor, &sheet, row, column, cell.get_value())? == Flow::Enough {
                            break;
                        }
                    }
                    end(visitor, &sheet)?;
                }
                Ok(())
            }
            Self::Xls(book) => {
                let sheets = sheets(book.sheets_metadata())?;
                for (index, sheet) in sheets.into_iter().enumerate() {
                    let Some(sheet) = sheet else { continue };
                    if begin(visitor, index, &sheet)? == Flow::Enough {
                        continue;
                    }
                    let range = book
                        .worksheet_range(&sheet.name)
                        .map_err(|error| Trouble::in_sheet(&sheet.name, Fault::Damaged(error.to_string())))?;
                    let (top, left) = range.start().unwrap_or_default();
                    for (row, column, value) in range.used_cells() {
                        let (row, column) = (top + row as u32, left + column as u32);
                        if give(visitor, &sheet, row, column, &by_reference(value))? == Flow::Enough {
                            break;
                        }
                    }
                    end(visitor, &sheet)?;
                }
                Ok(())
            }
            Self::Ods(zip) => ods::each(zip, visitor),
            Self::Text(text) => text.each(visitor),
        }
    }
}

/// Worksheets among the sheets; charts and the like have no cells.
fn sheets(metadata: &[calamine::Sheet]) -> Result<Vec<Option<Sheet>>, Trouble> {
    if metadata.len() > limits::SHEETS {
        return Err(Fault::TooMuch { what: "more worksheets", limit: limits::SHEETS.to_string() }.into());
    }
    Ok(metadata
        .iter()
        .map(|sheet| {
            (sheet.typ == SheetType::WorkSheet).then(|| Sheet {
                name: sheet.name.clone(),
                is_hidden: sheet.visible != SheetVisible::Visible,
            })
        })
        .collect())
}

fn give<V: Visitor>(
    visitor: &mut V,
    sheet: &Sheet,
    row: u32,
    column: u32,
    value: &DataRef<'_>,
) -> Result<Flow, Trouble> {
    let given = match value {
        DataRef::Empty => return Ok(Flow::Go),
        DataRef::SharedString(text) => visitor.cell(row, column, Value::Shared(text)),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            visitor.cell(row, column, Value::Text(text))
        }
        DataRef::Float(number) => visitor.cell(row, column, Value::Number(*number)),
        DataRef::Int(number) => visitor.cell(row, column, Value::Number(*number as f64)),
        DataRef::DateTime(date) => visitor.cell(row, column, Value::Date(date.as_f64())),
        DataRef::Bool(yes) => visitor.cell(row, column, Value::Text(if *yes { "TRUE" } else { "FALSE" })),
        DataRef::Error(error) => visitor.cell(row, column, Value::Text(&error.to_string())),
    };
    given.map_err(|fault| Trouble::in_cell(&sheet.name, row, column, fault))
}

fn by_reference(value: &Data) -> DataRef<'_> {
    match value {
        Data::Empty => DataRef::Empty,
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => DataRef::SharedString(text),
        Data::Float(number) => DataRef::Float(*number),
        Data::Int(number) => DataRef::Int(*number),
        Data::DateTime(date) => DataRef::DateTime(*date),
        Data::Bool(yes) => DataRef::Bool(*yes),
        Data::Error(error) => DataRef::Error(error.clone()),
    }
}

fn xlsx_fault(error: XlsxError) -> Fault {
    match error {
        XlsxError::Password => Fault::Encrypted,
        XlsxError::FileNotFound(part) => Fault::Damaged(format!("{part} is missing")),
        XlsxError::Zip(error) => super::unpack::fault(error),
        XlsxError::RelationshipNotFound => Fault::OtherKind("an Office document without worksheets"),
        error => Fault::Damaged(error.to_string()),
    }
}

fn xlsb_fault(error: XlsbError) -> Fault {
    match error {
        XlsbError::Password => Fault::Encrypted,
        XlsbError::Zip(error) => super::unpack::fault(error),
        error => Fault::Damaged(error.to_string()),
    }
}
