//! `clients list`: customers at Microsoft and clients under management, joined.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use super::Desk;
use super::failure::{Exit, Failure};
use super::table::Table;
use crate::domain::application_consent::ApplicationConsent;
use crate::domain::money::Currency;
use crate::domain::portfolio::{ClientRow, Portfolio};
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
    app_consent: Option<AppConsent>,
    revision: Option<u64>,
    updated_by: Option<String>,
    updated_at: Option<Timestamp>,
}

/// What is known of the app's consent in the tenant.
#[derive(Serialize)]
struct AppConsent {
    outcome: &'static str,
    at: Timestamp,
    by: String,
    grants: Option<String>,
    reason: Option<String>,
}

impl AppConsent {
    fn of(consent: &ApplicationConsent) -> Self {
        Self {
            outcome: consent.outcome.name(),
            at: consent.at,
            by: consent.by.clone(),
            grants: consent.grants.clone(),
            reason: consent.outcome.failure().map(str::to_owned),
        }
    }
}

/// The client of this id or domain.
pub(super) fn named<'a>(portfolio: &'a Portfolio, client: &str) -> Result<&'a ClientRow, Failure> {
    let wanted = client.trim();
    let found = portfolio
        .clients
        .iter()
        .find(|row| row.id.as_str().eq_ignore_ascii_case(wanted) || row.domain.eq_ignore_ascii_case(wanted));
    found.ok_or_else(|| {
        let message =
            format!("there is no client {wanted}: an id or a domain of cspdeck clients list is expected");
        Failure::new(Exit::Failed, "no_client", message)
    })
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
        app_consent: row.app_consent.as_deref().map(AppConsent::of),
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
