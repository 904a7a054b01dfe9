//! What looks wrong in a sheet before it is stored. Nothing here refuses a sheet: an operator decides.

use std::collections::BTreeMap;
use std::fmt;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::diff::{Kind, SheetDiff};
use super::field::Field;
use super::keys::Groups;
use super::layout::Layout;
use super::sheet::{Parsed, PriceSheet};
use super::{dates, numbers};
use crate::domain::cycle::{BillingPlan, Term};
use crate::domain::money::Currency;

/// Findings of one kind that are told one by one.
pub const TOLD_OF_A_KIND: usize = 200;

/// A kind of finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LintKind {
    /// The estimated retail price is below the partner's price.
    ErpBelowCost,
    /// Two rows for the same, valid at the same time, with different prices.
    DuplicateConflict,
    /// Two rows for the same, valid at the same time, with the same price.
    DuplicateIdentical,
    /// A term, billing plan, currency or change indicator that is not known.
    UnknownValue,
    /// A price moved by more than the limit against the older sheet.
    PriceJump,
    /// A row of the older sheet is gone.
    Withdrawn,
}

impl fmt::Display for LintKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::ErpBelowCost => "ERP below cost",
            Self::DuplicateConflict => "two prices for the same",
            Self::DuplicateIdentical => "same row twice",
            Self::UnknownValue => "unknown value",
            Self::PriceJump => "price jumped",
            Self::Withdrawn => "withdrawn",
        })
    }
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Its kind.
    pub kind: LintKind,
    /// The worksheet; empty for a text file.
    pub sheet: String,
    /// The row's number in the file, from 1; in the older sheet's file for a withdrawn row.
    pub row: u32,
    /// One sentence, from a capital letter to before the full stop. Not yet fit for a terminal: it quotes the file.
    pub text: String,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Lint {
    /// At most [`TOLD_OF_A_KIND`] of each kind, in the order of the file.
    pub findings: Vec<Finding>,
    /// How many there are of each kind.
    pub counts: BTreeMap<LintKind, usize>,
}

impl Lint {
    /// Whether nothing was found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    fn add(&mut self, kind: LintKind, (sheet, row): (&str, u32), text: impl FnOnce() -> String) {
        let count = self.counts.entry(kind).or_default();
        *count += 1;
        if *count <= TOLD_OF_A_KIND {
            self.findings.push(Finding { kind, sheet: sheet.to_owned(), row, text: text() });
        }
    }
}

/// An older sheet to hold a new one against.
#[derive(Debug, Clone, Copy)]
pub struct Against<'a> {
    /// The older sheet.
    pub older: &'a PriceSheet,
    /// The comparison of the two.
    pub diff: &'a SheetDiff,
    /// A price that moved by more than so many percent, up or down, is told.
    pub jump_percent: Decimal,
}

/// Looks a sheet through.
#[must_use]
pub fn lint(sheet: &PriceSheet, against: Option<Against<'_>>) -> Lint {
    let mut found = Lint::default();
    erp_below_cost(sheet, &mut found);
    duplicates(sheet, &mut found);
    unknown_values(sheet, &mut found);
    if let Some(against) = against {
        moved(sheet, against, &mut found);
    }
    found
}

/// What a row is, in a sentence: its title and its key.
fn named(sheet: &PriceSheet, row: usize) -> String {
    let Some(row) = sheet.row(row) else {
        return String::new();
    };
    let mut parts = vec![row.title()];
    parts.push(row.offer().to_string());
    for field in [Field::Term, Field::BillingPlan, Field::Segment, Field::Market, Field::Currency] {
        parts.push(row.text(field).to_owned());
    }
    parts.retain(|part| !part.is_empty());
    parts.join(" ")
}

fn erp_below_cost(sheet: &PriceSheet, found: &mut Lint) {
    let prices = sheet.parsed(Field::UnitPrice, numbers::decimal);
    let erps = sheet.parsed(Field::ErpPrice, numbers::decimal);
    for row in 0..sheet.len() {
        let ids = sheet.ids(row);
        if let (Some(price), Some(erp)) = (prices.of(ids), erps.of(ids))
            && erp < price
        {
            found.add(LintKind::ErpBelowCost, sheet.place(row), || {
                format!("ERP {erp} is below the price of {price}: {}", named(sheet, row))
            });
        }
    }
}

fn duplicates(sheet: &PriceSheet, found: &mut Lint) {
    let groups = Groups::of(sheet, sheet.layout().key_fields());
    let prices = sheet.parsed(Field::UnitPrice, numbers::decimal);
    let starts = sheet.parsed(Field::EffectiveStart, dates::start);
    let ends = sheet.parsed(Field::EffectiveEnd, dates::end);
    let start = |row: u32| starts.of(sheet.ids(row as usize)).copied();
    // The validity that lasts longest so far is the one that a later start may fall into.
    for first in &groups.firsts {
        let mut rows: Vec<u32> = groups.rows(*first).collect();
        if rows.len() < 2 {
            continue;
        }
        rows.sort_by_key(|row| start(*row));
        let mut longest: Option<(u32, Option<jiff::Timestamp>)> = None;
        for row in rows {
            let end = ends.of(sheet.ids(row as usize)).copied();
            if let Some((other, until)) = longest
                && until.is_none_or(|until| start(row).is_none_or(|start| start < until))
            {
                duplicate(sheet, &prices, other as usize, row as usize, found);
            }
            let lasts_longer = match (longest, end) {
                (None, _) | (_, None) => true,
                (Some((_, until)), Some(end)) => until.is_some_and(|until| until <= end),
            };
            if lasts_longer {
                longest = Some((row, end));
            }
        }
    }
    found.findings.sort_by_key(|finding| finding.kind);
}

