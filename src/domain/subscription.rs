//! A subscription as Partner Center has it.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::cycle::{BillingCycle, BillingPlan, Term};
use super::ids::{CustomerId, ServiceKey, SubscriptionId};
use super::offer::Offer;

/// A subscription's status; Microsoft adds values without notice, and they are kept as they come.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum SubscriptionStatus {
    /// In use.
    Active,
    /// Ordered, not yet provisioned.
    Pending,
    /// Stopped by the partner or by Microsoft; new commerce goes on billing it.
    Suspended,
    /// Cancelled.
    Deleted,
    /// Its term has ended.
    Expired,
    /// Ended, data kept for a while.
    Disabled,
    /// As it came.
    Other(String),
}

impl SubscriptionStatus {
    /// The values that an operator can choose from.
    #[must_use]
    pub fn usual() -> [Self; 6] {
        [Self::Active, Self::Pending, Self::Suspended, Self::Deleted, Self::Expired, Self::Disabled]
    }
}

impl From<String> for SubscriptionStatus {
    fn from(text: String) -> Self {
        match text.trim().to_ascii_lowercase().as_str() {
            "active" => Self::Active,
            "pending" => Self::Pending,
            "suspended" => Self::Suspended,
            "deleted" => Self::Deleted,
            "expired" => Self::Expired,
            "disabled" => Self::Disabled,
            _ => Self::Other(text.trim().to_owned()),
        }
    }
}

impl From<SubscriptionStatus> for String {
    fn from(status: SubscriptionStatus) -> Self {
        status.to_string()
    }
}

impl fmt::Display for SubscriptionStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Active => "active",
            Self::Pending => "pending",
            Self::Suspended => "suspended",
            Self::Deleted => "deleted",
            Self::Expired => "expired",
            Self::Disabled => "disabled",
            Self::Other(text) => text,
        })
    }
}

/// One subscription of the last complete snapshot
/// (<https://learn.microsoft.com/partner-center/developer/subscription-resources>).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    /// Below which tenant.
    pub customer_id: CustomerId,
    /// Its id.
    pub id: SubscriptionId,
    /// What is sold.
    pub offer: Offer,
    /// Microsoft's name of the offer.
    pub offer_name: String,
    /// The partner's nickname for it.
    #[serde(default)]
    pub friendly_name: Option<String>,
    /// Such as `OnlineServicesNCE`, as it came.
    #[serde(default)]
    pub product_type: Option<String>,
    /// Seats; 1 for Azure.
    pub quantity: u32,
    /// Its status.
    pub status: SubscriptionStatus,
    /// The committed term; none for Azure plans and perpetual software.
    #[serde(default)]
    pub term: Option<Term>,
    /// How it is billed.
    #[serde(default)]
    pub billing_plan: Option<BillingPlan>,
    /// `license`, `usage`, … as it came.
    #[serde(default)]
    pub billing_type: Option<String>,
    /// Whether it renews by itself.
    #[serde(default)]
    pub auto_renew: bool,
    /// Whether it is a trial.
    #[serde(default)]
    pub is_trial: bool,
    /// False for another publisher's product.
    #[serde(default = "yes")]
    pub is_microsoft: bool,
    /// The publisher's name.
    #[serde(default)]
    pub publisher: Option<String>,
    /// The subscription that a legacy add-on belongs to.
    #[serde(default)]
    pub parent: Option<SubscriptionId>,
    /// The reseller's MPN ID.
    #[serde(default)]
    pub partner_id: Option<String>,
    /// The order behind it.
    #[serde(default)]
    pub order_id: Option<String>,
    /// The promotion it was bought with.
    #[serde(default)]
    pub promotion_id: Option<String>,
    /// UTC.
    #[serde(default)]
    pub created_at: Option<Timestamp>,
    /// Start of the current term, UTC.
    #[serde(default)]
    pub term_start: Option<Timestamp>,
    /// End of the current term, UTC; none where it never ends.
    #[serde(default)]
    pub term_end: Option<Timestamp>,
    /// The last moment to cancel in this term, UTC.
    #[serde(default)]
    pub cancellable_until: Option<Timestamp>,
    /// Kept from the snapshot before, because this pull could not read the customer's subscriptions.
    #[serde(default)]
    pub stale: bool,
}

fn yes() -> bool {
    true
}

impl Subscription {
    /// Its identity.
    #[must_use]
    pub fn key(&self) -> ServiceKey {
        ServiceKey { customer: self.customer_id.clone(), subscription: self.id.clone() }
    }

    /// Term and billing plan, where Microsoft gives both.
    #[must_use]
    pub fn cycle(&self) -> Option<BillingCycle> {
        Some(BillingCycle { term: self.term.clone()?, plan: self.billing_plan.clone()? })
    }
}
