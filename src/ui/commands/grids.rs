//! Keys of grids whose cells are edited.

use super::Context::Grids;
use super::{Command, command};
use crate::ui::action::Action;

pub(super) const COMMANDS: &[Command] = &[
    command(Grids, Action::EditCell, &["e", "Enter"], "edit", "edit the cell", Some(12)),
    command(Grids, Action::SetColumn, &["="], "set all", "set this column for all ticked rows", Some(13)),
];
