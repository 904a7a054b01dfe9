//! `plans list` and `plans show`.

use std::collections::BTreeSet;

use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::cli::Desk;
use crate::cli::failure::{Exit, Failure};
use crate::cli::table::Table;
use crate::domain::money::{Currency, grouped};
use crate::domain::plan::{Plan, PlanPrice};
use crate::jobs::plans::{self, PlanSummary};

pub(super) fn list(desk: &Desk) -> Result<Exit, Failure> {
    let plans = plans::list(&desk.store)?;
    let items: Vec<Value> = plans.iter().map(versioned).collect();
    desk.output.list(&items, |_| table(&plans))?;
    Ok(Exit::Done)
}

pub(super) fn show(desk: &Desk, wanted: &str) -> Result<Exit, Failure> {
    let found = plans::find(&desk.store, wanted)?;
    let plan = &found.plan.value;
    let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    let line = |name: &str, value: &str| format!("{name:<12}{value}");
    let mut lines = vec![
        line("name", &plan.name),
        line("id", plan.id.as_str()),
        line("type", &plan.kind),
        line("offer", &plan.offer.to_string()),
        line("segment", &plan.segment),
        line("market", &text(&plan.market)),
        line("sheet", &text(&plan.sheet)),
        line("rounding", &plan.rounding.to_string()),
        line("services", &found.services.to_string()),
        line("changed", &format!("{:.10} by {}", found.plan.updated_at, found.plan.updated_by)),
    ];
    lines.extend(price_lines(plan));
    desk.output.document(&versioned(&found), &lines)?;
    Ok(Exit::Done)
}

fn versioned(found: &PlanSummary) -> Value {
    let mut document = document(&found.plan.value, found.services);
    if let Value::Object(fields) = &mut document {
        fields.insert("revision".to_owned(), json!(found.plan.revision));
        fields.insert("updated_by".to_owned(), json!(found.plan.updated_by));
        fields.insert("updated_at".to_owned(), json!(found.plan.updated_at));
    }
    document
}

/// A plan for programs. Money is per seat and billing period.
pub(super) fn document(plan: &Plan, services: usize) -> Value {
    json!({
        "id": plan.id.as_str(),
        "name": plan.name,
        "type": plan.kind,
        "offer_id": plan.offer.to_string(),
        "product_id": plan.offer.product_id(),
        "sku_id": plan.offer.sku_id(),
        "segment": plan.segment,
        "market": plan.market,
        "sheet": plan.sheet,
        "rounding": plan.rounding.to_string(),
        "services": services,
        "prices": plan.prices.iter().map(price).collect::<Vec<_>>(),
    })
}

/// A price for programs.
pub(super) fn price(price: &PlanPrice) -> Value {
    let currency = price.currency;
    json!({
        "term": price.cycle.term.to_string(),
        "billing_plan": price.cycle.plan.to_string(),
        "currency": currency,
        "cost": currency.round(price.cost.exact()),
        "cost_exact": price.cost.exact().normalize(),
        "price": price.price,
        "renewal_price": price.renewal_price,
        "erp": price.erp.as_ref().map(|erp| currency.round(erp.exact())),
        "margin_percent": price.margin_percent.normalize(),
        "margin": currency.round(price.margin()),
        "real_margin_percent": price.real_margin_percent(),
        "reseller_margin_percent": price.reseller_margin_percent.normalize(),
        "reseller_price": price.reseller_price,
        "reseller_renewal_price": price.reseller_renewal_price,
        "by_hand": price.price_by_hand || price.renewal_by_hand,
        "price_by_hand": price.price_by_hand,
        "renewal_by_hand": price.renewal_by_hand,
        "warnings": price.warnings().iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}

/// A plan's prices for people.
pub(super) fn price_lines(plan: &Plan) -> Vec<String> {
    let head = ["CYCLE", "CUR", ">COST", ">PRICE", ">RENEWAL", ">ERP", ">MARGIN", ">%", "NOTE"];
    let mut table = Table::new(&head, "  no prices");
    for price in &plan.prices {
        let money = |amount: Decimal| grouped(amount, price.currency);
        let hand =
            |amount: Decimal, by_hand: bool| format!("{}{}", if by_hand { "*" } else { "" }, money(amount));
        let percent = price.real_margin_percent();
        table.row([
            price.cycle.to_string(),
            price.currency.to_string(),
            money(price.cost.exact()),
            hand(price.price, price.price_by_hand),
            hand(price.renewal_price, price.renewal_by_hand),
            price.erp.as_ref().map_or_else(|| "-".to_owned(), |erp| money(erp.exact())),
            money(price.margin()),
            percent.map_or_else(|| "-".to_owned(), |percent| percent.to_string()),
            price.warnings().iter().map(|w| format!("! {w}")).collect::<Vec<_>>().join(", "),
        ]);
    }
    table.lines()
}

fn table(plans: &[PlanSummary]) -> Table {
    let head = [
        "NAME",
        "OFFER",
        "SEGMENT",
        "MARKET",
        "SHEET",
        ">CYCLES",
        "CURRENCIES",
        ">MARGIN %",
        ">SERVICES",
        "ID",
    ];
    let mut table = Table::new(&head, "no plans yet; cspdeck plans create makes them from a price sheet");
    for PlanSummary { plan, services } in plans {
        let plan = &plan.value;
        let currencies: BTreeSet<Currency> = plan.prices.iter().map(|price| price.currency).collect();
        let currencies: Vec<String> = currencies.iter().map(ToString::to_string).collect();
        let cycles: BTreeSet<String> = plan.prices.iter().map(|price| price.cycle.to_string()).collect();
        table.row([
            plan.name.clone(),
            plan.offer.to_string(),
            plan.segment.clone(),
            plan.market.clone().unwrap_or_else(|| "-".to_owned()),
            plan.sheet.clone().unwrap_or_else(|| "-".to_owned()),
            cycles.len().to_string(),
            currencies.join(" "),
            plan.margin_range().map_or_else(|| "-".to_owned(), |(low, high)| margins(low, high)),
            services.to_string(),
            plan.id.to_string(),
        ]);
    }
    table
}

fn margins(low: Decimal, high: Decimal) -> String {
    if low == high {
        low.normalize().to_string()
    } else {
        format!("{} - {}", low.normalize(), high.normalize())
    }
}
