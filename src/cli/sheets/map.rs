//! `sheets map` and `sheets mappings`.

use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::json;

use super::super::Desk;
use super::super::arguments::MapArguments;
use super::super::failure::{Exit, Failure};
use super::super::table::Table;
use super::import::reviewed;
use crate::domain::money::Currency;
use crate::domain::price_sheet::{Field, Mapping, PriceBasis};
use crate::domain::text::counted;
use crate::jobs::sheets::{self, From, SheetJobError};

#[derive(Serialize)]
struct Item {
    name: String,
    #[serde(flatten)]
    mapping: Mapping,
}

pub(super) fn list(desk: &Desk) -> Result<Exit, Failure> {
    let mappings = sheets::mappings(&desk.store)?;
    let items: Vec<Item> = mappings.into_iter().map(|(name, mapping)| Item { name, mapping }).collect();
    desk.output.list(&items, table)?;
    Ok(Exit::Done)
}

fn table(items: &[Item]) -> Table {
    let mut table = Table::new(
        &["NAME", "PRICES", "CURRENCY", "MARKET", "COLUMNS"],
        "no mappings yet; cspdeck sheets map FILE --save NAME \"COLUMN=FIELD\".. saves one",
    );
    for Item { name, mapping } in items {
        let columns: Vec<String> =
            mapping.columns.iter().map(|(heading, field)| format!("{heading}={}", field.name())).collect();
        let basis = match mapping.basis {
            PriceBasis::Term => "for the term",
            PriceBasis::Month => "for a month",
        };
        table.row([
            name.clone(),
            basis.to_owned(),
            mapping.currency.map_or_else(String::new, |currency| currency.to_string()),
            mapping.market.clone().unwrap_or_default(),
            columns.join(", "),
        ]);
    }
    table
}

pub(super) fn remove(desk: &Desk, name: &str) -> Result<Exit, Failure> {
    sheets::remove_mapping(&desk.store, name)?;
    desk.output.document(&json!({ "removed": name }), &[format!("{name} is removed")])?;
    Ok(Exit::Done)
}

/// Saves a mapping that its example can be read by.
pub(super) fn save(desk: &Desk, arguments: &MapArguments) -> Result<Exit, Failure> {
    let mapping = Mapping {
        columns: arguments.columns.iter().map(|pair| column(pair)).collect::<Result<_, _>>()?,
        basis: arguments.basis.into(),
        currency: match &arguments.currency {
            Some(code) => Some(Currency::parse(code).map_err(|error| Failure::wrong_use(error.to_string()))?),
            None => None,
        },
        market: arguments.market.as_deref().map(|market| market.trim().to_ascii_uppercase()),
    };
    mapping.check().map_err(SheetJobError::from)?;
    let review = reviewed(desk, From::File(arguments.file.clone()), Some(mapping.clone()), Decimal::TEN)?;
    sheets::save_mapping(&desk.store, &arguments.save, &mapping)?;
    let name = arguments.save.trim();
    let document = json!({
        "name": name,
        "rows": review.facts.rows,
        "skipped_count": review.skipped_count,
        "layout": review.facts.layout.name(),
    });
    let rows = counted(review.facts.rows, "row");
    let lines = [
        format!("{}: {rows} read by it, {} left out", review.file, review.skipped_count),
        format!("saved as {name}; cspdeck sheets import FILE --name NAME --mapping \"{name}\" uses it"),
    ];
    desk.output.document(&document, &lines)?;
    Ok(Exit::Done)
}

fn column(pair: &str) -> Result<(String, Field), Failure> {
    let wrong = |why: String| {
        let fields: Vec<&str> = Field::ALL.iter().map(|field| field.name()).collect();
        Failure::wrong_use(format!("{why}; fields are {}", fields.join(", ")))
    };
    // A heading may have the sign in it, a field's name has not.
    let (heading, field) = pair
        .rsplit_once('=')
        .ok_or_else(|| wrong(format!("\"{pair}\" is no mapping: COLUMN=FIELD is expected")))?;
    let field = field.trim();
    let found = Field::ALL.iter().find(|known| known.name().eq_ignore_ascii_case(field));
    let found = found.ok_or_else(|| wrong(format!("there is no field \"{field}\"")))?;
    Ok((heading.trim().to_owned(), *found))
}
