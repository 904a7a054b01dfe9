//! Keys of Price Sheets, beside those of its grids.

use super::Context::Sheets;
use super::{Command, command};
use crate::ui::action::Action;

pub(super) const COMMANDS: &[Command] = &[
    command(
        Sheets,
        Action::EditCell,
        &["Enter", "e"],
        "open",
        "open the sheet under the cursor; of a row show all that it says",
        Some(12),
    ),
    command(
        Sheets,
        Action::Import,
        &["I"],
        "import",
        "import a price sheet from a file (shows what it holds first)",
        Some(11),
    ),
    command(
        Sheets,
        Action::Fetch,
        &["F"],
        "fetch",
        "fetch a market's price sheet from Partner Center (shows what it holds first)",
        Some(14),
    ),
    command(
        Sheets,
        Action::Compare,
        &["C"],
        "compare",
        "compare the two ticked sheets, or the one under the cursor with the one before it",
        Some(13),
    ),
    command(
        Sheets,
        Action::Remove,
        &["d"],
        "remove",
        "remove the sheet under the cursor (asks first)",
        Some(16),
    ),
    command(
        Sheets,
        Action::Scope,
        &["o"],
        "show",
        "of an open sheet all rows or those valid today; of a comparison all differences or those of one kind",
        Some(15),
    ),
];
