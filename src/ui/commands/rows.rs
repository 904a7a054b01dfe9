//! Keys of every grid.

use super::Context::Rows;
use super::{Command, command};
use crate::ui::action::Action;
use crate::ui::widgets::grid::Move;

pub(super) const COMMANDS: &[Command] = &[
    command(Rows, Action::Tick, &["Space"], "tick", "tick or untick the row, or the chosen range", Some(10)),
    command(
        Rows,
        Action::Range,
        &["v"],
        "range",
        "begin a range at this row; Space ticks it, Esc ends it",
        Some(20),
    ),
    command(Rows, Action::TickShown, &["a"], "all", "tick all rows that the filter shows", Some(21)),
    command(
        Rows,
        Action::InvertShown,
        &["i"],
        "invert",
        "turn round the ticks of all rows that the filter shows",
        None,
    ),
    command(
        Rows,
        Action::ClearTicks,
        &["c"],
        "clear",
        "take every tick of this grid away (u brings them back)",
        None,
    ),
    command(Rows, Action::Filter, &["/"], "filter", "show only rows that hold what you type", Some(22)),
    command(Rows, Action::Sort, &["s"], "sort", "sort by this column, or no longer", None),
    command(Rows, Action::SortDirection, &["S"], "direction", "turn the sort round", None),
    command(Rows, Action::NextMatch, &["n"], "next match", "the next row that holds the filter's text", None),
    command(
        Rows,
        Action::PreviousMatch,
        &["N"],
        "previous match",
        "the previous row that holds the filter's text",
        None,
    ),
    command(Rows, Action::Undo, &["u"], "undo", "undo the last edit or tick", Some(26)),
    command(Rows, Action::Redo, &["Ctrl-R"], "redo", "do again what was undone", None),
    command(Rows, Action::Export, &["x"], "export", "write what is shown to an XLSX or CSV file", None),
    command(
        Rows,
        Action::CopyCell,
        &["y"],
        "copy",
        "copy the cell to your terminal's clipboard (OSC 52)",
        None,
    ),
    command(Rows, Action::Go(Move::Down), &["j", "Down"], "down", "a row down", None),
    command(Rows, Action::Go(Move::Up), &["k", "Up"], "up", "a row up", None),
    command(Rows, Action::Go(Move::Left), &["h", "Left"], "left", "a column to the left", None),
    command(Rows, Action::Go(Move::Right), &["l", "Right"], "right", "a column to the right", None),
    command(Rows, Action::Go(Move::Top), &["g", "Home"], "first", "the first row", None),
    command(Rows, Action::Go(Move::Bottom), &["G", "End"], "last", "the last row", None),
    command(Rows, Action::Go(Move::PageDown), &["PgDn"], "page down", "a page down", None),
    command(Rows, Action::Go(Move::PageUp), &["PgUp"], "page up", "a page up", None),
    command(Rows, Action::Go(Move::HalfDown), &["Ctrl-D"], "half down", "half a page down", None),
    command(Rows, Action::Go(Move::HalfUp), &["Ctrl-U"], "half up", "half a page up", None),
];
