//! What is kept of a price sheet beside its rows.

use serde::{Deserialize, Serialize};

use super::price_sheet::SheetFacts;
use super::text::printable;

/// The most characters of a sheet's name.
pub const LONGEST_NAME: usize = 100;

/// A stored price sheet. Who imported it and when stands in the record's revision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SheetRecord {
    /// What the operator calls it; see [`parse_name`].
    pub name: String,
    /// What it tells of itself.
    pub facts: SheetFacts,
    /// The name of the file that was read, without its folder.
    #[serde(default)]
    pub file: String,
    /// The file's size.
    #[serde(default)]
    pub bytes: u64,
    /// The file's SHA-256 in hexadecimal, lower case.
    #[serde(default)]
    pub sha256: String,
    /// Rows of the file that were left out.
    #[serde(default)]
    pub skipped: usize,
    /// What reading it had to say, such as worksheets that were left out.
    #[serde(default)]
    pub notes: Vec<String>,
    /// It is a preview of a coming month, which holds only what changes.
    #[serde(default)]
    pub is_preview: bool,
    /// Where the store has its rows.
    #[serde(default)]
    pub data: u64,
}

/// Why a text is no name for a sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SheetNameError {
    /// Nothing is left of it.
    #[error("a price sheet needs a name, such as 2026-11 EUR")]
    Empty,
    /// It has too many characters.
    #[error("the name of a price sheet has at most {LONGEST_NAME} characters, and this one has {0}")]
    TooLong(usize),
    /// It holds what a terminal must not see.
    #[error("the name of a price sheet is one line of text, without control characters")]
    NotPrintable,
}

/// A name for a price sheet: without white space around it, 1 to [`LONGEST_NAME`] characters, fit to be printed.
///
/// # Errors
/// See [`SheetNameError`].
pub fn parse_name(text: &str) -> Result<String, SheetNameError> {
    let name = text.trim();
    let length = name.chars().count();
    match length {
        0 => Err(SheetNameError::Empty),
        _ if length > LONGEST_NAME => Err(SheetNameError::TooLong(length)),
        _ if printable(name) != name => Err(SheetNameError::NotPrintable),
        _ => Ok(name.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        assert_eq!(parse_name(" 2026-11 € \n"), Ok("2026-11 €".to_owned()));
        assert_eq!(parse_name(&"é".repeat(100)).map(|name| name.len()), Ok(200));
        assert_eq!(parse_name(&"é".repeat(101)), Err(SheetNameError::TooLong(101)));
        for none in ["", "  \t"] {
            assert_eq!(parse_name(none), Err(SheetNameError::Empty));
        }
        for odd in ["a\nb", "a\u{1b}[2J", "a\u{202e}b", "a\0b"] {
            assert_eq!(parse_name(odd), Err(SheetNameError::NotPrintable), "{odd:?}");
        }
    }
}
