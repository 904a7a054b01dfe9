//! A customer as Partner Center has it.

use serde::{Deserialize, Serialize};

use super::ids::CustomerId;
use super::subscription::Subscription;

/// One customer of the last complete snapshot. The list gives id, name and domain only
/// (<https://learn.microsoft.com/partner-center/developer/get-a-list-of-customers>); the rest needs a call for each customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Customer {
    /// The tenant.
    pub id: CustomerId,
    /// The company's name, as it came.
    pub name: String,
    /// Such as `contoso.onmicrosoft.com`; empty where Microsoft gives none.
    pub domain: String,
    /// `reseller`, `none`, … as it came.
    #[serde(default)]
    pub relationship: Option<String>,
    /// What the call for this one customer gave, once it was made.
    #[serde(default)]
    pub details: Option<CustomerDetails>,
    /// The reseller on record (Tier 2), or the partner's own id.
    #[serde(default)]
    pub mpn_id: Option<String>,
}

/// What only the call for one customer tells.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CustomerDetails {
    /// From the billing profile.
    pub email: Option<String>,
    /// ISO 3166 alpha-2, from the billing address, else from the company's.
    pub country: Option<String>,
    /// From the billing address.
    pub city: Option<String>,
    /// Such as `de-DE`.
    pub culture: Option<String>,
    /// The company's registration number.
    pub registration_number: Option<String>,
}

/// The MPN ID that most of a customer's subscriptions are credited to; of equals the smallest, so that the answer does not
/// depend on the order. `-1`, `0` and nothing mean no reseller.
#[must_use]
pub fn mpn_id_of(subscriptions: &[Subscription]) -> Option<String> {
    let mut counts = std::collections::BTreeMap::<&str, usize>::new();
    for id in subscriptions.iter().filter_map(|s| s.partner_id.as_deref()) {
        if !matches!(id.trim(), "" | "0" | "-1") {
            *counts.entry(id.trim()).or_default() += 1;
        }
    }
    let most = counts.values().max().copied()?;
    counts.into_iter().find(|(_, count)| *count == most).map(|(id, _)| id.to_owned())
}
