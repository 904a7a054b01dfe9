//! One subscription, with the fields that its kind has.

use super::dates::{self, NEVER, NO_DATE, REFERENCE_DAY, Term, Time, last_day_before, midnight, plus_days};
use crate::simulator::answers;
use crate::simulator::catalogue::{CatalogueItem, CatalogueKind};
use crate::simulator::random::{chance, guid, hex, pick, pick_weighted};
use fastrand::Rng;
use jiff::civil::Date;
use serde_json::{Value, json};

/// Whose subscription it is.
pub(super) struct Owner {
    pub customer_id: String,
    pub country: &'static str,
    /// The MPN id in `partnerId`, where there is one.
    pub partner_id: Option<String>,
}

const STATUSES: [(&str, u32); 6] =
    [("active", 84), ("suspended", 4), ("deleted", 4), ("expired", 4), ("pending", 2), ("disabled", 2)];
const SUSPENSIONS: [&[&str]; 3] =
    [&["PartnerRequest"], &["PaymentInstrumentNotApproved"], &["PartnerRequest", "FraudReview"]];
const NICKNAMES: [&str; 6] =
    ["HQ seats", "Büro München", "Warehouse", "経理部", "Field sales – EMEA", "Old tenant (do not renew!)"];

/// Makes a subscription to `item`; an add-on belongs to the subscription `parent_id`.
pub(super) fn make(rng: &mut Rng, owner: &Owner, item: &CatalogueItem, parent_id: Option<&str>) -> Value {
    let mut subscription = common(rng, owner, item);
    match item.kind {
        CatalogueKind::LegacyLicence | CatalogueKind::LegacyAddOn => {
            legacy(rng, &mut subscription, item);
        }
        CatalogueKind::AzurePlan => azure_plan(rng, &mut subscription),
        CatalogueKind::PerpetualSoftware => perpetual(rng, &mut subscription),
        CatalogueKind::Licence
        | CatalogueKind::Trial
        | CatalogueKind::SoftwareSubscription
        | CatalogueKind::Marketplace => new_commerce(rng, &mut subscription, item),
    }
    if let Some(parent_id) = parent_id
        && item.kind == CatalogueKind::LegacyAddOn
    {
        // The parent's own id is in upper case; here it isn't always.
        let parent_id = if chance(rng, 50) { parent_id.to_lowercase() } else { parent_id.to_owned() };
        let uri = format!("/customers/{}/subscriptions/{parent_id}", owner.customer_id);
        subscription["links"]["parentSubscription"] = answers::link(&uri);
        subscription["parentSubscriptionId"] = json!(parent_id);
    }
    subscription
}

fn common(rng: &mut Rng, owner: &Owner, item: &CatalogueItem) -> Value {
    let mut id = guid(rng).to_string();
    if item.legacy {
        id = id.to_uppercase();
    }
    let friendly_name = if chance(rng, 15) { pick(rng, &NICKNAMES) } else { item.title };
    let status = pick_weighted(rng, &STATUSES, |status| status.1).0;
    let is_licence = item.kind != CatalogueKind::AzurePlan;
    let mut subscription = json!({
        "offerId": item.offer_id(),
        "offerName": item.title,
        "friendlyName": friendly_name,
        "quantity": quantity(rng, item),
        "unitType": if is_licence { "Licenses" } else { "Usage-based" },
        "hasPurchasableAddons": item.kind == CatalogueKind::LegacyLicence,
        "status": status,
        "autoRenewEnabled": status == "active" && chance(rng, 85),
        "isTrial": item.kind == CatalogueKind::Trial,
        "billingType": if is_licence { "license" } else { "usage" },
        "isMicrosoftProduct": item.kind != CatalogueKind::Marketplace,
        "publisherName": item.publisher,
        "attentionNeeded": false,
        "actionTaken": false,
        "contractType": "subscription",
        "links": links(owner, item, &id),
        "attributes": { "objectType": "Subscription" },
        "id": id,
    });
    if status == "suspended" {
        let reasons = pick(rng, &SUSPENSIONS);
        subscription["suspensionReasons"] = json!(reasons);
    }
    if let Some(partner_id) = &owner.partner_id {
        subscription["partnerId"] = json!(partner_id);
    }
    subscription
}

