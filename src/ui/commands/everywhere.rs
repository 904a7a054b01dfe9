//! Keys that work on every tab.

use super::Context::Everywhere;
use super::{Command, command};
use crate::ui::action::{Action, Tab};

pub(super) const COMMANDS: &[Command] = &[
    command(Everywhere, Action::Tab(Tab::Settings), &["1"], "Settings", "the tab Settings", None),
    command(Everywhere, Action::Tab(Tab::PriceSheets), &["2"], "Price Sheets", "the tab Price Sheets", None),
    command(Everywhere, Action::Tab(Tab::Plans), &["3"], "Plans", "the tab Plans", None),
    command(
        Everywhere,
        Action::Tab(Tab::Migration),
        &["4"],
        "Data Migration",
        "the tab Data Migration",
        None,
    ),
    command(
        Everywhere,
        Action::Tab(Tab::Reconciliation),
        &["5"],
        "Reconciliation",
        "the tab Reconciliation",
        None,
    ),
    command(Everywhere, Action::Tab(Tab::Partners), &["6"], "Partners", "the tab Partners", None),
    command(
        Everywhere,
        Action::Tab(Tab::Requests),
        &["7"],
        "Migration Requests",
        "the tab Migration Requests",
        None,
    ),
    command(Everywhere, Action::Tab(Tab::Activity), &["8"], "Activity", "the tab Activity", None),
    command(Everywhere, Action::NextTab, &["]"], "next tab", "the next tab", None),
    command(Everywhere, Action::PreviousTab, &["["], "previous tab", "the previous tab", None),
    command(Everywhere, Action::Help, &["?"], "help", "every key that works here", Some(90)),
    command(Everywhere, Action::Palette, &[":"], "palette", "find a command by its name", None),
    command(
        Everywhere,
        Action::Jobs,
        &["J"],
        "jobs",
        "running and ended jobs: cancel, resume, retry what failed",
        None,
    ),
    command(
        Everywhere,
        Action::Leave,
        &["q", "Ctrl-C"],
        "leave",
        "close the top layer, or leave (asks if something would be lost)",
        Some(95),
    ),
    command(
        Everywhere,
        Action::Close,
        &["Esc"],
        "close",
        "close the top layer; end a range; take the filter away",
        None,
    ),
    command(
        Everywhere,
        Action::Suspend,
        &["Ctrl-Z"],
        "suspend",
        "suspend the program, as in any shell; fg brings it back",
        None,
    ),
];
