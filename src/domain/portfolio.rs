//! Both sides joined: what Partner Center has and what is under management, as rows of clients and of services.
//!
//! A row keeps only what screens and rules need, and texts that recur are shared, so that 100,000 services fit in some tens
//! of megabytes.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use jiff::civil::Date;
use jiff::{Timestamp, tz::TimeZone};
use serde::Deserialize;

use super::application_consent::ApplicationConsent;
use super::client::Client;
use super::customer::Customer;
use super::cycle::{BillingCycle, BillingPlan, Term};
use super::ids::{CustomerId, PlanId, ServiceKey, SubscriptionId};
use super::offer::Offer;
use super::plan::{Amounts, Plan};
use super::plan_book::PlanBook;
use super::record::Versioned;
use super::service::{InvoiceTerms, Service};
use super::subscription::{Subscription, SubscriptionStatus};

/// A customer, a client, or both.
#[derive(Debug, Clone, PartialEq)]
pub struct ClientRow {
    /// The tenant.
    pub id: CustomerId,
    /// Microsoft's name, else the one under management.
    pub name: String,
    /// Its domain.
    pub domain: String,
    /// Its e-mail address, where known.
    pub email: Option<String>,
    /// ISO 3166 alpha-2, where known.
    pub country: Option<String>,
    /// Where known.
    pub city: Option<String>,
    /// The reseller on record.
    pub mpn_id: Option<String>,
    /// Day (UTC) of its first subscription.
    pub first_seen: Option<Date>,
    /// Whether the last snapshot has it.
    pub at_microsoft: bool,
    /// Its record, where it is under management.
    pub managed: Option<Box<Versioned<Client>>>,
    /// What is known of the app's consent in its tenant.
    pub app_consent: Option<Box<ApplicationConsent>>,
    /// Its rows in [`Portfolio::services`].
    pub services: Range<u32>,
}

/// A subscription without the parts that no row needs: reading 100,000 of them takes half the time and memory.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[expect(missing_docs, reason = "each is the field of Subscription of its name")]
pub struct SubscriptionFacts {
    pub customer_id: CustomerId,
    pub id: SubscriptionId,
    pub offer: Offer,
    pub offer_name: String,
    pub quantity: u32,
    pub status: SubscriptionStatus,
    #[serde(default)]
    pub term: Option<Term>,
    #[serde(default)]
    pub billing_plan: Option<BillingPlan>,
    #[serde(default)]
    pub is_trial: bool,
    #[serde(default)]
    pub created_at: Option<Timestamp>,
    #[serde(default)]
    pub stale: bool,
}

impl From<Subscription> for SubscriptionFacts {
    fn from(whole: Subscription) -> Self {
        Self {
            customer_id: whole.customer_id,
            id: whole.id,
            offer: whole.offer,
            offer_name: whole.offer_name,
            quantity: whole.quantity,
            status: whole.status,
            term: whole.term,
            billing_plan: whole.billing_plan,
            is_trial: whole.is_trial,
            created_at: whole.created_at,
            stale: whole.stale,
        }
    }
}

/// What a row needs of a subscription.
#[derive(Debug, Clone, PartialEq)]
pub struct Subscribed {
    /// Seats.
    pub quantity: u32,
    /// Microsoft's status.
    pub status: SubscriptionStatus,
    /// Microsoft's term and billing plan.
    pub cycle: Option<Arc<BillingCycle>>,
    /// A trial.
    pub trial: bool,
    /// Kept from an earlier snapshot.
    pub stale: bool,
}

/// What a row needs of a service under management.
#[derive(Debug, Clone, PartialEq)]
pub struct Sold {
    /// The record's revision.
    pub revision: u64,
    /// Who wrote it last.
    pub updated_by: Arc<str>,
    /// When, UTC.
    pub updated_at: Timestamp,
    /// See [`Service`].
    pub plan: PlanId,
    /// See [`Service`].
    pub cycle: Arc<BillingCycle>,
    /// See [`Service`].
    pub quantity: u32,
    /// See [`Service`].
    pub status: SubscriptionStatus,
    /// See [`Service`].
    pub invoice: InvoiceTerms,
    /// See [`Service`].
    pub amounts: Amounts,
    /// The offer's name when it was last updated.
    pub offer_name: Arc<str>,
    /// What was sold when it was last updated.
    pub offer: Arc<Offer>,
}

/// A subscription, a service, or both.
#[derive(Debug, Clone, PartialEq)]
pub struct ServiceRow {
    /// Index of its client in [`Portfolio::clients`].
    pub client: u32,
    /// Its id.
    pub id: SubscriptionId,
    /// What is sold.
    pub offer: Arc<Offer>,
    /// Microsoft's name of it.
    pub offer_name: Arc<str>,
    /// Microsoft's side.
    pub subscribed: Option<Subscribed>,
    /// Our side.
    pub sold: Option<Box<Sold>>,
}

