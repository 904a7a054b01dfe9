//! Subscriptions: how many a customer has, of what, and the list that the API gives of them.

mod dates;
mod item;

use super::answers::{self, Refusal};
use super::caller::Caller;
use super::catalogue::{CatalogueItem, CatalogueKind, catalogue};
use super::customer_ids;
use super::faults::Faults;
use super::names;
use super::random::{Purpose, chance, pick, pick_weighted, stream};
use super::relationships;
use super::{PARTNER_MPN, Shared, Tier};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use fastrand::Rng;
use item::Owner;
use serde_json::{Value, json};
use std::sync::Arc;

/// How many subscriptions the first `customers` customers of this seed have together, on either tier.
pub fn subscription_count(customers: u32, seed: u64, _tier: Tier) -> u64 {
    (0..customers).map(|index| u64::from(count(seed, index))).sum()
}

// Of a hundred customers one has none, one has many, and the others have one to six.
fn count(seed: u64, index: u32) -> u32 {
    let mut rng = stream(seed, Purpose::SubscriptionCount, index);
    match (u64::from(index) + seed % 100) % 100 {
        17 => 0,
        42 => rng.u32(7..=30),
        _ => {
            let usual = [(1, 18), (2, 27), (3, 23), (4, 15), (5, 9), (6, 5)];
            pick_weighted(&mut rng, &usual, |usual| usual.1).0
        }
    }
}

/// `GET /v1/customers/{id}/subscriptions`
pub(super) async fn list(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    _caller: Caller,
) -> Result<Response, Refusal> {
    let index = customer_ids::index_of(&shared, &id)?;
    let faults = shared.faults();
    if faults.fail_customers.contains(&index) {
        return Err(failing_customer(index));
    }
    let mut items = subscriptions(&shared, &faults, index);
    if faults.unknown_values && index == 0 {
        items.push(json!(["this is not a subscription"]));
    }
    let links = json!({ "self": answers::link(&format!("/customers/{id}/subscriptions")) });
    let mut body = answers::collection(items, Some(links));
    if faults.absurd_total {
        body["totalCount"] = json!(-1);
    }
    Ok(answers::json(StatusCode::OK, &body))
}

fn failing_customer(index: u32) -> Refusal {
    if index.is_multiple_of(2) {
        Refusal::new(
            StatusCode::FORBIDDEN,
            20_002,
            "The partner has no commerce relationship with the customer.",
        )
    } else {
        Refusal::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            5000,
            "The subscriptions of the customer could not be read.",
        )
    }
}

fn subscriptions(shared: &Shared, faults: &Faults, index: u32) -> Vec<Value> {
    let mut rng = stream(shared.seed, Purpose::Subscriptions, index);
    let owner = Owner {
        customer_id: customer_ids::id(shared.seed, index).to_string(),
        country: names::company(shared.seed, index).locale.country,
        partner_id: match shared.tier {
            Tier::Indirect => relationships::reseller_of(shared, index).map(|it| it.mpn_id),
            Tier::Direct => index.is_multiple_of(2).then(|| PARTNER_MPN.to_owned()),
        },
    };
    let mut held: Vec<&CatalogueItem> = Vec::new();
    let mut parent_id = None;
    let mut list = Vec::new();
    for position in 0..count(shared.seed, index) {
        let item = choose(&mut rng, &held, parent_id.is_some());
        held.push(item);
        let mut subscription = item::make(&mut rng, &owner, item, parent_id.as_deref());
        if item.kind == CatalogueKind::LegacyLicence {
            parent_id = subscription["id"].as_str().map(str::to_owned);
        }
        if faults.hostile_names {
            for name in ["friendlyName", "offerName"] {
                let text = subscription[name].as_str().unwrap_or_default();
                subscription[name] = json!(names::hostile(index + position, text));
            }
        }
        if faults.unknown_values {
            distort(&mut subscription, index + position);
        }
        list.push(subscription);
    }
    list
}

// What a customer buys next. There is one Azure plan at most, an add-on needs a parent, and the same offer twice
// is rare.
fn choose(rng: &mut Rng, held: &[&CatalogueItem], has_parent: bool) -> &'static CatalogueItem {
    use CatalogueKind::{
        AzurePlan, LegacyAddOn, LegacyLicence, Licence, Marketplace, PerpetualSoftware, SoftwareSubscription,
        Trial,
    };
    let kinds = [
        (Licence, 68),
        (Trial, 4),
        (LegacyLicence, 9),
        (LegacyAddOn, if has_parent { 20 } else { 0 }),
        (AzurePlan, 6),
        (PerpetualSoftware, 3),
        (SoftwareSubscription, 2),
        (Marketplace, 4),
    ];
    let holds = |item: &CatalogueItem| held.iter().any(|held| std::ptr::eq(*held, item));
    loop {
        let kind = pick_weighted(rng, &kinds, |kind| kind.1).0;
        let of_kind: Vec<&CatalogueItem> = catalogue().iter().filter(|item| item.kind == kind).collect();
        let item = pick(rng, &of_kind);
        if !holds(item) || (kind != AzurePlan && chance(rng, 10)) {
            return item;
        }
    }
}

// What nobody told the client about; the kinds of distortion go round.
fn distort(subscription: &mut Value, turn: u32) {
    match turn % 9 {
        0 => subscription["status"] = json!("paused_by_microsoft"),
        1 => subscription["quantity"] = json!(subscription["quantity"].to_string()),
        2 => {
            subscription["billingCycle"] = json!("quadrennial");
            subscription["termDuration"] = json!("P18M");
        }
        3 => {
            subscription["sustainability"] = json!({ "score": 1.5e300, "notes": [null, {}] });
            subscription["offerId2"] = json!("x");
        }
        4 => {
            subscription["productType"] = json!("OnlineServicesNCE2");
            subscription["isTrial"] = json!("false");
        }
        5 => {
            subscription["commitmentEndDate"] = json!("not a date");
            subscription["unitType"] = Value::Null;
        }
        6 => {
            subscription["quantity"] = json!(12.0);
            subscription["contractType"] = json!(7);
        }
        7 => {
            subscription["autoRenewEnabled"] = Value::Null;
            subscription["attributes"] = Value::Null;
            subscription["partnerId"] = json!(6_204_817);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn customers_have_about_three_subscriptions_some_have_none_and_none_has_more_than_30() {
        let counts: Vec<u32> = (0..20_000).map(|index| count(5, index)).collect();
        let total = subscription_count(20_000, 5, Tier::Direct);
        assert_eq!(total, counts.iter().map(|count| u64::from(*count)).sum::<u64>());
        assert!((56_000..64_000).contains(&total), "{total}");
        assert_eq!(counts.iter().filter(|count| **count == 0).count(), 200);
        assert!(counts.iter().any(|count| *count > 20));
        assert!(counts.iter().all(|count| *count <= 30));
    }
}
