//! `sheets list`.

use jiff::Timestamp;
use serde::Serialize;

use super::super::Desk;
use super::super::failure::{Exit, Failure};
use super::super::table::Table;
use crate::domain::text::thousands;
use crate::jobs::sheets::{self, SheetSummary};

#[derive(Serialize)]
struct Item<'a> {
    name: &'a str,
    layout: &'static str,
    #[serde(skip)]
    layout_words: String,
    rows: usize,
    currencies: &'a [String],
    markets: &'a [String],
    segments: &'a [String],
    month: Option<&'a str>,
    first_start: Option<Timestamp>,
    last_start: Option<Timestamp>,
    last_end: Option<Timestamp>,
    sheets: &'a [String],
    file: &'a str,
    bytes: u64,
    sha256: &'a str,
    skipped: usize,
    notes: &'a [String],
    /// The names of the plans that take their costs from it.
    plans: &'a [String],
    revision: u64,
    updated_by: &'a str,
    updated_at: Timestamp,
}

pub(super) fn list(desk: &Desk) -> Result<Exit, Failure> {
    let sheets = sheets::list(&desk.store)?;
    let items: Vec<Item<'_>> = sheets.iter().map(item).collect();
    desk.output.list(&items, table)?;
    Ok(Exit::Done)
}

fn item(summary: &SheetSummary) -> Item<'_> {
    let (record, facts) = (&summary.record.value, &summary.record.value.facts);
    Item {
        name: &record.name,
        layout: facts.layout.name(),
        layout_words: facts.layout.to_string(),
        rows: facts.rows,
        currencies: &facts.currencies,
        markets: &facts.markets,
        segments: &facts.segments,
        month: facts.month.as_deref(),
        first_start: facts.first_start,
        last_start: facts.last_start,
        last_end: facts.last_end,
        sheets: &facts.sheets,
        file: &record.file,
        bytes: record.bytes,
        sha256: &record.sha256,
        skipped: record.skipped,
        notes: &record.notes,
        plans: &summary.plans,
        revision: summary.record.revision,
        updated_by: &summary.record.updated_by,
        updated_at: summary.record.updated_at,
    }
}

fn table(items: &[Item<'_>]) -> Table {
    let mut table = Table::new(
        &["NAME", "LAYOUT", ">ROWS", "MARKET", "CURRENCY", "MONTH", ">PLANS", "IMPORTED (UTC)", "BY", "FILE"],
        "no price sheets yet; cspdeck sheets import FILE --name NAME reads one",
    );
    for item in items {
        table.row([
            item.name.to_owned(),
            item.layout_words.clone(),
            thousands(item.rows),
            item.markets.join(" "),
            item.currencies.join(" "),
            item.month.unwrap_or("-").to_owned(),
            item.plans.len().to_string(),
            item.updated_at.strftime("%F %H:%M").to_string(),
            item.updated_by.to_owned(),
            item.file.to_owned(),
        ]);
    }
    table
}