/// Everything, joined and ordered: clients by name, services by client and offer.
#[derive(Debug, Clone, Default)]
pub struct Portfolio {
    /// The store's data generation that this was read at.
    pub generation: u64,
    /// The rows of the clients grid.
    pub clients: Vec<ClientRow>,
    /// The rows of the services grid, each client's together.
    pub services: Vec<ServiceRow>,
    /// What can be sold.
    pub plans: PlanBook,
    /// Whether all services are there; else only those of one client are, and the others follow.
    pub complete: bool,
}

impl Portfolio {
    /// A service row's identity.
    #[must_use]
    pub fn service_key(&self, row: &ServiceRow) -> ServiceKey {
        ServiceKey { customer: self.clients[row.client as usize].id.clone(), subscription: row.id.clone() }
    }
}

/// A service under management that has no row yet.
#[derive(Debug)]
struct OurSide {
    client: u32,
    id: SubscriptionId,
    sold: Box<Sold>,
}

/// Joins records into a [`Portfolio`]; they may come in any order, and come fastest in the order of their ids.
#[derive(Debug, Default)]
pub struct Builder {
    clients: Vec<ClientRow>,
    /// Rows with Microsoft's side only.
    subscribed: Vec<ServiceRow>,
    /// Our side.
    sold: Vec<OurSide>,
    client_of: HashMap<CustomerId, u32>,
    /// The client that was asked for last: rows of one client come together.
    last: Option<(CustomerId, u32)>,
    plans: Vec<Plan>,
    texts: HashSet<Arc<str>>,
    offers: HashSet<Arc<Offer>>,
    cycles: HashSet<Arc<BillingCycle>>,
}

impl Builder {
    /// Room for the rows that are to come.
    #[must_use]
    pub fn with_capacity(clients: usize, services: usize) -> Self {
        Self {
            clients: Vec::with_capacity(clients),
            subscribed: Vec::with_capacity(services),
            client_of: HashMap::with_capacity(clients),
            ..Self::default()
        }
    }

    /// Adds a plan.
    pub fn plan(&mut self, plan: Plan) {
        self.plans.push(plan);
    }

    /// Adds a customer of the snapshot.
    pub fn customer(&mut self, customer: Customer) {
        let index = self.client_row(&customer.id);
        let row = &mut self.clients[index as usize];
        row.at_microsoft = true;
        row.name = customer.name;
        row.domain = customer.domain;
        row.mpn_id = customer.mpn_id;
        if let Some(details) = customer.details {
            row.email = details.email;
            row.country = details.country;
            row.city = details.city;
        }
    }

    /// Adds a client under management.
    pub fn client(&mut self, client: Versioned<Client>) {
        let index = self.client_row(&client.value.id);
        let row = &mut self.clients[index as usize];
        if !row.at_microsoft {
            row.name.clone_from(&client.value.name);
            row.domain.clone_from(&client.value.domain);
            row.email.clone_from(&client.value.email);
            row.mpn_id.clone_from(&client.value.mpn_id);
        }
        row.managed = Some(Box::new(client));
    }

    /// Adds what is known of the app's consent to a customer or client that was added before; of others there is no row.
    pub fn application_consent(&mut self, consent: ApplicationConsent) {
        if let Some(index) = self.client_of.get(&consent.customer) {
            self.clients[*index as usize].app_consent = Some(Box::new(consent));
        }
    }

    /// Adds a subscription of the snapshot.
    pub fn subscription(&mut self, subscription: impl Into<SubscriptionFacts>) {
        let facts: SubscriptionFacts = subscription.into();
        let client = self.client_row(&facts.customer_id);
        if let Some(created) = facts.created_at {
            let day = created.to_zoned(TimeZone::UTC).date();
            let row = &mut self.clients[client as usize];
            row.first_seen = Some(row.first_seen.map_or(day, |seen| seen.min(day)));
        }
        let cycle = match (facts.term, facts.billing_plan) {
            (Some(term), Some(plan)) => Some(share(&mut self.cycles, BillingCycle { term, plan })),
            _ => None,
        };
        let row = ServiceRow {
            client,
            id: facts.id,
            offer: share(&mut self.offers, facts.offer),
            offer_name: self.text(&facts.offer_name),
            subscribed: Some(Subscribed {
                quantity: facts.quantity,
                status: facts.status,
                cycle,
                trial: facts.is_trial,
                stale: facts.stale,
            }),
            sold: None,
        };
        self.subscribed.push(row);
    }

    /// Adds a service under management.
    pub fn service(&mut self, service: Versioned<Service>) {
        let Versioned { revision, updated_by, updated_at, value } = service;
        let client = self.client_row(&value.customer_id);
        let sold = Sold {
            revision,
            updated_by: self.text(&updated_by),
            updated_at,
            plan: value.plan,
            cycle: share(&mut self.cycles, value.cycle),
            quantity: value.quantity,
            status: value.status,
            invoice: value.invoice,
            amounts: value.amounts,
            offer_name: self.text(&value.offer_name),
            offer: share(&mut self.offers, value.offer),
        };
        self.sold.push(OurSide { client, id: value.subscription_id, sold: Box::new(sold) });
    }

