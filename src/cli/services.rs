//! `services list`: subscriptions at Microsoft and services under management, joined.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::Serialize;

use super::Desk;
use super::clients::named;
use super::failure::{Exit, Failure};
use super::table::Table;
use crate::domain::cycle::BillingPlan;
use crate::domain::ids::{PlanId, ServiceKey};
use crate::domain::money::{Currency, grouped};
use crate::domain::plan::Amounts;
use crate::domain::portfolio::{Portfolio, ServiceRow};
use crate::domain::subscription::Subscription;
use crate::domain::values;
use crate::jobs::portfolio;
use crate::store::{Store, StoreError};

/// A row of the services grid without drafts, and what else Microsoft says of it.
#[derive(Serialize)]
struct Item {
    subscription_id: String,
    client_id: String,
    client_name: String,
    offer_name: String,
    product_id: Option<String>,
    sku_id: Option<String>,
    offer_id: String,
    quantity: u32,
    status: String,
    term: Option<String>,
    billing_cycle: Option<String>,
    plan: Option<PlanId>,
    plan_name: Option<String>,
    /// The plan that the dashboard proposes where none is chosen.
    proposed_plan: Option<PlanId>,
    #[serde(skip)]
    proposed_plan_name: Option<String>,
    managed: bool,
    at_microsoft: bool,
    currency: Option<Currency>,
    reseller_order_amount: Option<Decimal>,
    reseller_renewal_amount: Option<Decimal>,
    customer_order_amount: Option<Decimal>,
    customer_renewal_amount: Option<Decimal>,
    /// Why there are no amounts.
    no_amounts: Option<String>,
    invoice_generate: bool,
    invoice_start: Option<Date>,
    invoice_end: Option<Date>,
    #[serde(flatten)]
    microsoft: Microsoft,
    stale: bool,
    revision: Option<u64>,
    updated_by: Option<String>,
    updated_at: Option<Timestamp>,
}

/// What only the subscription has; all absent where Microsoft has it no more.
#[derive(Default, Serialize)]
struct Microsoft {
    microsoft_status: Option<String>,
    friendly_name: Option<String>,
    product_type: Option<String>,
    billing_type: Option<String>,
    auto_renew: Option<bool>,
    is_trial: Option<bool>,
    is_microsoft: Option<bool>,
    publisher: Option<String>,
    parent_subscription_id: Option<String>,
    partner_id: Option<String>,
    order_id: Option<String>,
    promotion_id: Option<String>,
    created_at: Option<Timestamp>,
    term_start: Option<Timestamp>,
    term_end: Option<Timestamp>,
    cancellable_until: Option<Timestamp>,
}

impl Microsoft {
    fn of(subscription: Subscription) -> Self {
        Self {
            microsoft_status: Some(subscription.status.to_string()),
            friendly_name: subscription.friendly_name,
            product_type: subscription.product_type,
            billing_type: subscription.billing_type,
            auto_renew: Some(subscription.auto_renew),
            is_trial: Some(subscription.is_trial),
            is_microsoft: Some(subscription.is_microsoft),
            publisher: subscription.publisher,
            parent_subscription_id: subscription.parent.map(|id| id.to_string()),
            partner_id: subscription.partner_id,
            order_id: subscription.order_id,
            promotion_id: subscription.promotion_id,
            created_at: subscription.created_at,
            term_start: subscription.term_start,
            term_end: subscription.term_end,
            cancellable_until: subscription.cancellable_until,
        }
    }
}

pub(super) fn list(desk: &Desk, managed: bool, client: Option<&str>) -> Result<Exit, Failure> {
    let (portfolio, mut subscriptions) = both(&desk.store)?;
    let rows = match client {
        Some(client) => {
            let of = &named(&portfolio, client)?.services;
            &portfolio.services[of.start as usize..of.end as usize]
        }
        None => &portfolio.services[..],
    };
    let items: Vec<Item> = rows
        .iter()
        .filter(|row| !managed || row.sold.is_some())
        .map(|row| item(&portfolio, row, subscriptions.remove(&portfolio.service_key(row))))
        .collect();
    desk.output.list(&items, table)?;
    Ok(Exit::Done)
}

/// The rows and the subscriptions behind them, of the same moment.
fn both(store: &Store) -> Result<(Portfolio, HashMap<ServiceKey, Subscription>), StoreError> {
    loop {
        let portfolio = portfolio::load(store)?.portfolio;
        let subscriptions = store.read(|txn| {
            if txn.generation()?.data != portfolio.generation {
                return Ok(None);
            }
            txn.subscriptions().map(Some)
        })?;
        if let Some(subscriptions) = subscriptions {
            let by_key = subscriptions.into_iter().map(|s| (s.key(), s)).collect();
            return Ok((portfolio, by_key));
        }
    }
}

