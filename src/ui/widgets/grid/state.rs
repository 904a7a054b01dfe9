//! A grid's state: the order of its rows, cursor, window, sort, and the anchor of a range.

use super::{SortKey, Source, Ticks};

/// Ascending or descending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Smallest first.
    Up,
    /// Largest first.
    Down,
}

/// How a cursor moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Move {
    /// One row up.
    Up,
    /// One row down.
    Down,
    /// A window up.
    PageUp,
    /// A window down.
    PageDown,
    /// Half a window up.
    HalfUp,
    /// Half a window down.
    HalfDown,
    /// The first row.
    Top,
    /// The last row.
    Bottom,
    /// A column to the left.
    Left,
    /// A column to the right.
    Right,
}

/// See the module.
#[derive(Debug, Default)]
pub struct GridState {
    /// Rows in scope, sorted.
    base: Vec<u32>,
    /// Rows that are shown: `base` without what the filter hides.
    order: Vec<u32>,
    /// Rows that the filter lets through; none: all.
    matches: Option<Ticks>,
    /// Position of the cursor in `order`.
    cursor: usize,
    /// Position of the first row in the window.
    offset: usize,
    /// The column under the cursor.
    pub column: usize,
    /// The last column that is shown because the cursor went there. It stays when the cursor leaves it, so that the columns move
    /// once and not twice.
    pub(super) brought_in: Option<usize>,
    /// Sorted by which column.
    pub sort: Option<(usize, Direction)>,
    /// The row at which a range began.
    pub anchor: Option<u32>,
    /// Ticked rows, shown or not.
    pub ticks: Ticks,
    /// Rows in the window when it was last drawn.
    pub height: usize,
    /// Columns that had no room when it was last drawn.
    pub hidden_columns: usize,
}

impl GridState {
    /// The rows that are shown, in order.
    #[must_use]
    pub fn order(&self) -> &[u32] {
        &self.order
    }

    /// How many rows are in scope, shown or not.
    #[must_use]
    pub fn in_scope(&self) -> usize {
        self.base.len()
    }

    /// The row under the cursor.
    #[must_use]
    pub fn current(&self) -> Option<u32> {
        self.order.get(self.cursor).copied()
    }

    /// The cursor's position among the shown rows.
    #[must_use]
    pub fn position(&self) -> usize {
        self.cursor
    }

    /// Position of the first row in the window, moved so that the cursor is inside a window of `height` rows.
    pub fn window(&mut self, height: usize) -> usize {
        self.height = height;
        let last = self.order.len().saturating_sub(height.max(1));
        self.offset = self.offset.min(last).min(self.cursor);
        if height > 0 && self.cursor >= self.offset + height {
            self.offset = self.cursor + 1 - height;
        }
        self.offset
    }

    /// Takes the rows in scope, in the source's order, and sorts them.
    pub fn set_rows(&mut self, rows: Vec<u32>, source: &impl Source) {
        self.base = rows;
        self.resort(source);
    }

    /// Sorts anew, after the sort or the rows changed.
    pub fn resort(&mut self, source: &impl Source) {
        match self.sort {
            None => self.base.sort_unstable(),
            Some((column, direction)) => {
                let mut keyed: Vec<(SortKey, u32)> =
                    self.base.iter().map(|row| (source.sort_key(*row, column), *row)).collect();
                match direction {
                    Direction::Up => keyed.sort_unstable(),
                    Direction::Down => {
                        keyed.sort_unstable_by(|a, b| descending(&a.0, &b.0).then(a.1.cmp(&b.1)))
                    }
                }
                self.base = keyed.into_iter().map(|(_, row)| row).collect();
            }
        }
        self.refilter();
    }

    /// Takes the rows that the filter lets through.
    pub fn set_matches(&mut self, matches: Option<Ticks>) {
        self.matches = matches;
        self.refilter();
    }

    fn refilter(&mut self) {
        let current = self.current();
        match &self.matches {
            None => self.order.clone_from(&self.base),
            Some(matches) => {
                self.order.clear();
                self.order.extend(self.base.iter().copied().filter(|row| matches.has(*row)));
            }
        }
        self.go_to_row(current);
    }

