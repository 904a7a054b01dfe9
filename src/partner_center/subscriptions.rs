//! A customer's subscriptions, of legacy and of new commerce in one list
//! (<https://learn.microsoft.com/partner-center/developer/get-all-of-a-customer-s-subscriptions>).

use serde_json::Value;

use super::call::Operation;
use super::error::ApiError;
use super::http::Http;
use super::json::Fields;
use super::paging::{OddItem, read_all, read_items};
use crate::domain::cycle::{BillingPlan, Term};
use crate::domain::ids::{CustomerId, SubscriptionId};
use crate::domain::offer::Offer;
use crate::domain::subscription::{Subscription, SubscriptionStatus};

/// A customer's subscriptions.
#[derive(Debug, Clone, Default)]
pub struct Subscriptions {
    /// Those that could be read.
    pub items: Vec<Subscription>,
    /// What was odd.
    pub odd: Vec<OddItem>,
}

/// All of a customer's subscriptions. Microsoft documents no pages here; a link to one is followed all the same.
pub(super) async fn of(http: &Http, id: &CustomerId) -> Result<Subscriptions, ApiError> {
    let operation = Operation::new(&format!("the subscriptions of customer {id}"));
    let url = http.base.resource(&["customers", id.as_str(), "subscriptions"]);
    let items = read_all(http, &operation, url).await?;
    let (items, odd) = read_list(&items, id);
    Ok(Subscriptions { items, odd })
}

pub(super) fn read_list(items: &[Value], customer: &CustomerId) -> (Vec<Subscription>, Vec<OddItem>) {
    read_items(items, |item, notes| read_one(item, customer, notes), |subscription| subscription.id.clone())
}

fn read_one(
    item: Fields<'_>,
    customer: &CustomerId,
    notes: &mut Vec<String>,
) -> Result<Subscription, String> {
    let id =
        SubscriptionId::parse(&item.text("id").ok_or("it has no id")?).map_err(|error| error.to_string())?;
    let product_type = item.object("productType");
    let type_id = product_type.and_then(|t| t.text("id").or_else(|| t.text("displayName")));
    let billing_type = item.text("billingType");
    let exact_end = item.moment("commitmentEndDateTime", notes);
    let parent = item.text("parentSubscriptionId").map(|parent| SubscriptionId::parse(&parent)).transpose();
    Ok(Subscription {
        customer_id: customer.clone(),
        id,
        offer: Offer::parse(&item.text("offerId").unwrap_or_default()),
        offer_name: item.text("offerName").unwrap_or_default(),
        friendly_name: item.text("friendlyName"),
        product_type: type_id.or_else(|| item.text("productType")),
        quantity: quantity(item, billing_type.as_deref(), notes),
        status: SubscriptionStatus::from(item.text("status").unwrap_or_else(|| "none".to_owned())),
        term: item.text("termDuration").map(Term::from),
        billing_plan: item.text("billingCycle").map(BillingPlan::from),
        billing_type,
        auto_renew: item.flag("autoRenewEnabled").unwrap_or_default(),
        is_trial: item.flag("isTrial").unwrap_or_default(),
        is_microsoft: item.flag("isMicrosoftProduct").unwrap_or(true),
        publisher: item.text("publisherName"),
        parent: parent.unwrap_or_else(|error| {
            notes.push(format!("parentSubscriptionId: {error}"));
            None
        }),
        partner_id: item.text("partnerId"),
        order_id: item.text("orderId"),
        promotion_id: item.text("promotionId"),
        created_at: item.moment("creationDate", notes),
        term_start: item.moment("effectiveStartDate", notes),
        term_end: exact_end.or_else(|| item.moment("commitmentEndDate", notes)),
        cancellable_until: item.moment("cancellationAllowedUntilDate", notes),
        stale: false,
    })
}

/// Seats. Azure and other usage has none and counts as one.
fn quantity(item: Fields<'_>, billing_type: Option<&str>, notes: &mut Vec<String>) -> u32 {
    item.count("quantity", notes).unwrap_or_else(|| {
        let is_usage = billing_type.is_some_and(|billing| billing.eq_ignore_ascii_case("usage"));
        if !is_usage {
            notes.push("quantity is missing and is taken as 0".to_owned());
        }
        u32::from(is_usage)
    })
}
