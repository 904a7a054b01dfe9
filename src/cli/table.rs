//! Lists for people: columns as wide as they must be, up to a limit.

use std::io::{self, Write};

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use crate::domain::text::printable;

/// The widest that a column gets.
const WIDEST: usize = 40;
const GAP: &str = "  ";

/// A head, rows below it, and what to say where there are none.
#[derive(Debug)]
pub struct Table {
    head: Vec<&'static str>,
    rows: Vec<Vec<String>>,
    empty: &'static str,
}

impl Table {
    /// A table without rows. A head that begins with `>` has its column stand right.
    #[must_use]
    pub fn new(head: &[&'static str], empty: &'static str) -> Self {
        Self { head: head.to_vec(), rows: Vec::new(), empty }
    }

    /// Adds a row. Text from outside may be in it.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().map(|cell| fitted(&printable(&cell))).collect());
    }

    pub(super) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        self.lines().iter().try_for_each(|line| writeln!(out, "{line}"))
    }

    /// Its lines.
    pub(super) fn lines(&self) -> Vec<String> {
        if self.rows.is_empty() {
            return vec![self.empty.to_owned()];
        }
        let titles: Vec<String> = self.head.iter().map(|t| t.trim_start_matches('>').to_owned()).collect();
        let mut widths: Vec<usize> = titles.iter().map(|title| title.width()).collect();
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.width());
            }
        }
        let line = |row: &Vec<String>| {
            let mut line = String::new();
            for ((cell, width), title) in row.iter().zip(&widths).zip(&self.head) {
                let space = " ".repeat(width.saturating_sub(cell.width()));
                let (before, after) =
                    if title.starts_with('>') { (space, String::new()) } else { (String::new(), space) };
                line.push_str(&before);
                line.push_str(cell);
                line.push_str(&after);
                line.push_str(GAP);
            }
            line.trim_end().to_owned()
        };
        std::iter::once(&titles).chain(&self.rows).map(line).collect()
    }
}

/// Cuts what is too wide.
fn fitted(text: &str) -> String {
    if text.width() <= WIDEST {
        return text.to_owned();
    }
    let mut cut = String::new();
    for grapheme in text.graphemes(true) {
        if cut.width() + grapheme.width() >= WIDEST {
            break;
        }
        cut.push_str(grapheme);
    }
    cut.push('…');
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(table: &Table) -> String {
        let mut out = Vec::new();
        table.write(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn columns_line_up_and_hostile_cells_are_cut_and_cleaned() {
        let mut table = Table::new(&["NAME", ">QTY"], "none");
        assert_eq!(shown(&table), "none\n");
        table.row(["日本".to_owned(), "7".to_owned()]);
        table.row([format!("a\u{1b}[2J{}", "x".repeat(4000)), "1200".to_owned()]);
        let text = shown(&table);
        let widths: Vec<usize> = text.lines().map(UnicodeWidthStr::width).collect();
        assert_eq!(widths, [WIDEST + 6; 3]);
        assert!(text.contains("日本  ") && text.contains("a?[2Jx") && text.contains('…'), "{text}");
    }
}