    /// Puts the cursor on a row if it is shown, else leaves it at its position.
    pub fn go_to_row(&mut self, row: Option<u32>) {
        if let Some(row) = row
            && let Some(position) = self.position_of(row)
        {
            self.cursor = position;
        }
        self.cursor = self.cursor.min(self.order.len().saturating_sub(1));
    }

    /// Puts the cursor on a row if it is shown, else at a position.
    pub fn go_to_row_or(&mut self, row: Option<u32>, position: usize) {
        let position = row.and_then(|row| self.position_of(row)).unwrap_or(position);
        self.cursor = position.min(self.order.len().saturating_sub(1));
    }

    fn position_of(&self, row: u32) -> Option<usize> {
        if self.order.get(self.cursor) == Some(&row) {
            return Some(self.cursor);
        }
        self.order.iter().position(|r| *r == row)
    }

    /// Moves the cursor; it stops at the ends.
    pub fn go(&mut self, step: Move, columns: usize) {
        let last = self.order.len().saturating_sub(1);
        let page = self.height.saturating_sub(1).max(1);
        let half = (self.height / 2).max(1);
        let rows = |cursor: usize, by: usize, down: bool| {
            if down { (cursor + by).min(last) } else { cursor.saturating_sub(by) }
        };
        match step {
            Move::Up => self.cursor = rows(self.cursor, 1, false),
            Move::Down => self.cursor = rows(self.cursor, 1, true),
            Move::PageUp => self.cursor = rows(self.cursor, page, false),
            Move::PageDown => self.cursor = rows(self.cursor, page, true),
            Move::HalfUp => self.cursor = rows(self.cursor, half, false),
            Move::HalfDown => self.cursor = rows(self.cursor, half, true),
            Move::Top => self.cursor = 0,
            Move::Bottom => self.cursor = last,
            Move::Left => self.column = self.column.saturating_sub(1),
            Move::Right => self.column = (self.column + 1).min(columns.saturating_sub(1)),
        }
    }

    /// The rows from the anchor to the cursor, in the order shown; only the cursor's without an anchor.
    #[must_use]
    pub fn range(&self) -> &[u32] {
        let anchor = self.anchor.and_then(|row| self.position_of(row)).unwrap_or(self.cursor);
        let (from, to) = (anchor.min(self.cursor), anchor.max(self.cursor));
        self.order.get(from..=to).unwrap_or_default()
    }

    /// Whether a position in the order lies in the range that is being chosen.
    #[must_use]
    pub fn range_positions(&self) -> Option<(usize, usize)> {
        let anchor = self.position_of(self.anchor?)?;
        Some((anchor.min(self.cursor), anchor.max(self.cursor)))
    }

    /// Ticks every row that is shown.
    pub fn tick_shown(&mut self) {
        for row in &self.order {
            self.ticks.set(*row, true);
        }
    }

    /// Turns every shown row's tick round.
    pub fn invert_shown(&mut self) {
        for row in &self.order {
            let ticked = self.ticks.has(*row);
            self.ticks.set(*row, !ticked);
        }
    }

    /// How many ticked rows are not shown.
    #[must_use]
    pub fn hidden_ticks(&self) -> usize {
        if self.ticks.count() == 0 {
            return 0;
        }
        self.ticks.count() - self.order.iter().filter(|row| self.ticks.has(**row)).count()
    }

    /// Puts the cursor on the next (or previous) shown row of a set, going round at the ends; false where there is none.
    pub fn go_to_match(&mut self, found: &Ticks, forward: bool) -> bool {
        let count = self.order.len();
        for step in 1..=count {
            let position =
                if forward { (self.cursor + step) % count } else { (self.cursor + count - step) % count };
            if found.has(self.order[position]) {
                self.cursor = position;
                return true;
            }
        }
        false
    }
}

/// Largest first, but rows without a value stay behind the others.
fn descending(a: &SortKey, b: &SortKey) -> std::cmp::Ordering {
    match (a, b) {
        (SortKey::Missing, _) | (_, SortKey::Missing) => a.cmp(b),
        _ => b.cmp(a),
    }
}
