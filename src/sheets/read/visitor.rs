//! Who takes the cells of a workbook, and what a cell, a worksheet and its end are to them.

use super::error::{Fault, Trouble};

/// A cell's value.
#[derive(Debug, Clone, Copy)]
pub(super) enum Value<'a> {
    /// A text that has the same address each time it comes.
    Shared(&'a str),
    Text(&'a str),
    Number(f64),
    /// Days, of a cell that is shown as a date.
    Date(f64),
}

/// A worksheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sheet {
    pub(super) name: String,
    pub(super) is_hidden: bool,
}

/// Whether a worksheet is to be read on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flow {
    Go,
    Enough,
}

/// Takes cells.
pub(super) trait Visitor {
    /// A worksheet begins; `Enough` leaves it out.
    fn begin(&mut self, index: usize, sheet: &Sheet) -> Result<Flow, Fault>;
    /// A cell that is not empty. Rows and columns are counted from 0.
    fn cell(&mut self, row: u32, column: u32, value: Value<'_>) -> Result<Flow, Fault>;
    /// It ends.
    fn end(&mut self) -> Result<(), Fault>;
}

/// Begins a worksheet.
pub(super) fn begin<V: Visitor>(visitor: &mut V, index: usize, sheet: &Sheet) -> Result<Flow, Trouble> {
    visitor.begin(index, sheet).map_err(|fault| Trouble::in_sheet(&sheet.name, fault))
}

/// Ends a worksheet.
pub(super) fn end<V: Visitor>(visitor: &mut V, sheet: &Sheet) -> Result<(), Trouble> {
    visitor.end().map_err(|fault| Trouble::in_sheet(&sheet.name, fault))
}
