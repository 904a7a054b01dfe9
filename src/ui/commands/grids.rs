//! Keys of every grid.

use super::Context::Grids;
use super::{Command, command};
use crate::ui::action::Action;
use crate::ui::widgets::grid::Move;

pub(super) const COMMANDS: &[Command] = &[
    command(Grids, Action::Tick, &["Space"], "tick", "tick or untick the row, or the chosen range", Some(10)),
    command(
        Grids,
        Action::Range,
        &["v"],
        "range",
        "begin a range at this row; Space ticks it, Esc ends it",
        Some(20),
    ),
    command(Grids, Action::TickShown, &["a"], "all", "tick all rows that the filter shows", Some(21)),
    command(
        Grids,
        Action::InvertShown,
        &["i"],
        "invert",
        "turn round the ticks of all rows that the filter shows",
        None,
    ),
    command(
        Grids,
        Action::ClearTicks,
        &["c"],
        "clear",
        "take every tick of this grid away (u brings them back)",
        None,
    ),
    command(Grids, Action::Filter, &["/"], "filter", "show only rows that hold what you type", Some(22)),
    command(Grids, Action::EditCell, &["e", "Enter"], "edit", "edit the cell", Some(12)),
    command(Grids, Action::SetColumn, &["="], "set all", "set this column for all ticked rows", Some(13)),
    command(Grids, Action::Sort, &["s"], "sort", "sort by this column, or no longer", None),
    command(Grids, Action::SortDirection, &["S"], "direction", "turn the sort round", None),
    command(
        Grids,
        Action::NextMatch,
        &["n"],
        "next match",
        "the next row that holds the filter's text",
        None,
    ),
    command(
        Grids,
        Action::PreviousMatch,
        &["N"],
        "previous match",
        "the previous row that holds the filter's text",
        None,
    ),
    command(Grids, Action::Undo, &["u"], "undo", "undo the last edit or tick", Some(26)),
    command(Grids, Action::Redo, &["Ctrl-R"], "redo", "do again what was undone", None),
    command(Grids, Action::Export, &["x"], "export", "write what is shown to an XLSX or CSV file", None),
    command(
        Grids,
        Action::CopyCell,
        &["y"],
        "copy",
        "copy the cell to your terminal's clipboard (OSC 52)",
        None,
    ),
    command(Grids, Action::Go(Move::Down), &["j", "Down"], "down", "a row down", None),
    command(Grids, Action::Go(Move::Up), &["k", "Up"], "up", "a row up", None),
    command(Grids, Action::Go(Move::Left), &["h", "Left"], "left", "a column to the left", None),
    command(Grids, Action::Go(Move::Right), &["l", "Right"], "right", "a column to the right", None),
    command(Grids, Action::Go(Move::Top), &["g", "Home"], "first", "the first row", None),
    command(Grids, Action::Go(Move::Bottom), &["G", "End"], "last", "the last row", None),
    command(Grids, Action::Go(Move::PageDown), &["PgDn"], "page down", "a page down", None),
    command(Grids, Action::Go(Move::PageUp), &["PgUp"], "page up", "a page up", None),
    command(Grids, Action::Go(Move::HalfDown), &["Ctrl-D"], "half down", "half a page down", None),
    command(Grids, Action::Go(Move::HalfUp), &["Ctrl-U"], "half up", "half a page up", None),
];
