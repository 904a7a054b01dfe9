//! Keys of the tab Plans, beside those of its grids, and of the forms on top of it.

use super::Context::{ManyPlans, PlanForm, Plans, Reprice};
use super::{Command, command};
use crate::ui::action::Action;
use crate::ui::widgets::grid::Move;

pub(super) const COMMANDS: &[Command] = &[
    command(
        Plans,
        Action::NewPlan,
        &["p"],
        "new plan",
        "a new plan, of the offer under the cursor",
        Some(11),
    ),
    command(
        Plans,
        Action::ManyPlans,
        &["m"],
        "many",
        "plans of all ticked offers at once, with one margin (shows what will be made first)",
        Some(14),
    ),
    command(
        Plans,
        Action::ChooseSheet,
        &["o"],
        "sheet",
        "choose the price sheet whose offers are shown",
        Some(15),
    ),
    command(
        Plans,
        Action::Reprice,
        &["R"],
        "reprice",
        "work the ticked plans out anew from another price sheet (shows what changes first)",
        Some(16),
    ),
    command(
        Plans,
        Action::UndoReprice,
        &["U"],
        "undo reprice",
        "put back the plans of the last reprice (asks first)",
        None,
    ),
    command(
        Plans,
        Action::Remove,
        &["d"],
        "remove",
        "remove the ticked plans, or this one (asks first; not while services are sold under it)",
        None,
    ),
    command(Plans, Action::Zoom, &["z"], "zoom", "this grid alone, or both", Some(25)),
    command(Plans, Action::NextPane, &["Tab"], "other grid", "the other grid", Some(23)),
    command(Plans, Action::PreviousPane, &["S-Tab"], "other grid", "the other grid", None),
];

pub(super) const FORM: &[Command] = &[
    command(PlanForm, Action::Go(Move::Down), &["Down", "Tab"], "next", "the next field", Some(1)),
    command(PlanForm, Action::Go(Move::Up), &["Up", "S-Tab"], "previous", "the previous field", None),
    command(
        PlanForm,
        Action::EditCell,
        &["Enter"],
        "choose",
        "choose from a list, or go on to the next field; on Save, save",
        Some(2),
    ),
    command(
        PlanForm,
        Action::Tick,
        &["Space"],
        "tick",
        "sell this billing cycle, or not (in a text, a space)",
        Some(3),
    ),
    command(
        PlanForm,
        Action::Go(Move::Right),
        &["Right"],
        "set a price",
        "to the cycle's order and renewal price: digits set it by hand, emptied it follows the margin",
        Some(4),
    ),
    command(PlanForm, Action::Go(Move::Left), &["Left"], "back to tick", "to the cycle's tick", None),
    command(PlanForm, Action::Go(Move::PageDown), &["PgDn"], "page down", "a page of cycles down", None),
    command(PlanForm, Action::Go(Move::PageUp), &["PgUp"], "page up", "a page of cycles up", None),
    command(PlanForm, Action::Save, &["Ctrl-S"], "save", "save the plan", Some(5)),
    command(PlanForm, Action::Close, &["Esc"], "leave", "leave (asks if something was typed)", Some(6)),
];

pub(super) const MANY: &[Command] = &[
    command(ManyPlans, Action::Accept, &["y"], "create", "make them, in one transaction", Some(1)),
    command(ManyPlans, Action::NextPane, &["Tab"], "next field", "the other margin (Tier 2)", Some(3)),
    command(ManyPlans, Action::Rounding, &["r"], "rounding", "the next rounding rule", Some(4)),
    command(
        ManyPlans,
        Action::Duplicates,
        &["d"],
        "duplicates",
        "make plans also of what a plan sells already, or not",
        Some(5),
    ),
    command(ManyPlans, Action::Go(Move::Down), &["j", "Down"], "down", "a line down", None),
    command(ManyPlans, Action::Go(Move::Up), &["k", "Up"], "up", "a line up", None),
    command(ManyPlans, Action::Go(Move::PageDown), &["PgDn"], "page down", "a page down", None),
    command(ManyPlans, Action::Go(Move::PageUp), &["PgUp"], "page up", "a page up", None),
    command(ManyPlans, Action::Close, &["Esc", "q"], "back", "back, nothing is made", Some(6)),
];

pub(super) const REPRICE: &[Command] = &[
    command(Reprice, Action::Accept, &["y"], "reprice", "write all of it, in one transaction", Some(1)),
    command(Reprice, Action::Keep, &["m"], "keep", "keep the margin, or keep the price", Some(2)),
    command(Reprice, Action::ShowRows, &["l"], "rows", "list every price, or only what changes", Some(3)),
    command(Reprice, Action::Go(Move::Down), &["j", "Down"], "down", "a line down", Some(4)),
    command(Reprice, Action::Go(Move::Up), &["k", "Up"], "up", "a line up", None),
    command(Reprice, Action::Go(Move::PageDown), &["PgDn"], "page down", "a page down", None),
    command(Reprice, Action::Go(Move::PageUp), &["PgUp"], "page up", "a page up", None),
    command(Reprice, Action::Close, &["Esc", "q"], "back", "back, nothing is written", Some(5)),
];
