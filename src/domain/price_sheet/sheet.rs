//! A price sheet: many rows of few different texts.

use serde::{Deserialize, Serialize};

use super::field::{Column, Field};
use super::layout::{Layout, PriceBasis};
use super::packed;
use super::texts::Texts;

/// A worksheet, or the one table of a text file, that rows came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// The worksheet's name; empty for a text file.
    pub name: String,
    /// The index of its first row in the sheet.
    pub first_row: u32,
}

/// What a sheet is, without its rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The kind of list.
    pub layout: Layout,
    /// What its prices are for.
    pub basis: PriceBasis,
    /// The columns in the file's order.
    pub columns: Vec<Column>,
    /// Where the rows came from, in their order.
    pub sources: Vec<Source>,
}

/// A price sheet in memory: every text once, every cell the id of its text. 100,000 rows of 21 columns take about 15 MB.
///
/// The values are texts as the file has them. Normalised are SKU ids (four characters), dates (ISO 8601, UTC; no date where
/// the file has a placeholder year) and prices (digits with a point), see [`Builder::finish`](super::Builder::finish).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceSheet {
    head: Head,
    texts: Texts,
    cells: Vec<u32>,
    lines: Vec<u32>,
}

/// A part of a stored sheet. The head comes first, then the others in any order that keeps cells among themselves in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Piece {
    /// What it is.
    Head(Head),
    /// All texts.
    Texts(Texts),
    /// Some rows.
    Rows {
        /// Ids of the texts, row by row.
        #[serde(with = "packed")]
        cells: Vec<u32>,
        /// The row's number in the file, from 1.
        #[serde(with = "packed")]
        lines: Vec<u32>,
    },
}

/// Pieces that make no sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the price sheet's parts do not fit together")]
pub struct BrokenSheet;

impl PriceSheet {
    /// A sheet of its parts.
    ///
    /// # Errors
    /// When the cells are not a whole number of rows, or as many as the lines.
    pub fn new(head: Head, texts: Texts, cells: Vec<u32>, lines: Vec<u32>) -> Result<Self, BrokenSheet> {
        let fits = lines.len().checked_mul(head.columns.len()) == Some(cells.len());
        if fits { Ok(Self { head, texts, cells, lines }) } else { Err(BrokenSheet) }
    }

    /// A sheet of parts that are known to fit.
    pub(super) fn of_parts(head: Head, texts: Texts, cells: Vec<u32>, lines: Vec<u32>) -> Self {
        Self { head, texts, cells, lines }
    }

    /// A sheet of its stored pieces.
    ///
    /// # Errors
    /// When head or texts are missing, or the rows do not fit the columns.
    pub fn from_pieces(pieces: impl IntoIterator<Item = Piece>) -> Result<Self, BrokenSheet> {
        let (mut head, mut texts, mut all_cells, mut all_lines) = (None, None, Vec::new(), Vec::new());
        for piece in pieces {
            match piece {
                Piece::Head(piece) => head = Some(piece),
                Piece::Texts(piece) => texts = Some(piece),
                Piece::Rows { cells, lines } if all_cells.is_empty() => {
                    (all_cells, all_lines) = (cells, lines)
                }
                Piece::Rows { cells, lines } => {
                    all_cells.extend_from_slice(&cells);
                    all_lines.extend_from_slice(&lines);
                }
            }
        }
        Self::new(head.ok_or(BrokenSheet)?, texts.ok_or(BrokenSheet)?, all_cells, all_lines)
    }

    /// The sheet in pieces of at most so many rows, to be stored: the head, the texts, the rows.
    pub fn into_pieces(self, rows: usize) -> impl Iterator<Item = Piece> {
        let (width, rows) = (self.head.columns.len(), rows.max(1));
        let Self { head, texts, cells, lines } = self;
        let count = lines.len().div_ceil(rows);
        let row_pieces = (0..count).map(move |at| {
            let (from, to) = (at * rows, ((at + 1) * rows).min(lines.len()));
            Piece::Rows {
                cells: cells.get(from * width..to * width).unwrap_or_default().to_vec(),
                lines: lines.get(from..to).unwrap_or_default().to_vec(),
            }
        });
        [Piece::Head(head), Piece::Texts(texts)].into_iter().chain(row_pieces)
    }

    /// What it is.
    #[must_use]
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// The kind of list.
    #[must_use]
    pub fn layout(&self) -> Layout {
        self.head.layout
    }

    /// What its prices are for.
    #[must_use]
    pub fn basis(&self) -> PriceBasis {
        self.head.basis
    }

    /// The columns in the file's order.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        &self.head.columns
    }

    /// Where a field's column stands.
    #[must_use]
    pub fn position(&self, field: Field) -> Option<usize> {
        self.head.columns.iter().position(|column| column.field == Some(field))
    }

    /// The unique texts.
    #[must_use]
    pub fn texts(&self) -> &Texts {
        &self.texts
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// The ids of a row's texts, by column.
    #[must_use]
    pub fn ids(&self, index: usize) -> &[u32] {
        let width = self.head.columns.len();
        self.cells.get(index * width..(index + 1) * width).unwrap_or_default()
    }

    /// The row's number in the file, from 1, and its worksheet.
    #[must_use]
    pub fn place(&self, index: usize) -> (&str, u32) {
        let after = self.head.sources.partition_point(|source| source.first_row as usize <= index);
        let source = after.checked_sub(1).and_then(|at| self.head.sources.get(at));
        (source.map_or("", |source| &source.name), self.lines.get(index).copied().unwrap_or_default())
    }

    /// The ids that a column uses, each once, in the order of their first use; the empty text among them where it is used.
    #[must_use]
    pub fn unique(&self, field: Field) -> Vec<u32> {
        let Some(position) = self.position(field) else {
            return Vec::new();
        };
        let mut used = vec![false; self.texts.len()];
        let mut unique = Vec::new();
        let mut last = u32::MAX;
        for id in self.cells.iter().skip(position).step_by(self.head.columns.len()) {
            if *id == last {
                continue;
            }
            last = *id;
            if let Some(used) = used.get_mut(*id as usize)
                && !std::mem::replace(used, true)
            {
                unique.push(*id);
            }
        }
        unique
    }

    /// A value for each text that a column uses, by the text's id: what is read from a text is read once, not row by row.
    pub(super) fn parsed<T: Clone>(&self, field: Field, parse: impl Fn(&str) -> Option<T>) -> Parsed<T> {
        let mut values = vec![None; self.texts.len()];
        for id in self.unique(field) {
            if let Some(value) = values.get_mut(id as usize) {
                *value = parse(self.texts.get(id));
            }
        }
        Parsed { position: self.position(field), values }
    }
}

/// What the texts of one column mean.
pub(super) struct Parsed<T> {
    position: Option<usize>,
    values: Vec<Option<T>>,
}

impl<T> Parsed<T> {
    /// The value in a row, given the row's ids.
    pub(super) fn of(&self, ids: &[u32]) -> Option<&T> {
        self.values.get(*ids.get(self.position?)? as usize)?.as_ref()
    }
}
