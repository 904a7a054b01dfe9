//! What an Update would do: which ticked rows are created, changed, left as they are, left out by a rule, or in conflict with
//! another operator. Pure, so that the preview that an operator confirms and the write that follows can't differ.

use std::collections::{HashMap, HashSet};
use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;

use super::client::{self, Client, ClientEdit, UsernameError};
use super::ids::{CustomerId, ServiceKey};
use super::money::{Currency, Sums, grouped};
use super::portfolio::{ClientRow, Portfolio, ServiceRow};
use super::service::{Service, ServiceEdit};
use super::subscription::SubscriptionStatus;
use super::values::{self, NotPriced};

/// The ticked rows, each with what was typed over it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Request {
    /// Ticked clients.
    pub clients: Vec<(CustomerId, ClientEdit)>,
    /// Ticked services.
    pub services: Vec<(ServiceKey, ServiceEdit)>,
    /// Clients that are not ticked, but have something typed. Nothing of it is written; it is what their services were shown
    /// with.
    pub unticked: Vec<(CustomerId, ClientEdit)>,
}

/// The rule that leaves a row out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rule {
    /// Neither side has it any more.
    #[error("is no longer there")]
    Gone,
    /// A client needs a currency.
    #[error("no currency")]
    NoCurrency,
    /// See [`UsernameError`].
    #[error(transparent)]
    Username(#[from] UsernameError),
    /// Services already sold in another currency would not fit their client any more.
    #[error("services sold in {currency} are not ticked ({count}): tick them as well")]
    SoldInOtherCurrency {
        /// How many of them are not ticked.
        count: usize,
        /// The currency they are sold in.
        currency: Currency,
    },
    /// They are ticked, but a rule leaves them out.
    #[error("services sold in {currency} are left out ({count}) and would not fit its new currency")]
    StaysInOtherCurrency {
        /// How many of them are left out.
        count: usize,
        /// The currency they are sold in.
        currency: Currency,
    },
    /// A service can't be added without its client.
    #[error("its client is not under management: tick the client as well")]
    ClientNotManaged,
    /// Its amounts were shown in a currency that this Update would not write.
    #[error(
        "its client's currency was changed to {shown} but is not ticked: tick the client as well, or undo that"
    )]
    CurrencyNotTicked {
        /// What was typed.
        shown: Currency,
    },
    /// The client is ticked, but itself left out.
    #[error("its client is left out")]
    ClientLeftOut,
    /// Ended at Microsoft before it came under management.
    #[error("{0} at Microsoft")]
    Ended(SubscriptionStatus),
    /// Nothing to bill.
    #[error("has no seats")]
    NoSeats,
    /// See [`NotPriced`].
    #[error(transparent)]
    NotPriced(#[from] NotPriced),
    /// Invoices are asked for without a first day.
    #[error("invoices are asked for, but there is no start date")]
    NoInvoiceStart,
    /// The last day lies before the first.
    #[error("the invoice's end lies before its start")]
    InvoiceEndsBeforeStart,
}

/// One field that an Update changes, as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldChange {
    /// The column's name.
    pub field: &'static str,
    /// What is stored.
    pub before: String,
    /// What would be.
    pub after: String,
}

/// What would happen to a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict<T> {
    /// It comes under management.
    Create(T),
    /// It is under management and some fields change.
    Change {
        /// The revision that was compared with.
        revision: u64,
        /// What it would be.
        after: T,
        /// What differs.
        fields: Vec<FieldChange>,
    },
    /// It is as it would be.
    Unchanged,
    /// A rule stops it.
    Skip(Rule),
    /// Another operator wrote it after this one began to edit.
    Conflict {
        /// Who.
        by: String,
        /// When, UTC.
        at: Timestamp,
        /// The revision that is stored now.
        revision: u64,
        /// Theirs (before) against ours (after).
        fields: Vec<FieldChange>,
    },
}

/// A row of the preview.
#[derive(Debug, Clone, PartialEq)]
pub struct Line<K, T> {
    /// Which row.
    pub key: K,
    /// How it is called on screen, as it came.
    pub label: String,
    /// What would happen.
    pub verdict: Verdict<T>,
}

