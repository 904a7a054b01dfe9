//! What one customer gives: its subscriptions, its details, and its reseller.

use std::collections::HashMap;

use crate::domain::customer::{Customer, CustomerDetails, mpn_id_of};
use crate::domain::ids::CustomerId;
use crate::domain::settings::Tier;
use crate::domain::subscription::Subscription;
use crate::partner_center::{ApiError, OddItem, PartnerCenter};
use crate::store::PullFailure;

/// Details that the last snapshot has already.
#[derive(Default)]
pub(super) struct Known {
    pub(super) details: HashMap<CustomerId, CustomerDetails>,
}

impl Known {
    pub(super) fn of(customers: &[Customer]) -> Self {
        let details = customers.iter().filter_map(|c| Some((c.id.clone(), c.details.clone()?))).collect();
        Self { details }
    }
}

/// What one customer gave.
pub(super) struct Read {
    pub(super) customer: Customer,
    /// None where they could not be read.
    pub(super) subscriptions: Option<Vec<Subscription>>,
    pub(super) failures: Vec<PullFailure>,
    pub(super) odd: u64,
    /// Every other customer would fail in the same way.
    pub(super) fatal: Option<ApiError>,
}

pub(super) async fn read_customer(
    center: &PartnerCenter,
    mut customer: Customer,
    details: Option<CustomerDetails>,
    tier: Tier,
) -> Read {
    let mut read =
        Read { customer: customer.clone(), subscriptions: None, failures: Vec::new(), odd: 0, fatal: None };
    let failure = |customer: &Customer, stage: &str, error: &ApiError| PullFailure {
        customer: customer.id.clone(),
        name: customer.name.clone(),
        stage: stage.to_owned(),
        reason: error.to_string(),
    };
    match center.subscriptions(&customer.id).await {
        Ok(subscriptions) => {
            read.odd = unread(&subscriptions.odd);
            for odd in &subscriptions.odd {
                tracing::warn!("subscription {} of {}: {}", odd.position, customer.id, odd.reason);
            }
            customer.mpn_id = mpn_id_of(&subscriptions.items);
            read.subscriptions = Some(subscriptions.items);
        }
        Err(error) if error.concerns_everything() => read.fatal = Some(error),
        Err(error) => read.failures.push(failure(&customer, "subscriptions", &error)),
    }
    customer.details = details;
    if customer.details.is_none() && read.fatal.is_none() {
        match center.customer_details(&customer.id).await {
            Ok(details) => customer.details = Some(details),
            Err(error) if error.concerns_everything() => read.fatal = Some(error),
            Err(error) => read.failures.push(failure(&customer, "details", &error)),
        }
    }
    if tier == Tier::Indirect && customer.mpn_id.is_none() && read.fatal.is_none() && read.failures.is_empty()
    {
        match center.resellers_of(&customer.id).await {
            Ok(resellers) => customer.mpn_id = resellers.into_iter().find_map(|r| r.mpn_id),
            Err(error) if error.concerns_everything() => read.fatal = Some(error),
            Err(error) => read.failures.push(failure(&customer, "reseller", &error)),
        }
    }
    read.customer = customer;
    read
}

/// Items that are missing from a list because they could not be read.
pub(super) fn unread(odd: &[OddItem]) -> u64 {
    odd.iter().filter(|item| !item.kept).count() as u64
}
