//! Rows by identity.

use std::collections::HashMap;

use crate::domain::ids::{CustomerId, ServiceKey};
use crate::domain::portfolio::Portfolio;

/// See the module.
pub(super) struct Finder<'a> {
    portfolio: &'a Portfolio,
    clients: HashMap<&'a CustomerId, u32>,
}

impl<'a> Finder<'a> {
    pub(super) fn new(portfolio: &'a Portfolio) -> Self {
        let clients =
            portfolio.clients.iter().enumerate().map(|(i, client)| (&client.id, i as u32)).collect();
        Self { portfolio, clients }
    }

    /// The rows.
    pub(super) fn portfolio(&self) -> &'a Portfolio {
        self.portfolio
    }

    pub(super) fn client_key(&self, row: u32) -> CustomerId {
        self.portfolio.clients[row as usize].id.clone()
    }

    pub(super) fn service_key(&self, row: u32) -> ServiceKey {
        self.portfolio.service_key(&self.portfolio.services[row as usize])
    }

    pub(super) fn client(&self, id: &CustomerId) -> Option<u32> {
        self.clients.get(id).copied()
    }

    pub(super) fn service(&self, key: &ServiceKey) -> Option<u32> {
        find_service(self.portfolio, self.client(&key.customer)?, key.subscription.as_str())
    }
}

/// The row of a subscription below a client's row.
#[must_use]
pub fn find_service(portfolio: &Portfolio, client: u32, subscription: &str) -> Option<u32> {
    let mut rows = portfolio.clients[client as usize].services.clone();
    rows.find(|row| portfolio.services[*row as usize].id.as_str() == subscription)
}
