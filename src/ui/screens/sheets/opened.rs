//! The rows of an open price sheet, under the file's own columns.

use std::borrow::Cow;
use std::sync::Arc;

use jiff::Timestamp;

use crate::domain::price_sheet::{Field, PriceSheet, numbers};
use crate::domain::text::printable;
use crate::ui::layers::Details;
use crate::ui::screens::pane::Rows;
use crate::ui::widgets::fit::Cut;
use crate::ui::widgets::grid::{Cell, Column, SortKey, Source, Ticks, Tone};

/// Columns beside these are not looked through by the filter: they hold long texts that every row repeats.
const SEARCHED: [Field; 13] = [
    Field::ProductTitle,
    Field::ProductId,
    Field::SkuId,
    Field::SkuTitle,
    Field::OfferId,
    Field::Term,
    Field::BillingPlan,
    Field::Segment,
    Field::Market,
    Field::Currency,
    Field::Tags,
    Field::Change,
    Field::EndCustomerType,
];

/// A sheet, and its columns as the grid shows them.
#[derive(Debug)]
pub(super) struct Opened {
    /// Its name.
    pub name: String,
    /// The rows.
    pub sheet: Arc<PriceSheet>,
    columns: Vec<Column>,
    /// The sheet's column of each of the grid's.
    positions: Vec<usize>,
}

impl Opened {
    /// Puts the columns in the order in which they are read best; those that no one knows come last, as the file has them.
    pub fn new(name: String, sheet: Arc<PriceSheet>) -> Self {
        let known = Field::ALL.iter().filter_map(|field| sheet.position(*field).map(|at| (at, *field)));
        let mut columns: Vec<(usize, Column)> = known.map(|(at, field)| (at, column_of(field))).collect();
        let unknown = sheet.columns().iter().enumerate().filter(|(_, column)| column.field.is_none());
        columns.extend(unknown.map(|(at, _)| (at, plain(8, 24, 30))));
        let (positions, columns) = columns.into_iter().unzip();
        Self { name, sheet, columns, positions }
    }

    fn text(&self, row: u32, column: usize) -> &str {
        let position = self.positions.get(column).copied().unwrap_or_default();
        self.sheet.row(row as usize).map_or("", |row| row.cell(position))
    }

    fn field(&self, column: usize) -> Option<Field> {
        self.sheet.columns().get(*self.positions.get(column)?)?.field
    }

    /// The rows that are valid now.
    pub fn valid_rows(&self, now: Timestamp) -> Vec<u32> {
        self.sheet.valid_rows(now).into_iter().map(|row| row as u32).collect()
    }

    /// Everything that a row says.
    pub fn details(&self, row: u32) -> Details {
        let (sheet, line) = self.sheet.place(row as usize);
        let place = if sheet.is_empty() {
            format!("line {line} of the file")
        } else {
            format!("sheet {}, row {line}", printable(sheet))
        };
        let values = (0..self.columns.len())
            .map(|column| (self.title(column).to_owned(), printable(self.text(row, column)).into_owned()));
        Details::new(format!("{}  {place}", printable(&self.name)), values.collect())
    }
}

const fn plain(min: u16, max: u16, priority: u8) -> Column {
    Column { title: "", min, max, right: false, cut: Cut::End, priority, editable: false }
}

fn column_of(field: Field) -> Column {
    let number = |min, priority| Column { right: true, ..plain(min, 24, priority) };
    match field {
        Field::ProductTitle => plain(14, 34, 5),
        Field::SkuTitle => plain(16, 40, 0),
        Field::ProductId => plain(12, 12, 5),
        Field::SkuId => plain(4, 6, 3),
        Field::OfferId => Column { cut: Cut::Middle, ..plain(13, 36, 3) },
        Field::Term => plain(4, 7, 1),
        Field::BillingPlan => plain(7, 9, 1),
        Field::Segment => plain(7, 12, 2),
        Field::Market => plain(3, 6, 4),
        Field::Currency => plain(3, 4, 1),
        Field::UnitPrice => number(9, 1),
        Field::ErpPrice => number(9, 2),
        Field::EffectiveStart | Field::EffectiveEnd | Field::EndOfSale => plain(10, 20, 6),
        Field::Change => plain(6, 10, 7),
        Field::TierMin | Field::TierMax | Field::MinLicenses | Field::MaxLicenses => number(4, 9),
        Field::Tags => plain(7, 18, 8),
        _ => plain(8, 30, 20),
    }
}

impl Source for Opened {
    fn columns(&self) -> &[Column] {
        &self.columns
    }

    fn title(&self, column: usize) -> &str {
        match self.field(column) {
            Some(field) => field.heading(),
            None => {
                let position = self.positions.get(column).copied().unwrap_or_default();
                self.sheet.columns().get(position).map_or("", |column| column.heading.as_str())
            }
        }
    }

    fn len(&self) -> usize {
        self.sheet.len()
    }

    fn cell(&self, row: u32, column: usize) -> Cell<'_> {
        match printable(self.text(row, column)) {
            text if text.is_empty() => Cell { text: Cow::Borrowed("-"), tone: Tone::Faint },
            text => Cell { text, tone: Tone::Plain },
        }
    }

    fn sort_key(&self, row: u32, column: usize) -> SortKey {
        let text = self.text(row, column);
        if text.is_empty() {
            return SortKey::Missing;
        }
        let is_number = self.columns.get(column).is_some_and(|column| column.right);
        match numbers::decimal(text).filter(|_| is_number) {
            Some(number) => SortKey::Number(number),
            None => SortKey::Text(text.to_lowercase()),
        }
    }
}

impl Rows for Opened {
    /// A sheet has many rows of few texts: each text is looked at once, and rows are told by their texts' numbers.
    fn find(&self, pattern: &str) -> Option<Ticks> {
        let words: Vec<String> = pattern.split_whitespace().map(str::to_lowercase).collect();
        if words.is_empty() {
            return None;
        }
        let searched: Vec<usize> = SEARCHED.iter().filter_map(|field| self.sheet.position(*field)).collect();
        let searched = if searched.is_empty() { self.positions.clone() } else { searched };
        let texts = self.sheet.texts();
        // Which of the words each text holds.
        let holds: Vec<u32> = (0..texts.len() as u32)
            .map(|id| {
                let text = texts.get(id).to_lowercase();
                let held = words.iter().take(32).enumerate().filter(|(_, word)| text.contains(word.as_str()));
                held.fold(0, |bits, (at, _)| bits | 1 << at)
            })
            .collect();
        let wanted = u32::MAX >> (32 - words.len().min(32));
        let fits = |row: &u32| {
            let ids = self.sheet.ids(*row as usize);
            let held = searched.iter().filter_map(|at| holds.get(*ids.get(*at)? as usize));
            held.fold(0, |bits, more| bits | more) == wanted
        };
        Some((0..self.sheet.len() as u32).filter(fits).collect())
    }
}