/// What an Update would do, at one generation of the store.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Preview {
    /// The store's data generation that it was worked out at.
    pub generation: u64,
    /// One line for each ticked client.
    pub clients: Vec<Line<CustomerId, Client>>,
    /// One line for each ticked service.
    pub services: Vec<Line<ServiceKey, Service>>,
}

/// How many rows of each verdict.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// New.
    pub created: usize,
    /// Changed.
    pub changed: usize,
    /// As they were.
    pub unchanged: usize,
    /// Left out by a rule.
    pub skipped: usize,
    /// Written by another operator meanwhile.
    pub conflicts: usize,
}

impl Counts {
    fn of<K, T>(lines: &[Line<K, T>]) -> Self {
        let mut counts = Self::default();
        for line in lines {
            match line.verdict {
                Verdict::Create(_) => counts.created += 1,
                Verdict::Change { .. } => counts.changed += 1,
                Verdict::Unchanged => counts.unchanged += 1,
                Verdict::Skip(_) => counts.skipped += 1,
                Verdict::Conflict { .. } => counts.conflicts += 1,
            }
        }
        counts
    }

    /// Rows that would be written.
    #[must_use]
    pub fn written(&self) -> usize {
        self.created + self.changed
    }
}

impl Preview {
    /// Of the clients.
    #[must_use]
    pub fn client_counts(&self) -> Counts {
        Counts::of(&self.clients)
    }

    /// Of the services.
    #[must_use]
    pub fn service_counts(&self) -> Counts {
        Counts::of(&self.services)
    }

    /// Whether confirming would write anything.
    #[must_use]
    pub fn writes_anything(&self) -> bool {
        self.client_counts().written() + self.service_counts().written() > 0
    }

    /// The services that would be written.
    pub fn written_services(&self) -> impl Iterator<Item = &Service> {
        self.services.iter().filter_map(|line| match &line.verdict {
            Verdict::Create(service) | Verdict::Change { after: service, .. } => Some(service),
            _ => None,
        })
    }

    /// First-period amounts of all services that would be written: what customers pay.
    #[must_use]
    pub fn customer_order_sums(&self) -> Sums {
        self.sums(|_| true, |s| s.amounts.customer_order)
    }

    /// Later-period amounts of all services that would be written: what customers pay.
    #[must_use]
    pub fn customer_renewal_sums(&self) -> Sums {
        self.sums(|_| true, |s| s.amounts.customer_renewal)
    }

    /// First-period amounts of those for which invoices are asked, and how many they are.
    #[must_use]
    pub fn invoiced(&self) -> (usize, Sums) {
        let wanted = |s: &Service| s.invoice.generate;
        (
            self.written_services().filter(|s| wanted(s)).count(),
            self.sums(wanted, |s| s.amounts.customer_order),
        )
    }

    fn sums(
        &self,
        which: impl Fn(&Service) -> bool,
        amount: impl Fn(&Service) -> rust_decimal::Decimal,
    ) -> Sums {
        let mut sums = Sums::default();
        for service in self.written_services().filter(|s| which(s)) {
            sums.add(service.amounts.currency, amount(service));
        }
        sums
    }
}

