//! Keys of the preview of an import.

use super::Context::Review;
use super::{Command, command};
use crate::ui::action::Action;
use crate::ui::widgets::grid::Move;

pub(super) const COMMANDS: &[Command] = &[
    command(Review, Action::Accept, &["y"], "keep", "keep the sheet, under a name", Some(1)),
    command(Review, Action::Go(Move::Down), &["j", "Down"], "down", "a line down", Some(2)),
    command(Review, Action::Go(Move::Up), &["k", "Up"], "up", "a line up", None),
    command(Review, Action::Go(Move::PageDown), &["PgDn"], "page down", "a page down", None),
    command(Review, Action::Go(Move::PageUp), &["PgUp"], "page up", "a page up", None),
    command(Review, Action::EditCell, &["Enter"], "in full", "the line in full", Some(3)),
    command(Review, Action::Close, &["Esc", "q"], "back", "back, nothing is stored", Some(4)),
];
