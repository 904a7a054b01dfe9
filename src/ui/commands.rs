//! The one command table: key lookup, footer hints, `?` help, the `:` palette and the key list of the README all come from it.

use super::action::{Action, Tab};
use super::keys::Key;
use super::widgets::grid::Move;

/// Where a command's keys work. A layer on top has its own context and hides those below, except for [`Context::Everywhere`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Context {
    /// On every tab while no layer is open.
    Everywhere,
    /// In the two grids of Data Migration.
    Grids,
    /// In the preview of Update.
    Preview,
    /// In the list of jobs.
    Jobs,
}

/// One command.
#[derive(Debug)]
pub struct Command {
    /// What it does.
    pub action: Action,
    /// Where.
    pub context: Context,
    /// Its keys; the first is the one that hints show.
    pub keys: &'static [&'static str],
    /// One or two words, for hints and the palette.
    pub title: &'static str,
    /// One line, for the help.
    pub help: &'static str,
    /// Hints show commands that have a number, smallest first, as far as they fit.
    pub hint: Option<u8>,
}

const fn command(
    context: Context,
    action: Action,
    keys: &'static [&'static str],
    title: &'static str,
    help: &'static str,
    hint: Option<u8>,
) -> Command {
    Command { action, context, keys, title, help, hint }
}

use Context::{Everywhere, Grids, Jobs, Preview};

/// Every command.
pub const COMMANDS: &[Command] = &[
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
    command(
        Grids,
        Action::Propose,
        &["m"],
        "plans",
        "take the proposed plans (~) for the ticked rows, or for this one",
        Some(14),
    ),
    command(
        Grids,
        Action::Request,
        &["r"],
        "request",
        "Request CSP data: read customers and subscriptions from Partner Center (asks first)",
        Some(15),
    ),
    command(
        Grids,
        Action::Save,
        &["Ctrl-S"],
        "Update",
        "bring the ticked rows under management (shows what will happen first)",
        Some(11),
    ),
    command(
        Grids,
        Action::Scope,
        &["o"],
        "services of",
        "services of the client under the cursor, of the ticked clients, of all",
        Some(24),
    ),
    command(Grids, Action::Zoom, &["z"], "zoom", "this grid alone, or both", Some(25)),
    command(Grids, Action::NextPane, &["Tab"], "other grid", "the other grid", Some(23)),
    command(Grids, Action::PreviousPane, &["S-Tab"], "other grid", "the other grid", None),
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
        "cancel the running job; what it has read stays for resuming",
        Some(1),
    ),
    command(Jobs, Action::Resume, &["r"], "resume", "go on with an interrupted job", Some(2)),
    command(
        Jobs,
        Action::Retry,
        &["f"],
        "retry failed",
        "read again only the customers that failed",
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

/// What a key means in a context, `Everywhere` included where the context allows it.
#[must_use]
pub fn lookup(context: Context, key: Key) -> Option<Action> {
    let named = |c: &&Command| c.keys.iter().any(|name| Key::named(name) == Some(key));
    let own = COMMANDS.iter().filter(|c| c.context == context).find(named);
    let inherited = || {
        COMMANDS
            .iter()
            .filter(|c| c.context == Everywhere && matches!(context, Everywhere | Grids))
            .find(named)
    };
    own.or_else(inherited).map(|c| c.action)
}

/// The commands that work in a context, own ones first.
pub fn available(context: Context) -> impl Iterator<Item = &'static Command> {
    let inherits = matches!(context, Grids);
    COMMANDS
        .iter()
        .filter(move |c| c.context == context)
        .chain(COMMANDS.iter().filter(move |c| inherits && c.context == Everywhere))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    #[test]
    fn every_key_is_known_and_means_one_thing_where_it_works() {
        for context in [Everywhere, Grids, Preview, Jobs] {
            let mut meaning: HashMap<Key, &Command> = HashMap::new();
            for command in available(context) {
                for name in command.keys {
                    let key = Key::named(name).unwrap_or_else(|| panic!("{name} is no key"));
                    if let Some(other) = meaning.insert(key, command) {
                        panic!(
                            "{name} means both {:?} and {:?} in {context:?}",
                            other.action, command.action
                        );
                    }
                    assert_eq!(lookup(context, key), Some(command.action));
                }
            }
        }
    }

    #[test]
    fn every_command_has_a_key_and_words() {
        for command in COMMANDS {
            assert!(!command.keys.is_empty() && !command.title.is_empty() && !command.help.is_empty());
        }
    }
}