/// Works out what an Update would do. `today` (UTC) is the registration date of a new client that has none.
#[must_use]
pub fn preview(portfolio: &Portfolio, request: &Request, today: Date) -> Preview {
    let rows: HashMap<&CustomerId, (usize, &ClientRow)> =
        portfolio.clients.iter().enumerate().map(|(i, row)| (&row.id, (i, row))).collect();
    let ticked_services: HashSet<&ServiceKey> = request.services.iter().map(|(key, _)| key).collect();
    let client_edits: HashMap<&CustomerId, &ClientEdit> =
        request.clients.iter().map(|(id, edit)| (id, edit)).collect();
    let unticked_edits: HashMap<&CustomerId, &ClientEdit> =
        request.unticked.iter().map(|(id, edit)| (id, edit)).collect();

    let mut clients: Vec<Line<CustomerId, Client>> = request
        .clients
        .iter()
        .map(|(id, edit)| match rows.get(id) {
            Some((_, row)) => Line {
                key: id.clone(),
                label: row.name.clone(),
                verdict: client_verdict(portfolio, row, edit, &ticked_services, today),
            },
            None => Line { key: id.clone(), label: id.to_string(), verdict: Verdict::Skip(Rule::Gone) },
        })
        .collect();
    let stopped: HashSet<&CustomerId> = clients
        .iter()
        .filter(|line| matches!(line.verdict, Verdict::Skip(_) | Verdict::Conflict { .. }))
        .map(|line| &line.key)
        .collect();

    let mut services: Vec<Line<ServiceKey, Service>> = request
        .services
        .iter()
        .map(|(key, edit)| {
            let found = rows.get(&key.customer).and_then(|(_, client)| {
                let own = &portfolio.services[client.services.start as usize..client.services.end as usize];
                own.iter().find(|s| s.id == key.subscription).map(|s| (*client, s))
            });
            match found {
                Some((client, row)) => {
                    let standing = ClientStanding {
                        row: client,
                        edit: client_edits.get(&key.customer).copied(),
                        unticked_edit: unticked_edits.get(&key.customer).copied(),
                        stopped: stopped.contains(&key.customer),
                    };
                    Line {
                        key: key.clone(),
                        label: format!("{} / {}", client.name, row.offer_name),
                        verdict: service_verdict(portfolio, row, edit, &standing),
                    }
                }
                None => Line { key: key.clone(), label: key.to_string(), verdict: Verdict::Skip(Rule::Gone) },
            }
        })
        .collect();
    stop_split_currencies(portfolio, &mut clients, &mut services);
    Preview { generation: portfolio.generation, clients, services }
}

/// Leaves out each client that would change its currency while a service of it, left out itself, stays in the old one; and
/// with the client all else of it.
fn stop_split_currencies(
    portfolio: &Portfolio,
    clients: &mut [Line<CustomerId, Client>],
    services: &mut [Line<ServiceKey, Service>],
) {
    let stays: HashSet<&ServiceKey> = services
        .iter()
        .filter(|line| matches!(line.verdict, Verdict::Skip(_) | Verdict::Conflict { .. }))
        .map(|line| &line.key)
        .collect();
    if stays.is_empty() {
        return;
    }
    let rows: HashMap<&CustomerId, &ClientRow> = portfolio.clients.iter().map(|row| (&row.id, row)).collect();
    let mut stopped: HashSet<CustomerId> = HashSet::new();
    for line in clients {
        let (Verdict::Create(after) | Verdict::Change { after, .. }) = &line.verdict else { continue };
        let Some(row) = rows.get(&line.key) else { continue };
        let kept = |service: &ServiceRow| stays.contains(&portfolio.service_key(service));
        if let Some((count, currency)) = sold_in_other_currency(portfolio, row, after.currency, kept) {
            line.verdict = Verdict::Skip(Rule::StaysInOtherCurrency { count, currency });
            stopped.insert(line.key.clone());
        }
    }
    for line in services.iter_mut().filter(|line| stopped.contains(&line.key.customer)) {
        if matches!(line.verdict, Verdict::Create(_) | Verdict::Change { .. } | Verdict::Unchanged) {
            line.verdict = Verdict::Skip(Rule::ClientLeftOut);
        }
    }
}