fn item(portfolio: &Portfolio, row: &ServiceRow, subscription: Option<Subscription>) -> Item {
    let owner = &portfolio.clients[row.client as usize];
    let currency = values::of_client(owner, None).currency;
    let values = values::of_service(row, None);
    let (amounts, no_amounts) = match values::amounts(row, &values, currency, &portfolio.plans) {
        Ok(amounts) => (Some(amounts), None),
        Err(why) => (None, Some(why.to_string())),
    };
    let amount = |of: fn(&Amounts) -> Decimal| amounts.as_ref().map(of);
    let chosen = values.plan.as_ref().and_then(|plan| portfolio.plans.get(plan));
    let proposed = match (&values.plan, &values.cycle, currency) {
        (None, Some(cycle), Some(currency)) => portfolio.plans.proposal(&row.offer, cycle, currency),
        _ => None,
    };
    // A cycle is a pair; of Azure plans and perpetual software Microsoft gives only one half.
    let (term, billing) = match (&values.cycle, &subscription) {
        (Some(cycle), _) => (Some(cycle.term.clone()), Some(cycle.plan.clone())),
        (None, Some(subscription)) => (subscription.term.clone(), subscription.billing_plan.clone()),
        (None, None) => (None, None),
    };
    let sold = row.sold.as_deref();
    Item {
        subscription_id: row.id.to_string(),
        client_id: owner.id.to_string(),
        client_name: owner.name.clone(),
        offer_name: row.offer_name.to_string(),
        product_id: row.offer.product_id().map(str::to_owned),
        sku_id: row.offer.sku_id().map(str::to_owned),
        offer_id: row.offer.to_string(),
        quantity: values.quantity,
        status: values.status.to_string(),
        term: term.map(|term| term.to_string()),
        billing_cycle: billing.as_ref().map(as_microsoft_writes),
        plan_name: chosen.map(|plan| plan.name.clone()),
        plan: values.plan,
        proposed_plan: proposed.map(|plan| plan.id.clone()),
        proposed_plan_name: proposed.map(|plan| plan.name.clone()),
        managed: sold.is_some(),
        at_microsoft: row.subscribed.is_some(),
        currency: amounts.as_ref().map(|a| a.currency).or(currency),
        reseller_order_amount: amount(|a| a.reseller_order),
        reseller_renewal_amount: amount(|a| a.reseller_renewal),
        customer_order_amount: amount(|a| a.customer_order),
        customer_renewal_amount: amount(|a| a.customer_renewal),
        no_amounts,
        invoice_generate: values.invoice.generate,
        invoice_start: values.invoice.start,
        invoice_end: values.invoice.end,
        microsoft: subscription.map(Microsoft::of).unwrap_or_default(),
        stale: row.subscribed.as_ref().is_some_and(|s| s.stale),
        revision: sold.map(|s| s.revision),
        updated_by: sold.map(|s| s.updated_by.to_string()),
        updated_at: sold.map(|s| s.updated_at),
    }
}

/// Microsoft's own spelling of its billing cycles.
fn as_microsoft_writes(plan: &BillingPlan) -> String {
    match plan {
        BillingPlan::OneTime => "one_time".to_owned(),
        BillingPlan::Other(text) => text.clone(),
        known => known.to_string().to_lowercase(),
    }
}

fn table(items: &[Item]) -> Table {
    let mut table = Table::new(
        &[
            "CLIENT",
            "OFFER",
            ">QTY",
            "STATUS",
            "CYCLE",
            "PLAN",
            ">CUST. ORDER",
            ">CUST. RENEWAL",
            "SUBSCRIPTION",
        ],
        "no services yet; cspdeck csp pull requests the CSP data",
    );
    for item in items {
        let half = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
        let money = |amount: Option<Decimal>| match (amount, item.currency) {
            (Some(amount), Some(currency)) => format!("{currency} {}", grouped(amount, currency)),
            _ => "-".to_owned(),
        };
        let plan = match (&item.plan_name, &item.plan, &item.proposed_plan_name) {
            (Some(name), _, _) => name.clone(),
            (None, Some(plan), _) => plan.to_string(),
            (None, None, Some(proposed)) => format!("~{proposed}"),
            (None, None, None) => "-".to_owned(),
        };
        table.row([
            item.client_name.clone(),
            item.offer_name.clone(),
            item.quantity.to_string(),
            item.status.clone(),
            format!("{}/{}", half(&item.term), half(&item.billing_cycle)),
            plan,
            money(item.customer_order_amount),
            money(item.customer_renewal_amount),
            item.subscription_id.clone(),
        ]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn billing_cycles_are_spelt_as_microsoft_spells_them() {
        for text in ["monthly", "annual", "triennial", "none", "one_time", "Biennial"] {
            assert_eq!(as_microsoft_writes(&BillingPlan::from(text.to_owned())), text);
        }
    }
}
