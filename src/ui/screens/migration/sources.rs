//! Both grids' cells: the rows as they stand, with what was typed over them.

use std::borrow::Cow;

use jiff::civil::Date;

use crate::domain::money::grouped;
use crate::domain::portfolio::{ClientRow, Portfolio, ServiceRow};
use crate::domain::service::ServiceEdit;
use crate::domain::text::printable;
use crate::domain::values::NotPriced;
use crate::ui::messages::migration::{ClientColumn, ServiceColumn};
use crate::ui::widgets::grid::{Cell, Column, SearchIndex, SortKey, Source, Tone};

use super::columns::{CLIENTS, SERVICES_OF_MANY, SERVICES_OF_ONE};
use super::draft::Draft;

/// The clients grid.
pub struct Clients<'a> {
    /// The rows.
    pub portfolio: &'a Portfolio,
    /// What was typed.
    pub draft: &'a Draft,
}

/// The services grid.
pub struct Services<'a> {
    /// The rows.
    pub portfolio: &'a Portfolio,
    /// What was typed.
    pub draft: &'a Draft,
    /// Whether rows of several clients are shown.
    pub of_many: bool,
}

fn plain(text: Cow<'_, str>) -> Cell<'_> {
    Cell { text, tone: Tone::Plain }
}

fn none<'a>() -> Cell<'a> {
    Cell { text: Cow::Borrowed("-"), tone: Tone::Faint }
}

/// A value that may have been typed.
fn value<'a>(text: impl Into<Cow<'a, str>>, typed: bool) -> Cell<'a> {
    Cell { text: text.into(), tone: if typed { Tone::Edited } else { Tone::Plain } }
}

fn alert<'a>(text: impl Into<Cow<'a, str>>) -> Cell<'a> {
    Cell { text: text.into(), tone: Tone::Alert }
}

fn date_cell<'a>(date: Option<Date>, typed: bool) -> Cell<'a> {
    match date {
        Some(date) => value(date.to_string(), typed),
        None if typed => value("-", true),
        None => none(),
    }
}

fn text_key(text: &str) -> SortKey {
    if text.is_empty() || text == "-" { SortKey::Missing } else { SortKey::Text(text.to_lowercase()) }
}

/// Rows that can be found by what is typed.
pub trait Searchable: Source {
    /// Adds one row's searchable text, edits included.
    fn push_search(&self, row: u32, index: &mut SearchIndex);

    /// The searchable text of every row.
    fn index(&self) -> SearchIndex {
        let mut index = SearchIndex::default();
        for row in 0..self.len() as u32 {
            self.push_search(row, &mut index);
        }
        index
    }
}

/// Since when its tenant is known to have the app's consent, or that it could not be given; empty where it was never asked.
fn consent_text(client: &ClientRow) -> Cow<'static, str> {
    match client.app_consent.as_ref().map(|consent| consent.since()) {
        None => Cow::Borrowed(""),
        Some(None) => Cow::Borrowed("failed"),
        Some(Some(day)) => Cow::Owned(day.to_string()),
    }
}

impl Clients<'_> {
    fn row(&self, row: u32) -> &ClientRow {
        &self.portfolio.clients[row as usize]
    }

    fn status(&self, row: u32) -> Cow<'static, str> {
        let client = self.row(row);
        if client.managed.is_none() && self.draft.client(row).is_none_or(|e| e.status.is_none()) {
            return Cow::Borrowed("new");
        }
        Cow::Owned(self.draft.client_values(self.portfolio, row).status.to_string())
    }
}

impl Searchable for Clients<'_> {
    fn push_search(&self, row: u32, index: &mut SearchIndex) {
        let client = self.row(row);
        let values = self.draft.client_values(self.portfolio, row);
        let currency = values.currency.map(|c| c.to_string()).unwrap_or_default();
        let registered = values.registered_on.map(|d| d.to_string()).unwrap_or_default();
        index.push(&[
            &client.name,
            &client.domain,
            client.email.as_deref().unwrap_or_default(),
            client.mpn_id.as_deref().unwrap_or_default(),
            client.country.as_deref().unwrap_or_default(),
            &values.username,
            &currency,
            &registered,
            &self.status(row),
            &consent_text(client),
            client.id.as_str(),
        ]);
    }
}