fn quantity(rng: &mut Rng, item: &CatalogueItem) -> u32 {
    match item.kind {
        CatalogueKind::AzurePlan => 1,
        CatalogueKind::Trial => 25,
        _ => {
            let buckets = [(1..5, 35), (5..26, 40), (26..101, 18), (101..300, 6), (300..2500, 1)];
            let bucket = pick_weighted(rng, &buckets, |bucket| bucket.1).0.clone();
            let quantity = rng.u32(bucket);
            // Business SKUs end at 300 seats.
            if item.title.contains("usiness") { quantity.min(300) } else { quantity }
        }
    }
}

fn links(owner: &Owner, item: &CatalogueItem, id: &str) -> Value {
    let Owner { customer_id, country, .. } = owner;
    let mut links = json!({
        "self": answers::link(&format!("/customers/{customer_id}/subscriptions/{id}")),
    });
    if item.legacy {
        let offer = item.product_id;
        links["offer"] = answers::link(&format!("/v1/offers/{offer}?country={country}"));
    } else {
        let (product, sku, availability) = (item.product_id, item.sku_id, item.availability_id);
        let product = format!("/products/{product}");
        let sku = format!("{product}/skus/{sku}");
        let availability = format!("{sku}/availabilities/{availability}");
        for (name, uri) in [("product", product), ("sku", sku), ("availability", availability)] {
            links[name] = answers::link(&format!("{uri}?country={country}"));
        }
    }
    links
}

fn months_of(term: &str) -> i32 {
    match term {
        "P1Y" => 12,
        "P3Y" => 36,
        _ => 1,
    }
}

fn cycle_months(billing_cycle: &str, term: &str) -> i32 {
    match billing_cycle {
        "monthly" => 1,
        "annual" => 12,
        _ => months_of(term),
    }
}

fn status_of(subscription: &Value) -> &str {
    subscription["status"].as_str().unwrap_or_default()
}

fn term_for(rng: &mut Rng, status: &str, is_trial: bool, months: i32) -> Term {
    match status {
        "deleted" | "expired" | "disabled" => Term::over(rng, months),
        // A trial ends with its only term, and what is pending has just been bought.
        "pending" => Term::first(rng, months),
        _ if is_trial => Term::first(rng, months),
        _ => Term::running(rng, months),
    }
}

fn new_commerce(rng: &mut Rng, subscription: &mut Value, item: &CatalogueItem) {
    let (term_duration, billing_cycle) = pick(rng, item.cycles);
    let product_type = match item.kind {
        CatalogueKind::SoftwareSubscription => "Software",
        CatalogueKind::Marketplace => "SaaS",
        _ => "OnlineServicesNCE",
    };
    subscription["productType"] = json!({ "id": product_type, "displayName": product_type });
    subscription["orderId"] = json!(hex(rng, 12));
    subscription["billingCycle"] = json!(billing_cycle);
    subscription["termDuration"] = json!(term_duration);

    let is_trial = item.kind == CatalogueKind::Trial;
    let months = months_of(term_duration);
    let term = term_for(rng, status_of(subscription), is_trial, months);
    let time = Time::random(rng);
    subscription["creationDate"] = json!(time.with_offset(rng, term.created));
    if status_of(subscription) == "pending" {
        // Bought, but not provisioned: there is no term yet.
        subscription["effectiveStartDate"] = json!(NO_DATE);
        subscription["commitmentEndDate"] = json!(NO_DATE);
        return;
    }
    subscription["effectiveStartDate"] = json!(midnight(term.start));
    subscription["commitmentEndDate"] = json!(midnight(last_day_before(term.end)));
    if chance(rng, 50) {
        let end = format!("{}T23:59:59.9999999Z", last_day_before(term.end));
        subscription["commitmentEndDateTime"] = json!(end);
    }
    if status_of(subscription) == "active" {
        if !is_trial {
            let cycle_end = term.cycle_end(cycle_months(billing_cycle, term_duration));
            subscription["billingCycleEndDate"] = json!(midnight(cycle_end));
        }
        cancellation(rng, subscription, &term, time);
        renewal(rng, subscription, item, term_duration, billing_cycle, term.end);
    }
    if item.kind == CatalogueKind::Licence {
        if chance(rng, 5) {
            subscription["promotionId"] = json!("39NFJQT1PGVJ:0045:39NFJQT1Q684");
        }
        if chance(rng, 6) {
            let old = guid(rng).to_string().to_uppercase();
            subscription["migratedFromSubscriptionId"] = json!(old);
        }
    }
}

