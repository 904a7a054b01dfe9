//! Reading both sides from the store.

use crate::domain::portfolio::{Builder, Portfolio};
use crate::domain::settings::Settings;
use crate::store::{SecretInfo, SecretName, Snapshot, Store, StoreError};

/// Both sides, and what stands in the header.
#[derive(Debug)]
pub struct State {
    /// The rows.
    pub portfolio: Portfolio,
    /// The CSP settings.
    pub settings: Settings,
    /// The last complete pull.
    pub snapshot: Option<Snapshot>,
    /// When the refresh token was last stored.
    pub token: Option<SecretInfo>,
}

/// Reads everything at one moment of the store.
///
/// # Errors
/// When the store can't be read.
pub fn load(store: &Store) -> Result<State, StoreError> {
    store.read(|txn| {
        let generation = txn.generation()?.data;
        let settings = txn.settings()?.value;
        let snapshot = txn.snapshot()?;
        let token = txn.secret_info(SecretName::RefreshToken)?;
        let (customers, subscriptions) =
            snapshot.as_ref().map_or((0, 0), |s| (s.customers as usize, s.subscriptions as usize));
        let mut builder = Builder::with_capacity(customers, subscriptions);
        for customer in txn.customers()? {
            builder.customer(customer);
        }
        for subscription in txn.subscription_facts()? {
            builder.subscription(subscription);
        }
        for client in txn.clients()? {
            builder.client(client);
        }
        for service in txn.services()? {
            builder.service(service);
        }
        for plan in txn.plans()? {
            builder.plan(plan.value);
        }
        Ok(State { portfolio: builder.finish(generation), settings, snapshot, token })
    })
}
