//! Reading both sides from the store.

use super::token;
use crate::domain::application_consent::ApplicationConsent;
use crate::domain::ids::CustomerId;
use crate::domain::portfolio::{Builder, Portfolio};
use crate::domain::settings::Settings;
use crate::domain::token::Token;
use crate::store::{ReadTxn, Snapshot, Store, StoreError};

/// Both sides, and what stands in the header.
#[derive(Debug)]
pub struct State {
    /// The rows.
    pub portfolio: Portfolio,
    /// The CSP settings.
    pub settings: Settings,
    /// The last complete pull.
    pub snapshot: Option<Snapshot>,
    /// How the refresh token stands.
    pub token: Token,
}

/// Reads everything at one moment of the store.
///
/// # Errors
/// When the store can't be read.
pub fn load(store: &Store) -> Result<State, StoreError> {
    let (builder, rest) = store.read(|txn| {
        let (mut builder, rest) = clients(txn)?;
        txn.each_subscription(|subscription| builder.subscription(subscription))?;
        txn.each_service(|service| builder.service(service))?;
        Ok((builder, rest))
    })?;
    // The store, and the memory that reading it takes, is given back before the rows are joined.
    Ok(rest.state(|generation| builder.finish(generation)))
}

/// Reads what a first frame needs: all clients, and the services of one of them, the first by name unless one is wanted.
///
/// # Errors
/// When the store can't be read.
pub fn load_for_a_start(store: &Store, wanted: Option<&CustomerId>) -> Result<State, StoreError> {
    let (builder, rest) = store.read(|txn| {
        let (mut builder, rest) = clients(txn)?;
        if let Some(id) = wanted.cloned().or_else(|| builder.first_client().cloned()) {
            for subscription in txn.subscriptions_of(&id)? {
                builder.subscription(subscription);
            }
            for service in txn.services_of(&id)? {
                builder.service(service);
            }
        }
        Ok((builder, rest))
    })?;
    Ok(rest.state(|generation| builder.finish_for_a_start(generation)))
}

/// All but the rows.
struct Rest {
    generation: u64,
    settings: Settings,
    snapshot: Option<Snapshot>,
    token: Token,
}

impl Rest {
    fn state(self, portfolio: impl FnOnce(u64) -> Portfolio) -> State {
        let portfolio = portfolio(self.generation);
        State { portfolio, settings: self.settings, snapshot: self.snapshot, token: self.token }
    }
}

fn clients(txn: &ReadTxn) -> Result<(Builder, Rest), StoreError> {
    let snapshot = txn.snapshot()?;
    let (customers, subscriptions) =
        snapshot.as_ref().map_or((0, 0), |s| (s.customers as usize, s.subscriptions as usize));
    let mut builder = Builder::with_capacity(customers, subscriptions);
    for customer in txn.customers()? {
        builder.customer(customer);
    }
    for client in txn.clients()? {
        builder.client(client);
    }
    let settings = txn.settings()?.value;
    // What was said of another app says nothing of this one.
    let of_app = |consent: &ApplicationConsent| Some(&consent.app_id) == settings.cpv_app_id.as_ref();
    for consent in txn.application_consents()?.into_iter().filter(of_app) {
        builder.application_consent(consent);
    }
    for plan in txn.plans()? {
        builder.plan(plan.value);
    }
    let rest = Rest { generation: txn.generation()?.data, settings, snapshot, token: token::standing(txn)? };
    Ok((builder, rest))
}