// Seats can be returned for seven days after the purchase or the renewal.
fn cancellation(rng: &mut Rng, subscription: &mut Value, term: &Term, time: Time) {
    let until_day = plus_days(term.start, 7);
    let until = time.with_offset(rng, until_day);
    subscription["cancellationAllowedUntilDate"] = json!(until);
    if until_day > REFERENCE_DAY {
        let quantity = subscription["quantity"].clone();
        subscription["actions"] = json!(["edit", "cancel"]);
        subscription["refundOptions"] = json!([{ "type": "Partial", "expiresAt": until }]);
        subscription["refundableQuantity"] = json!({
            "totalQuantity": quantity,
            "details": [{ "quantity": quantity, "allowedUntilDateTime": until }],
        });
    } else {
        subscription["actions"] = json!(["edit"]);
        subscription["refundableQuantity"] = json!({ "totalQuantity": 0, "details": [] });
    }
}

fn renewal(
    rng: &mut Rng,
    subscription: &mut Value,
    item: &CatalogueItem,
    term_duration: &str,
    billing_cycle: &str,
    term_end: Date,
) {
    if subscription["autoRenewEnabled"] != json!(true) {
        return;
    }
    subscription["renewalTermDuration"] = json!(term_duration);
    if item.kind == CatalogueKind::Licence && chance(rng, 5) {
        let seats = subscription["quantity"].as_u64().unwrap_or(1).div_ceil(2);
        subscription["scheduledNextTermInstructions"] = json!({
            "product": {
                "productId": item.product_id,
                "skuId": item.sku_id,
                "availabilityId": item.availability_id,
                "billingCycle": billing_cycle,
                "termDuration": term_duration,
            },
            "quantity": seats,
            "customTermEndDate": midnight(dates::plus_months(term_end, months_of(term_duration))),
        });
    }
}

fn legacy(rng: &mut Rng, subscription: &mut Value, item: &CatalogueItem) {
    let (term_duration, billing_cycle) = pick(rng, item.cycles);
    let months = months_of(term_duration);
    let term = term_for(rng, status_of(subscription), false, months);
    let time = Time::random(rng);
    subscription["orderId"] = json!(guid(rng).to_string());
    subscription["billingCycle"] = json!(billing_cycle);
    subscription["termDuration"] = json!(term_duration);
    subscription["creationDate"] = json!(time.legacy(rng, term.created));
    subscription["effectiveStartDate"] = json!(format!("{}T00:00:00", term.start));
    // The day after the last one, other than in new commerce.
    subscription["commitmentEndDate"] = json!(format!("{}T00:00:00", term.end));
    subscription["billingCycleEndDate"] = json!(NO_DATE);
    let etag = format!("eyJpZCI6I{}", hex(rng, 16));
    subscription["attributes"]["etag"] = json!(etag);
    if chance(rng, 30) {
        subscription["unitType"] = json!("none");
    }
    if chance(rng, 70)
        && let Some(fields) = subscription.as_object_mut()
    {
        fields.remove("publisherName");
    }
}

fn azure_plan(rng: &mut Rng, subscription: &mut Value) {
    let created = Term::running(rng, 36).created;
    let time = Time::random(rng);
    subscription["productType"] = json!({ "id": "Azure", "displayName": "Azure" });
    subscription["orderId"] = json!(hex(rng, 12));
    subscription["billingCycle"] = json!("monthly");
    subscription["creationDate"] = json!(time.with_offset(rng, created));
    subscription["effectiveStartDate"] = json!(time.with_offset(rng, created));
    subscription["commitmentEndDate"] = json!(NEVER);
    subscription["autoRenewEnabled"] = json!(false);
}

fn perpetual(rng: &mut Rng, subscription: &mut Value) {
    let created = Term::running(rng, 36).created;
    let time = Time::random(rng);
    subscription["productType"] = json!({ "id": "Software", "displayName": "Software" });
    subscription["orderId"] = json!(hex(rng, 12));
    subscription["billingCycle"] = json!("one_time");
    subscription["contractType"] = json!("productKey");
    subscription["creationDate"] = json!(time.with_offset(rng, created));
    subscription["effectiveStartDate"] = json!(midnight(created));
    subscription["commitmentEndDate"] = json!(NEVER);
    subscription["autoRenewEnabled"] = json!(false);
    let until = plus_days(created, 30);
    if until > REFERENCE_DAY {
        let until = time.with_offset(rng, until);
        subscription["cancellationAllowedUntilDate"] = json!(until);
        subscription["refundOptions"] = json!([{ "type": "Full", "expiresAfter": until }]);
    }
}