impl Source for Clients<'_> {
    fn columns(&self) -> &'static [Column] {
        &CLIENTS
    }

    fn len(&self) -> usize {
        self.portfolio.clients.len()
    }

    fn cell(&self, row: u32, column: usize) -> Cell<'_> {
        let client = self.row(row);
        let edit = self.draft.client(row);
        let optional = |text: &'_ Option<String>| match text.as_deref() {
            Some(text) if !text.is_empty() => Cow::Owned(printable(text).into_owned()),
            _ => Cow::Borrowed("-"),
        };
        match ClientColumn::ALL[column] {
            ClientColumn::Name => {
                let name = printable(&client.name);
                if client.at_microsoft {
                    plain(name)
                } else {
                    // Under management here, but no longer a customer there.
                    alert(name)
                }
            }
            ClientColumn::Domain => plain(printable(&client.domain)),
            ClientColumn::Email => plain(optional(&client.email)),
            ClientColumn::Info => {
                let count = client.services.len();
                let services = if count == 1 { "service" } else { "services" };
                let place = match (client.country.as_deref(), client.city.as_deref()) {
                    (Some(country), Some(city)) => format!(", {country} {city}"),
                    (Some(country), None) => format!(", {country}"),
                    _ => String::new(),
                };
                let text = if self.portfolio.complete {
                    format!("{count} {services}{place}")
                } else {
                    place.trim_start_matches(", ").to_owned()
                };
                plain(Cow::Owned(printable(&text).into_owned()))
            }
            ClientColumn::Mpn => plain(optional(&client.mpn_id)),
            ClientColumn::Username => {
                let values = self.draft.client_values(self.portfolio, row);
                let text = printable(&values.username).into_owned();
                value(text, edit.is_some_and(|e| e.username.is_some()))
            }
            ClientColumn::Currency => match self.draft.client_values(self.portfolio, row).currency {
                Some(currency) => value(currency.to_string(), edit.is_some_and(|e| e.currency.is_some())),
                None => none(),
            },
            ClientColumn::Registered => date_cell(
                self.draft.client_values(self.portfolio, row).registered_on,
                edit.is_some_and(|e| e.registered_on.is_some()),
            ),
            ClientColumn::Status => {
                let status = self.status(row);
                value(printable(&status).into_owned(), edit.is_some_and(|e| e.status.is_some()))
            }
            ClientColumn::AppConsent => match &client.app_consent {
                None => none(),
                Some(consent) => match consent.since() {
                    Some(_) => plain(consent_text(client)),
                    None => alert(consent_text(client)),
                },
            },
        }
    }

    fn sort_key(&self, row: u32, column: usize) -> SortKey {
        let client = self.row(row);
        match ClientColumn::ALL[column] {
            ClientColumn::Info => SortKey::Number(client.services.len().into()),
            ClientColumn::Mpn => {
                let number = client.mpn_id.as_deref().and_then(|mpn| mpn.parse().ok());
                number.map_or_else(|| text_key(client.mpn_id.as_deref().unwrap_or("")), SortKey::Number)
            }
            ClientColumn::Name => text_key(&client.name),
            ClientColumn::Domain => text_key(&client.domain),
            _ => text_key(&self.cell(row, column).text),
        }
    }
}

impl Services<'_> {
    fn row(&self, row: u32) -> &ServiceRow {
        &self.portfolio.services[row as usize]
    }

    fn plan_cell(&self, row: u32, edit: Option<&ServiceEdit>) -> Cell<'_> {
        let service = self.row(row);
        let values = self.draft.service_values(self.portfolio, row);
        if let Some(id) = &values.plan {
            let name = match self.portfolio.plans.get(id) {
                Some(plan) => printable(&plan.name).into_owned(),
                None => id.to_string(),
            };
            return value(name, edit.is_some_and(|e| e.plan.is_some()));
        }
        let currency = self.draft.client_values(self.portfolio, service.client).currency;
        if let (Some(cycle), Some(currency)) = (values.cycle, currency)
            && let Some(plan) = self.portfolio.plans.proposal(&service.offer, &cycle, currency)
        {
            return Cell { text: printable(&plan.name), tone: Tone::Proposal };
        }
        none()
    }

    fn amount_cell(&self, row: u32, column: ServiceColumn) -> Cell<'_> {
        match self.draft.amounts(self.portfolio, row) {
            Ok(amounts) => {
                let amount = match column {
                    ServiceColumn::ResellerOrder => amounts.reseller_order,
                    ServiceColumn::ResellerRenewal => amounts.reseller_renewal,
                    ServiceColumn::CustomerOrder => amounts.customer_order,
                    _ => amounts.customer_renewal,
                };
                let text = format!("{} {}", amounts.currency, grouped(amount, amounts.currency));
                value(text, self.draft.service(row).is_some_and(|e| e.at_plan_price))
            }
            Err(NotPriced::NoPlan) => none(),
            Err(problem) => {
                let text = match problem {
                    NotPriced::NoAmounts(_) => "no price",
                    NotPriced::NoCycle => "no cycle",
                    NotPriced::NoCurrency => "no currency",
                    NotPriced::OtherOffer(_) => "other offer",
                    NotPriced::UnknownPlan(_) => "unknown plan",
                    NotPriced::NoPlan => "-",
                };
                alert(text)
            }
        }
    }
}

