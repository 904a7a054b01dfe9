//! `sheets show`.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::super::Desk;
use super::super::arguments::ShowArguments;
use super::super::failure::{Exit, Failure};
use super::super::table::Table;
use super::item::{Item, Shape};
use crate::domain::price_sheet::{Field, PriceSheet, Row, RowKey, valid_at};
use crate::jobs::sheets;

pub(super) fn run(desk: &Desk, arguments: &ShowArguments) -> Result<Exit, Failure> {
    let at = arguments.on.as_deref().map(instant).transpose()?;
    let sheet = sheets::open(&desk.store, arguments.name.trim())?;
    let mut rows = filtered(&sheet, arguments.filter.as_deref().unwrap_or_default());
    if let Some(at) = at {
        rows = standing(&sheet, &rows, at);
    }
    let shape = Shape::of(&sheet);
    let items: Vec<Item<'_>> =
        rows.into_iter().filter_map(|row| Some(Item { row: sheet.row(row)?, shape: &shape })).collect();
    desk.output.list(&items, table)?;
    Ok(Exit::Done)
}

/// A day's first instant, or a time; UTC.
fn instant(text: &str) -> Result<Timestamp, Failure> {
    let text = text.trim();
    let day = || text.parse::<Date>().ok()?.to_zoned(TimeZone::UTC).ok().map(|day| day.timestamp());
    let time = text.parse::<Timestamp>().ok();
    time.or_else(day)
        .ok_or_else(|| Failure::wrong_use(format!("\"{text}\" is no date: 2026-11-01 is expected")))
}

/// Rows that hold every word, in any column and any case; an offer can be written as one word, `PRODUCT:SKU`.
fn filtered(sheet: &PriceSheet, filter: &str) -> Vec<usize> {
    let words: Vec<String> = filter.split_whitespace().map(str::to_lowercase).collect();
    // Each text of the sheet is looked at once.
    let holding: Vec<Vec<bool>> = words
        .iter()
        .map(|word| sheet.texts().iter().map(|(_, text)| text.to_lowercase().contains(word)).collect())
        .collect();
    let holds = |row: usize, word: &str, holding: &[bool]| {
        sheet.ids(row).iter().any(|id| holding.get(*id as usize) == Some(&true))
            || (word.contains(':')
                && sheet.row(row).is_some_and(|row| row.offer().to_string().to_lowercase().contains(word)))
    };
    (0..sheet.len())
        .filter(|row| words.iter().zip(&holding).all(|(word, holding)| holds(*row, word, holding)))
        .collect()
}

/// Of the rows for one and the same thing, the one that stands at an instant.
fn standing(sheet: &PriceSheet, rows: &[usize], at: Timestamp) -> Vec<usize> {
    let fields = sheet.layout().key_fields();
    let mut groups: HashMap<RowKey, Vec<Row<'_>>> = HashMap::new();
    for row in rows.iter().filter_map(|row| sheet.row(*row)) {
        groups.entry(row.key(fields)).or_default().push(row);
    }
    let mut standing: Vec<usize> =
        groups.into_values().filter_map(|rows| valid_at(rows, at)).map(Row::index).collect();
    standing.sort_unstable();
    standing
}

fn table(items: &[Item<'_>]) -> Table {
    let mut table = Table::new(
        &["PRODUCT", "OFFER", "CYCLE", "SEGMENT", "MARKET", ">PRICE", ">ERP", "FROM", "TO"],
        "no row is like that",
    );
    for Item { row, .. } in items {
        let text = |field| row.text(field).to_owned();
        let cycle = [Field::Term, Field::BillingPlan].map(|field| row.text(field));
        let day = |at: Option<Timestamp>| at.map_or_else(String::new, |at| at.strftime("%F").to_string());
        let money = |field| match (row.text(Field::Currency), row.text(field)) {
            (_, "") => String::new(),
            (currency, price) => format!("{currency} {price}"),
        };
        table.row([
            row.title(),
            row.offer().to_string(),
            cycle.into_iter().filter(|half| !half.is_empty()).collect::<Vec<_>>().join("/"),
            row.segment().to_owned(),
            text(Field::Market),
            money(Field::UnitPrice),
            money(Field::ErpPrice),
            day(row.effective_start()),
            day(row.effective_end()),
        ]);
    }
    table
}
