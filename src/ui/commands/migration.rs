//! Keys of Data Migration, beside those of its grids.

use super::Context::Migration;
use super::{Command, command};
use crate::ui::action::Action;

pub(super) const COMMANDS: &[Command] = &[
    command(
        Migration,
        Action::Propose,
        &["m"],
        "plans",
        "take the proposed plans (~) for the ticked rows, or for this one",
        Some(14),
    ),
    command(
        Migration,
        Action::PlanPrice,
        &["p"],
        "plan's price",
        "sell the ticked services, or this one, at their plan's present price; they keep the one they were sold at else",
        Some(27),
    ),
    command(
        Migration,
        Action::Request,
        &["r"],
        "request",
        "Request CSP data: read customers and subscriptions from Partner Center (asks first)",
        Some(15),
    ),
    command(
        Migration,
        Action::AppConsent,
        &["A"],
        "app consent",
        "give the app consent in the tenants of the ticked clients, or of this one (asks first)",
        Some(28),
    ),
    command(
        Migration,
        Action::Save,
        &["Ctrl-S"],
        "Update",
        "bring the ticked rows under management (shows what will happen first)",
        Some(11),
    ),
    command(
        Migration,
        Action::Scope,
        &["o"],
        "services of",
        "services of the client under the cursor, of the ticked clients, of all",
        Some(24),
    ),
    command(Migration, Action::Zoom, &["z"], "zoom", "this grid alone, or both", Some(25)),
    command(Migration, Action::NextPane, &["Tab"], "other grid", "the other grid", Some(23)),
    command(Migration, Action::PreviousPane, &["S-Tab"], "other grid", "the other grid", None),
];