fn client_verdict(
    portfolio: &Portfolio,
    row: &ClientRow,
    edit: &ClientEdit,
    ticked_services: &HashSet<&ServiceKey>,
    today: Date,
) -> Verdict<Client> {
    let values = values::of_client(row, Some(edit));
    let Some(currency) = values.currency else { return Verdict::Skip(Rule::NoCurrency) };
    if let Err(error) = client::check_username(&values.username) {
        return Verdict::Skip(error.into());
    }
    let unticked = |service: &ServiceRow| !ticked_services.contains(&portfolio.service_key(service));
    if let Some((count, currency)) = sold_in_other_currency(portfolio, row, currency, unticked) {
        return Verdict::Skip(Rule::SoldInOtherCurrency { count, currency });
    }
    let after = Client {
        id: row.id.clone(),
        name: row.name.clone(),
        domain: row.domain.clone(),
        email: row.email.clone(),
        mpn_id: row.mpn_id.clone(),
        username: values.username,
        currency,
        registered_on: values.registered_on.unwrap_or(today),
        status: values.status,
    };
    let Some(stored) = &row.managed else { return Verdict::Create(after) };
    let fields = client_changes(&stored.value, &after);
    let last = LastWrite { revision: stored.revision, by: &stored.updated_by, at: stored.updated_at };
    of_stored(&last, (!edit.is_empty()).then_some(edit.base_revision), after, fields)
}

/// Who wrote a stored record last.
struct LastWrite<'a> {
    revision: u64,
    by: &'a str,
    at: Timestamp,
}

/// The verdict on a record that is stored. `typed_over` is the revision that was on the screen when something was typed.
fn of_stored<T>(
    last: &LastWrite<'_>,
    typed_over: Option<u64>,
    after: T,
    fields: Vec<FieldChange>,
) -> Verdict<T> {
    if fields.is_empty() {
        Verdict::Unchanged
    } else if typed_over.is_some_and(|revision| revision != last.revision) {
        Verdict::Conflict { by: last.by.to_owned(), at: last.at, revision: last.revision, fields }
    } else {
        Verdict::Change { revision: last.revision, after, fields }
    }
}

/// How many of a client's services are sold in another currency than this one, of those that `which` names; and in which.
fn sold_in_other_currency(
    portfolio: &Portfolio,
    row: &ClientRow,
    currency: Currency,
    which: impl Fn(&ServiceRow) -> bool,
) -> Option<(usize, Currency)> {
    let own = &portfolio.services[row.services.start as usize..row.services.end as usize];
    let mut others = own
        .iter()
        .filter(|s| s.sold.as_ref().is_some_and(|sold| sold.amounts.currency != currency))
        .filter(|s| which(s));
    let sold_in = others.next()?.sold.as_ref()?.amounts.currency;
    Some((others.count() + 1, sold_in))
}

struct ClientStanding<'a> {
    row: &'a ClientRow,
    edit: Option<&'a ClientEdit>,
    unticked_edit: Option<&'a ClientEdit>,
    stopped: bool,
}

fn service_verdict(
    portfolio: &Portfolio,
    row: &ServiceRow,
    edit: &ServiceEdit,
    client: &ClientStanding<'_>,
) -> Verdict<Service> {
    if client.stopped {
        return Verdict::Skip(Rule::ClientLeftOut);
    }
    if client.row.managed.is_none() && client.edit.is_none() {
        return Verdict::Skip(Rule::ClientNotManaged);
    }
    if row.sold.is_none()
        && let Some(subscribed) = &row.subscribed
        && matches!(subscribed.status, SubscriptionStatus::Deleted | SubscriptionStatus::Expired)
    {
        return Verdict::Skip(Rule::Ended(subscribed.status.clone()));
    }
    let currency = values::of_client(client.row, client.edit).currency;
    if client.edit.is_none()
        && let Some(shown) = client.unticked_edit.and_then(|edit| edit.currency)
        && currency != Some(shown)
    {
        return Verdict::Skip(Rule::CurrencyNotTicked { shown });
    }
    let values = values::of_service(row, Some(edit));
    let amounts = match values::amounts(row, &values, currency, &portfolio.plans) {
        Ok(amounts) => amounts,
        Err(error) => return Verdict::Skip(error.into()),
    };
    // One under management follows Microsoft down to none: leaving it out would bill seats that nobody has.
    if values.quantity == 0 && row.sold.is_none() {
        return Verdict::Skip(Rule::NoSeats);
    }
    let invoice = values.invoice;
    if invoice.generate && invoice.start.is_none() {
        return Verdict::Skip(Rule::NoInvoiceStart);
    }
    if let (Some(start), Some(end)) = (invoice.start, invoice.end)
        && end < start
    {
        return Verdict::Skip(Rule::InvoiceEndsBeforeStart);
    }
    let (Some(plan), Some(cycle)) = (values.plan, values.cycle) else {
        return Verdict::Skip(NotPriced::NoPlan.into());
    };
    let after = Service {
        customer_id: client.row.id.clone(),
        subscription_id: row.id.clone(),
        offer_name: row.offer_name.to_string(),
        offer: (*row.offer).clone(),
        plan,
        cycle: (*cycle).clone(),
        quantity: values.quantity,
        status: values.status,
        invoice,
        amounts,
    };
    let Some(sold) = &row.sold else { return Verdict::Create(after) };
    let before = Service {
        customer_id: after.customer_id.clone(),
        subscription_id: after.subscription_id.clone(),
        offer_name: sold.offer_name.to_string(),
        offer: (*sold.offer).clone(),
        plan: sold.plan.clone(),
        cycle: (*sold.cycle).clone(),
        quantity: sold.quantity,
        status: sold.status.clone(),
        invoice: sold.invoice.clone(),
        amounts: sold.amounts.clone(),
    };
    let fields = service_changes(&before, &after);
    let last = LastWrite { revision: sold.revision, by: &sold.updated_by, at: sold.updated_at };
    of_stored(&last, (!edit.is_empty()).then_some(edit.base_revision), after, fields)
}

