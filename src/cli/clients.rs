//! `clients list`: customers at Microsoft and clients under management, joined.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use super::Desk;
use super::failure::{Exit, Failure};
use super::table::Table;
use crate::domain::money::Currency;
use crate::domain::portfolio::ClientRow;
use crate::domain::values;
use crate::jobs::portfolio;

/// A row of the clients grid without drafts.
#[derive(Serialize)]
struct Item {
    id: String,
    name: String,
    domain: Option<String>,
    email: Option<String>,
    country: Option<String>,
    city: Option<String>,
    mpn_id: Option<String>,
    username: Option<String>,
    currency: Option<Currency>,
    reg_date: Option<Date>,
    status: String,
    managed: bool,
    at_microsoft: bool,
    /// How many services and subscriptions it has.
    services: usize,
    revision: Option<u64>,
    updated_by: Option<String>,
    updated_at: Option<Timestamp>,
}

pub(super) fn list(desk: &Desk, managed: bool) -> Result<Exit, Failure> {
    let portfolio = portfolio::load(&desk.store)?.portfolio;
    let rows = portfolio.clients.iter().filter(|row| !managed || row.managed.is_some());
    let items: Vec<Item> = rows.map(item).collect();
    desk.output.list(&items, table)?;
    Ok(Exit::Done)
}

fn item(row: &ClientRow) -> Item {
    let values = values::of_client(row, None);
    let record = row.managed.as_deref();
    Item {
        id: row.id.to_string(),
        name: row.name.clone(),
        domain: filled(&row.domain),
        email: row.email.clone(),
        country: row.country.clone(),
        city: row.city.clone(),
        mpn_id: row.mpn_id.clone(),
        username: filled(&values.username),
        currency: values.currency,
        reg_date: values.registered_on,
        status: if record.is_some() { values.status.to_string() } else { "new".to_owned() },
        managed: record.is_some(),
        at_microsoft: row.at_microsoft,
        services: row.services.len(),
        revision: record.map(|r| r.revision),
        updated_by: record.map(|r| r.updated_by.clone()),
        updated_at: record.map(|r| r.updated_at),
    }
}

fn filled(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn table(items: &[Item]) -> Table {
    let mut table = Table::new(
        &["NAME", "DOMAIN", "MPN", "CUR", "REG. DATE", "STATUS", ">SERVICES", "ID"],
        "no clients yet; cspdeck csp pull requests the CSP data",
    );
    let or_dash = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
    for item in items {
        table.row([
            item.name.clone(),
            or_dash(item.domain.clone()),
            or_dash(item.mpn_id.clone()),
            or_dash(item.currency.map(|c| c.to_string())),
            or_dash(item.reg_date.map(|d| d.to_string())),
            item.status.clone(),
            item.services.to_string(),
            item.id.clone(),
        ]);
    }
    table
}
