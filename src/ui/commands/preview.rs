//! Keys of the preview of Update.

use super::Context::Preview;
use super::{Command, command};
use crate::ui::action::Action;
use crate::ui::widgets::grid::Move;

pub(super) const COMMANDS: &[Command] = &[
    command(Preview, Action::Accept, &["y"], "update", "write all of it, in one transaction", Some(1)),
    command(Preview, Action::ShowRows, &["l"], "rows", "list every row, or the summary again", Some(2)),
    command(Preview, Action::Go(Move::Down), &["j", "Down"], "down", "a line down", Some(3)),
    command(Preview, Action::Go(Move::Up), &["k", "Up"], "up", "a line up", None),
    command(Preview, Action::Go(Move::PageDown), &["PgDn"], "page down", "a page down", None),
    command(Preview, Action::Go(Move::PageUp), &["PgUp"], "page up", "a page up", None),
    command(
        Preview,
        Action::EditCell,
        &["Enter"],
        "conflict",
        "settle the conflict on this line: keep yours or take theirs",
        Some(4),
    ),
    command(Preview, Action::Close, &["Esc", "q"], "back", "back, nothing is written", Some(5)),
];
