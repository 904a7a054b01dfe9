//! The list of price sheets that are kept.

use std::borrow::Cow;

use rust_decimal::Decimal;

use crate::domain::text::{printable, thousands};
use crate::jobs::sheets::SheetSummary;
use crate::ui::screens::pane::Rows;
use crate::ui::widgets::fit::Cut;
use crate::ui::widgets::grid::{Cell, Column, SortKey, Source, Tone};

const fn column(title: &'static str, min: u16, max: u16, priority: u8) -> Column {
    Column { title, min, max, right: false, cut: Cut::End, priority, editable: false }
}

static COLUMNS: [Column; 11] = [
    column("Name", 12, 40, 0),
    column("Layout", 10, 20, 2),
    column("Month", 6, 7, 1),
    column("Market", 6, 16, 3),
    column("Cur", 4, 24, 4),
    Column { right: true, ..column("Rows", 6, 12, 1) },
    column("Imported (UTC)", 16, 16, 5),
    column("By", 4, 16, 6),
    column("Plans", 5, 24, 4),
    column("File", 10, 36, 7),
    Column { cut: Cut::Middle, ..column("SHA-256", 12, 64, 8) },
];

const NAME: usize = 0;
const ROWS: usize = 5;

/// See the module.
pub(super) struct List<'a>(pub &'a [SheetSummary]);

/// `US`, or how many where they don't fit.
fn few(texts: &[String]) -> String {
    match texts {
        [] => "-".to_owned(),
        [_, _, _, _, _, ..] => texts.len().to_string(),
        few => few.join(" "),
    }
}

impl Source for List<'_> {
    fn columns(&self) -> &[Column] {
        &COLUMNS
    }

    fn len(&self) -> usize {
        self.0.len()
    }

    fn cell(&self, row: u32, column: usize) -> Cell<'_> {
        let summary = &self.0[row as usize];
        let (record, facts) = (&summary.record.value, &summary.record.value.facts);
        let text = match column {
            NAME => printable(&record.name).into_owned(),
            1 => facts.layout.to_string(),
            2 => facts.month.clone().unwrap_or_else(|| "-".to_owned()),
            3 => printable(&few(&facts.markets)).into_owned(),
            4 => printable(&few(&facts.currencies)).into_owned(),
            ROWS => thousands(facts.rows),
            6 => summary.record.updated_at.strftime("%Y-%m-%d %H:%M").to_string(),
            7 => printable(&summary.record.updated_by).into_owned(),
            8 => match summary.plans.len() {
                0 => "-".to_owned(),
                count => count.to_string(),
            },
            9 => printable(&record.file).into_owned(),
            _ => record.sha256.clone(),
        };
        // Rows that were left out are worth a look.
        let tone = if column == ROWS && record.skipped > 0 { Tone::Alert } else { Tone::Plain };
        Cell { text: Cow::Owned(text), tone }
    }

    fn sort_key(&self, row: u32, column: usize) -> SortKey {
        let summary = &self.0[row as usize];
        match column {
            ROWS => SortKey::Number(Decimal::from(summary.record.value.facts.rows)),
            8 => SortKey::Number(Decimal::from(summary.plans.len())),
            _ => match self.cell(row, column).text.to_lowercase() {
                none if none == "-" => SortKey::Missing,
                text => SortKey::Text(text),
            },
        }
    }
}

impl Rows for List<'_> {}
