//! Counts what the simulator was asked.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// How many requests have arrived, refused and faulty ones included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Requests {
    /// All requests, the login's included.
    pub total: u64,
    /// Requests for a token, of any grant.
    pub token: u64,
    /// Pages of the customer list.
    pub customers_pages: u64,
    /// Single customers.
    pub customer: u64,
    /// Subscription lists.
    pub subscriptions: u64,
    /// Relationships, of the partner and of customers.
    pub relationships: u64,
    /// Profiles.
    pub profile: u64,
    /// Price sheets and offer matrices.
    pub price_sheets: u64,
    /// Requests for the consent to an app in a customer's tenant, and for taking it back.
    pub application_consents: u64,
    /// Requests to the vault.
    pub key_vault: u64,
    /// Requests for a token of the managed identity.
    pub managed_identity: u64,
    /// Requests to Graph.
    pub graph: u64,
    /// The most requests that were being answered at the same time.
    pub max_concurrent: u64,
}

/// The live counters behind [`Requests`].
#[derive(Default)]
pub(super) struct Counters {
    total: AtomicU64,
    token: AtomicU64,
    customers_pages: AtomicU64,
    customer: AtomicU64,
    subscriptions: AtomicU64,
    relationships: AtomicU64,
    profile: AtomicU64,
    price_sheets: AtomicU64,
    application_consents: AtomicU64,
    key_vault: AtomicU64,
    managed_identity: AtomicU64,
    graph: AtomicU64,
    in_flight: AtomicU64,
    max_concurrent: AtomicU64,
}

/// A request that is being answered; it counts as in flight until this is dropped.
pub(super) struct InFlight<'a>(&'a Counters);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Relaxed);
    }
}

impl Counters {
    /// Counts a request for `path` and the time until it is answered.
    pub(super) fn arrive(&self, path: &str) -> InFlight<'_> {
        self.total.fetch_add(1, Relaxed);
        if let Some(counter) = self.counter_of(path) {
            counter.fetch_add(1, Relaxed);
        }
        let in_flight = self.in_flight.fetch_add(1, Relaxed) + 1;
        self.max_concurrent.fetch_max(in_flight, Relaxed);
        InFlight(self)
    }

    fn counter_of(&self, path: &str) -> Option<&AtomicU64> {
        let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
        match segments.as_slice() {
            ["v1", "customers"] => Some(&self.customers_pages),
            ["v1", "customers", _] => Some(&self.customer),
            ["v1", "customers", _, "subscriptions"] => Some(&self.subscriptions),
            ["v1", "customers", _, "relationships"] | ["v1", "relationships"] => Some(&self.relationships),
            ["v1", "profiles", _] => Some(&self.profile),
            ["v1", "customers", _, "applicationconsents", ..] => Some(&self.application_consents),
            ["v1.0", "sales", _, "$value"] => Some(&self.price_sheets),
            ["v1.0", "reports", ..] => Some(&self.graph),
            ["secrets" | "deletedsecrets", ..] => Some(&self.key_vault),
            ["metadata", "identity", "oauth2", "token"] => Some(&self.managed_identity),
            [_, "oauth2", "token"] | [_, "oauth2", "v2.0", "token"] => Some(&self.token),
            _ => None,
        }
    }

    /// The counts up to now.
    pub(super) fn read(&self) -> Requests {
        Requests {
            total: self.total.load(Relaxed),
            token: self.token.load(Relaxed),
            customers_pages: self.customers_pages.load(Relaxed),
            customer: self.customer.load(Relaxed),
            subscriptions: self.subscriptions.load(Relaxed),
            relationships: self.relationships.load(Relaxed),
            profile: self.profile.load(Relaxed),
            price_sheets: self.price_sheets.load(Relaxed),
            application_consents: self.application_consents.load(Relaxed),
            key_vault: self.key_vault.load(Relaxed),
            managed_identity: self.managed_identity.load(Relaxed),
            graph: self.graph.load(Relaxed),
            max_concurrent: self.max_concurrent.load(Relaxed),
        }
    }
}