fn duplicate(sheet: &PriceSheet, prices: &Parsed<Decimal>, one: usize, other: usize, found: &mut Lint) {
    let (first, second) = (one.min(other), one.max(other));
    let line = sheet.place(first).1;
    match (prices.of(sheet.ids(first)), prices.of(sheet.ids(second))) {
        (Some(was), Some(is)) if was != is => {
            found.add(LintKind::DuplicateConflict, sheet.place(second), || {
                format!("Costs {is}, but {was} in row {line}, at the same time: {}", named(sheet, second))
            });
        }
        _ => found.add(LintKind::DuplicateIdentical, sheet.place(second), || {
            format!("Stands in row {line} already: {}", named(sheet, second))
        }),
    }
}

fn unknown_values(sheet: &PriceSheet, found: &mut Lint) {
    for (field, what, is_known) in [
        (Field::Term, "term", is_known_term as fn(Layout, &str) -> bool),
        (Field::BillingPlan, "billing plan", |_, text| {
            text.is_empty() || !matches!(BillingPlan::from(text.to_owned()), BillingPlan::Other(_))
        }),
        (Field::Currency, "currency", |layout, text| {
            Currency::parse(text).is_ok() || (text.is_empty() && !layout.has_prices())
        }),
        (Field::Change, "change", |_, text| is_known_change(text)),
    ] {
        let Some(position) = sheet.position(field) else {
            continue;
        };
        let mut unknown: BTreeMap<u32, (usize, usize)> = sheet
            .unique(field)
            .into_iter()
            .filter(|id| !is_known(sheet.layout(), sheet.texts().get(*id)))
            .map(|id| (id, (0, 0)))
            .collect();
        if unknown.is_empty() {
            continue;
        }
        for row in (0..sheet.len()).rev() {
            if let Some((count, first)) = sheet.ids(row).get(position).and_then(|id| unknown.get_mut(id)) {
                (*count, *first) = (*count + 1, row);
            }
        }
        for (id, (count, first)) in unknown {
            found.add(LintKind::UnknownValue, sheet.place(first), || {
                let rows = crate::domain::text::counted(count, "row");
                format!("The {what} \"{}\" is not known; {rows} kept as they are", sheet.texts().get(id))
            });
        }
    }
}

fn is_known_term(layout: Layout, text: &str) -> bool {
    match layout {
        Layout::AzureConsumption | Layout::AzureReservations => {
            let text = text.to_ascii_lowercase();
            let years = text.trim_end_matches('s').strip_suffix("year").map(str::trim);
            text.starts_with("payg")
                || years.is_some_and(|n| n.parse::<u8>().is_ok())
                || Term::from(text.clone()).months().is_some()
                || Term::from(text.to_ascii_uppercase()).months().is_some()
        }
        _ => {
            text.eq_ignore_ascii_case("OneTime")
                || text.eq_ignore_ascii_case("NoTerm")
                || Term::from(text.to_owned()).months().is_some()
                || (text.is_empty() && (layout == Layout::Mapped || !layout.has_prices()))
        }
    }
}

fn is_known_change(text: &str) -> bool {
    const KNOWN: [&str; 17] = [
        "", "a", "c", "d", "u", "add", "added", "new", "chg", "change", "changed", "update", "updated",
        "del", "delete", "deleted", "removed",
    ];
    let text = text.to_ascii_lowercase();
    KNOWN.contains(&text.as_str()) || ["unc", "unchanged", "depr", "deprecated"].contains(&text.as_str())
}

fn moved(sheet: &PriceSheet, against: Against<'_>, found: &mut Lint) {
    for change in &against.diff.changes {
        match (change.old, change.new, change.percent) {
            (Some(old), Some(new), Some(percent)) if percent.abs() > against.jump_percent => {
                found.add(LintKind::PriceJump, sheet.place(new), || {
                    let price = |sheet: &PriceSheet, row| {
                        sheet.row(row).map_or("", |row| row.text(Field::UnitPrice)).to_owned()
                    };
                    let (was, is) = (price(against.older, old), price(sheet, new));
                    let sign = if percent.is_sign_positive() { "+" } else { "" };
                    format!("From {was} to {is} ({sign}{percent} %): {}", named(sheet, new))
                });
            }
            (Some(old), None, _) if change.kinds.has(Kind::Removed) => {
                found.add(LintKind::Withdrawn, against.older.place(old), || named(against.older, old));
            }
            _ => {}
        }
    }
}