    /// The same for a start: all clients, but services of one of them only.
    #[must_use]
    pub fn finish_for_a_start(self, generation: u64) -> Portfolio {
        Portfolio { complete: false, ..self.finish(generation) }
    }

    /// Orders the rows and closes the join.
    #[must_use]
    pub fn finish(self, generation: u64) -> Portfolio {
        let Self { clients, subscribed, sold, plans, .. } = self;
        let (mut clients, place) = by_name(clients);
        let mut services = joined(subscribed, sold);
        for service in &mut services {
            service.client = place[service.client as usize];
        }
        services.sort_unstable_by(by_client_and_offer);
        let mut at = 0;
        for (index, client) in clients.iter_mut().enumerate() {
            let start = at;
            while services.get(at).is_some_and(|s| s.client as usize == index) {
                at += 1;
            }
            client.services = start as u32..at as u32;
        }
        Portfolio { generation, clients, services, plans: PlanBook::new(plans), complete: true }
    }

    /// The client whose name comes first.
    #[must_use]
    pub fn first_client(&self) -> Option<&CustomerId> {
        let key = |row: &ClientRow| (row.name.to_lowercase(), row.id.clone());
        self.clients.iter().min_by_key(|row| key(row)).map(|row| &row.id)
    }

    fn client_row(&mut self, id: &CustomerId) -> u32 {
        if let Some((last, index)) = &self.last
            && last == id
        {
            return *index;
        }
        let index = match self.client_of.get(id) {
            Some(index) => *index,
            None => {
                let index = self.clients.len() as u32;
                self.client_of.insert(id.clone(), index);
                self.clients.push(ClientRow::new(id.clone()));
                index
            }
        };
        self.last = Some((id.clone(), index));
        index
    }

    fn text(&mut self, text: &str) -> Arc<str> {
        if let Some(shared) = self.texts.get(text) {
            return Arc::clone(shared);
        }
        let shared: Arc<str> = text.into();
        self.texts.insert(Arc::clone(&shared));
        shared
    }
}

impl ClientRow {
    fn new(id: CustomerId) -> Self {
        Self {
            id,
            name: String::new(),
            domain: String::new(),
            email: None,
            country: None,
            city: None,
            mpn_id: None,
            first_seen: None,
            at_microsoft: false,
            managed: None,
            app_consent: None,
            services: 0..0,
        }
    }
}

/// The clients in the order of their names, and where each has gone.
fn by_name(clients: Vec<ClientRow>) -> (Vec<ClientRow>, Vec<u32>) {
    let mut keyed: Vec<(String, u32, ClientRow)> =
        clients.into_iter().enumerate().map(|(at, row)| (row.name.to_lowercase(), at as u32, row)).collect();
    keyed.sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| a.2.id.cmp(&b.2.id)));
    let mut place = vec![0; keyed.len()];
    for (new, (_, old, _)) in keyed.iter().enumerate() {
        place[*old as usize] = new as u32;
    }
    (keyed.into_iter().map(|(_, _, row)| row).collect(), place)
}

/// Both sides of each service in one row. Of two rows of the same side the later one counts.
fn joined(mut rows: Vec<ServiceRow>, mut sold: Vec<OurSide>) -> Vec<ServiceRow> {
    later_ones(&mut rows, |row| (row.client, &row.id));
    later_ones(&mut sold, |ours| (ours.client, &ours.id));
    let subscribed = rows.len();
    let mut at = 0;
    for OurSide { client, id, sold } in sold {
        while at < subscribed && (rows[at].client, &rows[at].id) < (client, &id) {
            at += 1;
        }
        match rows[..subscribed].get_mut(at).filter(|row| row.client == client && row.id == id) {
            Some(row) => row.sold = Some(sold),
            None => rows.push(ServiceRow {
                client,
                id,
                offer: Arc::clone(&sold.offer),
                offer_name: Arc::clone(&sold.offer_name),
                subscribed: None,
                sold: Some(sold),
            }),
        }
    }
    rows
}

/// Orders by a key, and keeps the last one of each.
fn later_ones<T>(rows: &mut Vec<T>, key: impl Fn(&T) -> (u32, &SubscriptionId)) {
    rows.sort_by(|a, b| key(a).cmp(&key(b)));
    rows.dedup_by(|later, earlier| {
        let is_same = key(later) == key(earlier);
        if is_same {
            std::mem::swap(later, earlier);
        }
        is_same
    });
}

fn by_client_and_offer(a: &ServiceRow, b: &ServiceRow) -> Ordering {
    a.client.cmp(&b.client).then_with(|| a.offer_name.cmp(&b.offer_name)).then_with(|| a.id.cmp(&b.id))
}

fn share<T: Eq + std::hash::Hash>(pool: &mut HashSet<Arc<T>>, value: T) -> Arc<T> {
    if let Some(shared) = pool.get(&value) {
        return Arc::clone(shared);
    }
    let shared = Arc::new(value);
    pool.insert(Arc::clone(&shared));
    shared
}

#[cfg(test)]
mod tests;