fn client_changes(before: &Client, after: &Client) -> Vec<FieldChange> {
    let optional = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    differing([
        ("name", before.name.clone(), after.name.clone()),
        ("domain", before.domain.clone(), after.domain.clone()),
        ("email", optional(&before.email), optional(&after.email)),
        ("MPN", optional(&before.mpn_id), optional(&after.mpn_id)),
        ("username", before.username.clone(), after.username.clone()),
        ("currency", before.currency.to_string(), after.currency.to_string()),
        ("reg. date", before.registered_on.to_string(), after.registered_on.to_string()),
        ("status", before.status.to_string(), after.status.to_string()),
    ])
}

fn service_changes(before: &Service, after: &Service) -> Vec<FieldChange> {
    let day = |date: Option<Date>| date.map_or_else(|| "-".to_owned(), |d| d.to_string());
    let money =
        |s: &Service, amount| format!("{} {}", s.amounts.currency, grouped(amount, s.amounts.currency));
    let yes = |generate: bool| if generate { "yes" } else { "no" }.to_owned();
    differing([
        ("offer", before.offer_name.clone(), after.offer_name.clone()),
        ("offer id", before.offer.to_string(), after.offer.to_string()),
        ("plan", before.plan.to_string(), after.plan.to_string()),
        ("cycle", before.cycle.to_string(), after.cycle.to_string()),
        ("qty", before.quantity.to_string(), after.quantity.to_string()),
        ("status", before.status.to_string(), after.status.to_string()),
        ("invoice", yes(before.invoice.generate), yes(after.invoice.generate)),
        ("invoice start", day(before.invoice.start), day(after.invoice.start)),
        ("invoice end", day(before.invoice.end), day(after.invoice.end)),
        (
            "reseller order",
            money(before, before.amounts.reseller_order),
            money(after, after.amounts.reseller_order),
        ),
        (
            "reseller renewal",
            money(before, before.amounts.reseller_renewal),
            money(after, after.amounts.reseller_renewal),
        ),
        (
            "customer order",
            money(before, before.amounts.customer_order),
            money(after, after.amounts.customer_order),
        ),
        (
            "customer renewal",
            money(before, before.amounts.customer_renewal),
            money(after, after.amounts.customer_renewal),
        ),
    ])
}

fn differing<const N: usize>(fields: [(&'static str, String, String); N]) -> Vec<FieldChange> {
    fields
        .into_iter()
        .filter(|(_, before, after)| before != after)
        .map(|(field, before, after)| FieldChange { field, before, after })
        .collect()
}

impl fmt::Display for FieldChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} -> {}", self.field, self.before, self.after)
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_of_any_request;
