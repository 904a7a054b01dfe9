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
    let mut widths: Vec<u16> = columns.iter().map(|c| (c.title.width() as u16).clamp(c.min, c.max)).collect();
    let step = source.len().div_ceil(SAMPLE).max(1);
    widen(&mut widths, source, (0..source.len() as u32).step_by(step));
    widths
}

/// Makes room for what some rows hold now; of many rows, the first are looked at.
pub fn widen(widths: &mut [u16], source: &impl Source, rows: impl Iterator<Item = u32>) {
    for row in rows.take(SAMPLE) {
        for (at, (width, column)) in widths.iter_mut().zip(source.columns()).enumerate() {
            if *width < column.max {
                let cell = source.cell(row, at);
                let wanted = cell.text.width() + cell.tone.mark().len();
                *width = (*width).max(wanted.min(column.max.into()) as u16);
            }
        }
    }
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

/// A text that is cut a little is worth more than one that is missing; a number that is cut is worth nothing.
fn narrowest(column: &Column, wanted: u16) -> u16 {
    if column.right { wanted } else { wanted.min(column.min.max(1)) }
}

/// The columns that fit into `room` cells, in their own order. The one under the cursor is always among them; of the others
/// those of the lowest priority number come first. No column is shown by half.
pub(super) fn shown(columns: &[Column], widths: &[u16], current: usize, room: u16) -> Vec<Shown> {
    let mut by_priority: Vec<usize> = (0..columns.len()).collect();
    by_priority.sort_by_key(|i| (*i != current, columns[*i].priority, *i));
    let mut chosen = vec![false; columns.len()];
    let mut used = 0;
    for i in by_priority {
        let narrow = narrowest(&columns[i], widths[i]);
        let gap = if used == 0 { 0 } else { GAP };
        if used + gap + narrow <= room {
            chosen[i] = true;
            used += gap + narrow;
        }
    }
    let picked: Vec<usize> = (0..columns.len()).filter(|i| chosen[*i]).collect();
    let mut spare = room - used;
    let mut x = 0;
    let mut order: Vec<(usize, u16)> =
        picked.iter().map(|i| (*i, narrowest(&columns[*i], widths[*i]))).collect();
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
