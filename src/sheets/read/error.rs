//! Why a file was not read.

use std::fmt;
use std::io;

use crate::domain::price_sheet::{Column, Skipped};
use crate::domain::text::printable;

/// Where and why a file was refused; nothing of it is used.
#[derive(Debug)]
pub struct ReadError {
    /// The file's name.
    pub file: String,
    /// The worksheet, where the fault is in one.
    pub sheet: Option<String>,
    /// The cell, such as `C5`, or the row of a text file.
    pub cell: Option<String>,
    /// The reason.
    pub fault: Fault,
}

/// What is wrong with a file.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The system's.
    #[error("can't be read: {0}")]
    Io(#[from] io::Error),
    /// No byte, or no cell.
    #[error("is empty; download it again")]
    Empty,
    /// More than the limits allow.
    #[error("has {what}; at most {limit} are read")]
    TooMuch {
        /// What there is too much of.
        what: &'static str,
        /// The limit.
        limit: String,
    },
    /// Something else.
    #[error("is {0}, not a price sheet; save it as XLSX or CSV and import that")]
    OtherKind(&'static str),
    /// An archive that is not opened.
    #[error("is {0}; unpack it and import what it holds")]
    Archive(&'static str),
    /// No file at all.
    #[error("is {0}, not a file; choose the file itself")]
    NoFile(&'static str),
    /// A password is needed.
    #[error("is encrypted; open it with its password, save it without one and import that")]
    Encrypted,
    /// It does not hold together.
    #[error("is damaged or cut short ({0}); download it again")]
    Damaged(String),
    /// It is made to do harm, or as if it were.
    #[error("is refused: it has {0}, as no price sheet does")]
    Hostile(&'static str),
    /// An archive of several.
    #[error("holds {count} files ({first}, ..); unpack it and import one")]
    SeveralFiles {
        /// How many.
        count: usize,
        /// One of them.
        first: String,
    },
    /// The table was understood, but no row could be used.
    #[error("has no row that can be used: {}", skipped_words(.first, *.count))]
    NoRows {
        /// The first row that was left out.
        first: Option<Box<Skipped>>,
        /// How many were.
        count: usize,
    },
    /// No worksheet has the columns of a price list.
    #[error("has no table with the columns of a price sheet; say which column is what")]
    UnknownTable(Vec<SeenTable>),
    /// The operator's.
    #[error("was not read: cancelled")]
    Cancelled,
}

/// A table that a mapping could be made for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenTable {
    /// The worksheet; empty for a text file.
    pub sheet: String,
    /// The likely heading's number, from 1.
    pub heading_row: u32,
    /// The likely heading, with what was recognised.
    pub columns: Vec<Column>,
    /// The first rows below it, by column.
    pub rows: Vec<Vec<String>>,
}

fn skipped_words(first: &Option<Box<Skipped>>, count: usize) -> String {
    match first {
        None => "there is none below the heading".to_owned(),
        Some(skipped) => {
            let Skipped { sheet, row, column, value, reason, .. } = &**skipped;
            let place =
                if sheet.is_empty() { format!("row {row}") } else { format!("sheet {sheet}, row {row}") };
            let column = if column.is_empty() { String::new() } else { format!(", {column}") };
            let rows = crate::domain::text::counted(count, "row");
            format!("{rows} left out, the first for \"{value}\" ({place}{column}: {reason})")
        }
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = self.file.clone();
        if let Some(sheet) = self.sheet.as_deref().filter(|sheet| !sheet.is_empty()) {
            text.push_str(&format!(", sheet \"{sheet}\""));
        }
        if let Some(cell) = &self.cell {
            text.push_str(&format!(", {cell}"));
        }
        let text = format!("{text} {}", self.fault);
        f.write_str(&printable(&text))
    }
}

impl std::error::Error for ReadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.fault {
            Fault::Io(source) => Some(source),
            _ => None,
        }
    }
}

/// A fault and its place, before the file's name is known.
#[derive(Debug)]
pub(super) struct Trouble {
    pub(super) sheet: Option<String>,
    pub(super) cell: Option<String>,
    pub(super) fault: Fault,
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Self {
        Self { sheet: None, cell: None, fault }
    }
}

impl Trouble {
    pub(super) fn in_cell(sheet: &str, row: u32, column: u32, fault: Fault) -> Self {
        Self { sheet: Some(sheet.to_owned()), cell: Some(format!("cell {}", address(row, column))), fault }
    }

    pub(super) fn in_sheet(sheet: &str, fault: Fault) -> Self {
        Self { sheet: Some(sheet.to_owned()), cell: None, fault }
    }

    pub(super) fn of(self, file: &str) -> ReadError {
        ReadError { file: file.to_owned(), sheet: self.sheet, cell: self.cell, fault: self.fault }
    }
}

/// `C5` for the third column of the fifth row; both are counted from 0 here.
#[must_use]
pub fn address(row: u32, column: u32) -> String {
    let mut letters = Vec::new();
    let mut rest = u64::from(column) + 1;
    while rest > 0 {
        rest -= 1;
        letters.push(char::from(b'A' + (rest % 26) as u8));
        rest /= 26;
    }
    let letters: String = letters.into_iter().rev().collect();
    format!("{letters}{}", u64::from(row) + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for (row, column, text) in
            [(4, 2, "C5"), (0, 25, "Z1"), (0, 26, "AA1"), (1_048_575, 16_383, "XFD1048576")]
        {
            assert_eq!(address(row, column), text);
        }
    }

    #[test]
    fn one_sentence_that_can_be_printed() {
        let error = Trouble::in_cell("Pri\u{1b}ces", 4, 2, Fault::Hostile("a bomb")).of("a.xlsx");
        assert_eq!(
            error.to_string(),
            "a.xlsx, sheet \"Pri?ces\", cell C5 is refused: it has a bomb, as no price sheet does"
        );
    }
}