impl Searchable for Services<'_> {
    fn push_search(&self, row: u32, index: &mut SearchIndex) {
        let service = self.row(row);
        let values = self.draft.service_values(self.portfolio, row);
        let plan = values.plan.as_ref().and_then(|id| self.portfolio.plans.get(id));
        let cycle = values.cycle.as_ref().map(ToString::to_string).unwrap_or_default();
        let managed = if service.sold.is_some() { "managed" } else { "new" };
        index.push(&[
            &service.offer_name,
            service.id.as_str(),
            plan.map_or("", |p| p.name.as_str()),
            &values.status.to_string(),
            &cycle,
            &self.portfolio.clients[service.client as usize].name,
            managed,
        ]);
    }
}

impl Source for Services<'_> {
    fn columns(&self) -> &'static [Column] {
        if self.of_many { &SERVICES_OF_MANY } else { &SERVICES_OF_ONE }
    }

    fn len(&self) -> usize {
        self.portfolio.services.len()
    }

    fn cell(&self, row: u32, column: usize) -> Cell<'_> {
        let service = self.row(row);
        let edit = self.draft.service(row);
        let column = ServiceColumn::ALL[column];
        match column {
            ServiceColumn::Offer => {
                let name = printable(&service.offer_name);
                match &service.subscribed {
                    // Under management here, but no longer there.
                    None => alert(name),
                    Some(subscribed) if subscribed.stale => alert(format!("{name} (old)")),
                    Some(subscribed) if subscribed.trial => plain(Cow::Owned(format!("{name} (trial)"))),
                    Some(_) => plain(name),
                }
            }
            ServiceColumn::Subscription => plain(Cow::Borrowed(service.id.as_str())),
            ServiceColumn::Plan => self.plan_cell(row, edit),
            ServiceColumn::Generate => {
                let values = self.draft.service_values(self.portfolio, row);
                let text = if values.invoice.generate { "yes" } else { "no" };
                value(text, edit.is_some_and(|e| e.invoice_generate.is_some()))
            }
            ServiceColumn::Start => date_cell(
                self.draft.service_values(self.portfolio, row).invoice.start,
                edit.is_some_and(|e| e.invoice_start.is_some()),
            ),
            ServiceColumn::End => date_cell(
                self.draft.service_values(self.portfolio, row).invoice.end,
                edit.is_some_and(|e| e.invoice_end.is_some()),
            ),
            ServiceColumn::Quantity => {
                let quantity = self.draft.service_values(self.portfolio, row).quantity;
                match &service.sold {
                    // Microsoft's seats moved since the last Update.
                    Some(sold) if sold.quantity != quantity => alert(quantity.to_string()),
                    _ => plain(Cow::Owned(quantity.to_string())),
                }
            }
            ServiceColumn::Status => {
                let values = self.draft.service_values(self.portfolio, row);
                let text = printable(&values.status.to_string()).into_owned();
                let at_microsoft = service.subscribed.as_ref().map(|s| &s.status);
                match &service.sold {
                    // Microsoft's word on it changed since the last Update; ours stays until the operator changes it.
                    Some(sold)
                        if edit.is_none_or(|e| e.status.is_none())
                            && at_microsoft.is_some_and(|status| *status != sold.status) =>
                    {
                        alert(text)
                    }
                    _ => value(text, edit.is_some_and(|e| e.status.is_some())),
                }
            }
            ServiceColumn::Cycle => match self.draft.service_values(self.portfolio, row).cycle {
                Some(cycle) => {
                    value(printable(&cycle.to_string()).into_owned(), edit.is_some_and(|e| e.cycle.is_some()))
                }
                None => none(),
            },
            ServiceColumn::Client => plain(printable(&self.portfolio.clients[service.client as usize].name)),
            ServiceColumn::ResellerOrder
            | ServiceColumn::ResellerRenewal
            | ServiceColumn::CustomerOrder
            | ServiceColumn::CustomerRenewal => self.amount_cell(row, column),
        }
    }

    fn sort_key(&self, row: u32, column: usize) -> SortKey {
        let service = self.row(row);
        let column_kind = ServiceColumn::ALL[column];
        match column_kind {
            ServiceColumn::Quantity => {
                SortKey::Number(self.draft.service_values(self.portfolio, row).quantity.into())
            }
            ServiceColumn::Offer => text_key(&service.offer_name),
            ServiceColumn::Client => text_key(&self.portfolio.clients[service.client as usize].name),
            ServiceColumn::ResellerOrder
            | ServiceColumn::ResellerRenewal
            | ServiceColumn::CustomerOrder
            | ServiceColumn::CustomerRenewal => match self.draft.amounts(self.portfolio, row) {
                Ok(amounts) => SortKey::Number(match column_kind {
                    ServiceColumn::ResellerOrder => amounts.reseller_order,
                    ServiceColumn::ResellerRenewal => amounts.reseller_renewal,
                    ServiceColumn::CustomerOrder => amounts.customer_order,
                    _ => amounts.customer_renewal,
                }),
                Err(_) => SortKey::Missing,
            },
            _ => text_key(&self.cell(row, column).text),
        }
    }
}
