//! A windowed grid: it draws the rows that are on the screen and does no work in proportion to the others.
//!
//! The grid never owns rows. It keeps their order (filter and sort applied), a cursor, and ticks; rows are numbered by the
//! source, and the screen sees to it that cursor and ticks follow identities when the numbering changes.

mod draw;
mod layout;
mod search;
mod state;
mod ticks;

#[cfg(test)]
mod tests;

use std::borrow::Cow;

pub use draw::draw;
pub use layout::widths;
pub use search::SearchIndex;
pub use state::{Direction, GridState, Move};
pub use ticks::Ticks;

use super::fit::Cut;

/// A column's fixed properties.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Its heading, where it is always the same.
    pub title: &'static str,
    /// Cells that it needs at least.
    pub min: u16,
    /// Cells that it takes at most, while there are others.
    pub max: u16,
    /// Numbers stand right.
    pub right: bool,
    /// Where a long text loses characters.
    pub cut: Cut,
    /// Where not all columns fit, those with the highest numbers are left out first.
    pub priority: u8,
    /// Whether `Enter` and `=` work on it.
    pub editable: bool,
}

/// How a cell is meant: shown by a glyph in front of its text, and by a colour that only repeats it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// As it is.
    Plain,
    /// Of little weight.
    Faint,
    /// A proposal (`~`).
    Proposal,
    /// Typed and not yet saved (`*`).
    Edited,
    /// To look at (`!`).
    Alert,
}

impl Tone {
    /// The glyph in front of the text, which says what the colour says.
    #[must_use]
    pub fn mark(self) -> &'static str {
        match self {
            Self::Plain | Self::Faint => "",
            Self::Proposal => "~",
            Self::Edited => "*",
            Self::Alert => "!",
        }
    }
}

/// A cell to draw.
#[derive(Debug)]
pub struct Cell<'a> {
    /// Its text, printable, without the tone's mark.
    pub text: Cow<'a, str>,
    /// Its tone.
    pub tone: Tone,
}

/// What a column sorts by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum SortKey {
    /// A number or an amount.
    Number(rust_decimal::Decimal),
    /// Folded text.
    Text(String),
    /// Nothing there: behind the rest, in both directions.
    Missing,
}

/// Where a grid's rows come from.
pub trait Source {
    /// The columns, without gutter, tick and number.
    fn columns(&self) -> &[Column];
    /// A column's heading.
    fn title(&self, column: usize) -> &str {
        self.columns()[column].title
    }
    /// How many rows there are in all.
    fn len(&self) -> usize;
    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// One cell. Called for visible rows only.
    fn cell(&self, row: u32, column: usize) -> Cell<'_>;
    /// What a row sorts by in a column.
    fn sort_key(&self, row: u32, column: usize) -> SortKey;
}
