//! Keys of the list of jobs.

use super::Context::Jobs;
use super::{Command, command};
use crate::ui::action::Action;
use crate::ui::widgets::grid::Move;

pub(super) const COMMANDS: &[Command] = &[
    command(Jobs, Action::Go(Move::Down), &["j", "Down"], "down", "a line down", None),
    command(Jobs, Action::Go(Move::Up), &["k", "Up"], "up", "a line up", None),
    command(Jobs, Action::Go(Move::PageDown), &["PgDn"], "failures down", "a page of failures down", None),
    command(Jobs, Action::Go(Move::PageUp), &["PgUp"], "failures up", "a page of failures up", None),
    command(
        Jobs,
        Action::EditCell,
        &["Enter"],
        "whole text",
        "all that the job says, nothing cut: its end, and each failure with its reason and ids",
        None,
    ),
    command(
        Jobs,
        Action::CancelJob,
        &["c"],
        "cancel",
        "cancel the running job; what it has done stays for resuming",
        Some(1),
    ),
    command(Jobs, Action::Resume, &["r"], "resume", "go on with an interrupted job", Some(2)),
    command(
        Jobs,
        Action::Retry,
        &["f"],
        "retry failed",
        "do again only what failed: customers that could not be read, or not be given the consent",
        Some(3),
    ),
    command(
        Jobs,
        Action::Drop,
        &["d"],
        "drop",
        "give an interrupted job up and forget what it has read",
        Some(4),
    ),
    command(Jobs, Action::Close, &["Esc", "q"], "back", "back", Some(5)),
];
