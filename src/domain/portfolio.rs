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

use super::client::Client;
use super::customer::Customer;
use super::cycle::BillingCycle;
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
    /// Its rows in [`Portfolio::services`].
    pub services: Range<u32>,
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
}

impl Portfolio {
    /// A service row's identity.
    #[must_use]
    pub fn service_key(&self, row: &ServiceRow) -> ServiceKey {
        ServiceKey { customer: self.clients[row.client as usize].id.clone(), subscription: row.id.clone() }
    }
}

/// Joins records into a [`Portfolio`]; they may come in any order.
#[derive(Debug, Default)]
pub struct Builder {
    clients: Vec<ClientRow>,
    services: Vec<ServiceRow>,
    client_of: HashMap<CustomerId, u32>,
    service_of: HashMap<(u32, SubscriptionId), u32>,
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
            services: Vec::with_capacity(services),
            client_of: HashMap::with_capacity(clients),
            service_of: HashMap::with_capacity(services),
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

    /// Adds a subscription of the snapshot.
    pub fn subscription(&mut self, subscription: Subscription) {
        let cycle = subscription.cycle().map(|cycle| share(&mut self.cycles, cycle));
        let client = self.client_row(&subscription.customer_id);
        if let Some(created) = subscription.created_at {
            let day = created.to_zoned(TimeZone::UTC).date();
            let row = &mut self.clients[client as usize];
            row.first_seen = Some(row.first_seen.map_or(day, |seen| seen.min(day)));
        }
        // What Microsoft calls it now goes before the name that a service was sold under, whichever came first.
        let offer = share(&mut self.offers, subscription.offer);
        let offer_name = self.text(&subscription.offer_name);
        let index = self.service_row(client, subscription.id, &offer, &offer_name);
        let row = &mut self.services[index as usize];
        row.offer = offer;
        row.offer_name = offer_name;
        row.subscribed = Some(Subscribed {
            quantity: subscription.quantity,
            status: subscription.status,
            cycle,
            trial: subscription.is_trial,
            stale: subscription.stale,
        });
    }

    /// Adds a service under management.
    pub fn service(&mut self, service: Versioned<Service>) {
        let Versioned { revision, updated_by, updated_at, value } = service;
        let client = self.client_row(&value.customer_id);
        let offer_name = self.text(&value.offer_name);
        let offer = share(&mut self.offers, value.offer);
        let index = self.service_row(client, value.subscription_id, &offer, &offer_name);
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
            offer_name,
        };
        self.services[index as usize].sold = Some(Box::new(sold));
    }

    /// Orders the rows and closes the join.
    #[must_use]
    pub fn finish(self, generation: u64) -> Portfolio {
        let Self { mut clients, mut services, plans, .. } = self;
        let mut order: Vec<u32> = (0..clients.len() as u32).collect();
        let names: Vec<String> = clients.iter().map(|c| c.name.to_lowercase()).collect();
        order.sort_unstable_by(|a, b| {
            let (a, b) = (*a as usize, *b as usize);
            names[a].cmp(&names[b]).then_with(|| clients[a].id.cmp(&clients[b].id))
        });
        drop(names);
        let mut place = vec![0u32; clients.len()];
        for (new, old) in order.iter().enumerate() {
            place[*old as usize] = new as u32;
        }
        for service in &mut services {
            service.client = place[service.client as usize];
        }
        services.sort_unstable_by(by_client_and_offer);
        let mut slots: Vec<Option<ClientRow>> = clients.drain(..).map(Some).collect();
        let mut clients: Vec<ClientRow> =
            order.iter().filter_map(|old| slots[*old as usize].take()).collect();
        let mut at = 0;
        for (index, client) in clients.iter_mut().enumerate() {
            let start = at;
            while services.get(at).is_some_and(|s| s.client as usize == index) {
                at += 1;
            }
            client.services = start as u32..at as u32;
        }
        Portfolio { generation, clients, services, plans: PlanBook::new(plans) }
    }

    fn client_row(&mut self, id: &CustomerId) -> u32 {
        if let Some(index) = self.client_of.get(id) {
            return *index;
        }
        let index = self.clients.len() as u32;
        self.client_of.insert(id.clone(), index);
        self.clients.push(ClientRow {
            id: id.clone(),
            name: String::new(),
            domain: String::new(),
            email: None,
            country: None,
            city: None,
            mpn_id: None,
            first_seen: None,
            at_microsoft: false,
            managed: None,
            services: 0..0,
        });
        index
    }

    fn service_row(&mut self, client: u32, id: SubscriptionId, offer: &Arc<Offer>, name: &Arc<str>) -> u32 {
        let key = (client, id);
        if let Some(index) = self.service_of.get(&key) {
            return *index;
        }
        let index = self.services.len() as u32;
        let row = ServiceRow {
            client,
            id: key.1.clone(),
            offer: Arc::clone(offer),
            offer_name: Arc::clone(name),
            subscribed: None,
            sold: None,
        };
        self.services.push(row);
        self.service_of.insert(key, index);
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
