//! Which columns are shown, and how wide.

use unicode_width::UnicodeWidthStr;

use super::{Column, Source};

/// Cells between two columns.
pub(super) const GAP: u16 = 1;

/// How many rows are looked at for a column's width.
const SAMPLE: usize = 400;

/// Each column's wanted width, from its heading and an even sample of the rows.
#[must_use]
pub fn widths(source: &impl Source) -> Vec<u16> {
    let columns = source.columns();
    let mut widths: Vec<u16> = columns
        .iter()
        .enumerate()
        .map(|(at, c)| (source.title(at).width().min(usize::from(c.max)) as u16).clamp(c.min, c.max))
        .collect();
    let step = source.len().div_ceil(SAMPLE).max(1);
    for row in (0..source.len()).step_by(step) {
        for (at, column) in columns.iter().enumerate() {
            if widths[at] < column.max {
                widths[at] = widths[at].max(wanted(source, row as u32, at).min(column.max));
            }
        }
    }
    widths
}

/// Widens the columns of numbers to the rows in sight: half a number is a wrong one. They only grow, so that scrolling does not
/// make them jump to and fro.
pub(super) fn widen_numbers(source: &impl Source, rows: &[u32], widths: &mut [u16]) {
    for (at, column) in source.columns().iter().enumerate().filter(|(_, column)| column.right) {
        for row in rows {
            if widths[at] >= column.max {
                break;
            }
            widths[at] = widths[at].max(wanted(source, *row, at).min(column.max));
        }
    }
}

fn wanted(source: &impl Source, row: u32, column: usize) -> u16 {
    let cell = source.cell(row, column);
    (cell.text.width() + cell.tone.mark().len()).min(usize::from(u16::MAX)) as u16
}

/// The least width that a column is shown in.
fn least(column: &Column, width: u16) -> u16 {
    if column.right { width } else { width.min(column.min.max(1)) }
}

/// A column as it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shown {
    /// Its number.
    pub column: usize,
    /// Cells from the left edge of the columns' area.
    pub x: u16,
    /// Its width.
    pub width: u16,
}

/// The columns that fit into `room` cells, in their own order. The wanted one is always among them; of the others
/// those of the lowest priority number come first. No column is shown by half.
pub(super) fn shown(columns: &[Column], widths: &[u16], wanted: Option<usize>, room: u16) -> Vec<Shown> {
    let mut by_priority: Vec<usize> = (0..columns.len()).collect();
    by_priority.sort_by_key(|i| (Some(*i) != wanted, columns[*i].priority, *i));
    let mut chosen = vec![false; columns.len()];
    let mut used = 0;
    for i in by_priority {
        // A column that is cut a little is worth more than one that is missing.
        let narrow = least(&columns[i], widths[i]);
        let gap = if used == 0 { 0 } else { GAP };
        if used + gap + narrow <= room {
            chosen[i] = true;
            used += gap + narrow;
        }
    }
    let picked: Vec<usize> = (0..columns.len()).filter(|i| chosen[*i]).collect();
    let mut spare = room - used;
    let mut x = 0;
    let mut order: Vec<(usize, u16)> = picked.iter().map(|i| (*i, least(&columns[*i], widths[*i]))).collect();
    let mut grow: Vec<usize> = (0..order.len()).collect();
    grow.sort_by_key(|at| columns[order[*at].0].priority);
    for at in grow {
        let (column, width) = &mut order[at];
        let more = (widths[*column] - *width).min(spare);
        *width += more;
        spare -= more;
    }
    order
        .into_iter()
        .map(|(column, width)| {
            let shown = Shown { column, x, width };
            x += width + GAP;
            shown
        })
        .collect()
}
