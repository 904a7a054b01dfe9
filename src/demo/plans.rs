//! The demo's plans: real ones, made from what the simulator sells, at prices of our own invention.

use rust_decimal::Decimal;

use crate::domain::cycle::{BillingCycle, BillingPlan, Term};
use crate::domain::ids::PlanId;
use crate::domain::money::Currency;
use crate::domain::offer::Offer;
use crate::domain::plan::{Cost, Plan, PlanPrice};
use crate::domain::rounding::Rounding;
use crate::simulator::{CatalogueItem, CatalogueKind, catalogue};

/// Percent of cost.
const MARGIN: i64 = 12;
/// Percent of cost, for the reseller.
const RESELLER_MARGIN: i64 = 6;

/// Currency, what a US dollar is in it, and the step that list prices keep to, both in thousandths.
const CURRENCIES: [(&str, i64, i64); 11] = [
    ("USD", 1_000, 10),
    ("EUR", 930, 10),
    ("GBP", 800, 10),
    ("NOK", 10_600, 100),
    ("SEK", 10_400, 100),
    ("DKK", 6_900, 100),
    ("CHF", 890, 50),
    ("JPY", 149_000, 1_000),
    ("AUD", 1_520, 10),
    ("CAD", 1_370, 10),
    ("INR", 84_000, 1_000),
];

/// Cycles that are sold but left without a price, so that there is something to say about it.
const UNPRICED: [(&str, &str); 2] = [("Microsoft 365 E5", "P3Y/Triennial"), ("Power BI Pro", "P1M/Monthly")];

/// A plan for each licence of the catalogue, of the new commerce and of the old. The Azure plan, software, trials and the
/// marketplace have none.
///
/// # Errors
/// What does not fit in the catalogue.
pub(super) fn plans() -> Result<Vec<Plan>, String> {
    use CatalogueKind::{LegacyAddOn, LegacyLicence, Licence};
    let sold = catalogue().iter().filter(|item| matches!(item.kind, Licence | LegacyLicence | LegacyAddOn));
    sold.map(plan).collect()
}

fn plan(item: &CatalogueItem) -> Result<Plan, String> {
    let told = |error: &dyn std::fmt::Display| format!("{}: {error}", item.title);
    let (offer, name) = if item.legacy {
        (item.product_id.to_owned(), format!("{} (legacy)", item.title))
    } else {
        (format!("{}:{}", item.product_id, item.sku_id), item.title.to_owned())
    };
    let annual: Decimal = item.annual_price_usd.parse().map_err(|error| told(&error))?;
    let mut prices = Vec::new();
    for (term, billing) in item.cycles {
        let cycle = BillingCycle {
            term: Term::from((*term).to_owned()),
            plan: BillingPlan::from((*billing).to_owned()),
        };
        if UNPRICED.contains(&(item.title, cycle.to_string().as_str())) {
            continue;
        }
        for (code, rate, step) in CURRENCIES {
            let currency = Currency::parse(code).map_err(|error| told(&error))?;
            let month = month(annual, &cycle, Decimal::new(rate, 3), Decimal::new(step, 3));
            let cost = if item.legacy {
                Cost::for_month(month, &cycle)
            } else {
                let months = cycle.term.months().unwrap_or(1);
                Cost::for_term(month * Decimal::from(months), &cycle)
            };
            let price = PlanPrice::from_margins(
                cycle.clone(),
                currency,
                cost.map_err(|error| told(&error))?,
                Decimal::from(MARGIN),
                Decimal::from(RESELLER_MARGIN),
                Rounding::Minor,
                None,
            );
            prices.push(price.map_err(|error| told(&error))?);
        }
    }
    let id = PlanId::parse(&offer.replace(':', "-")).map_err(|error| told(&error))?;
    Ok(Plan::new(id, name, Offer::parse(&offer), "Commercial".to_owned(), prices))
}

/// What a seat costs for a month: a fifth more without commitment for a year, a twentieth more where a longer term is paid by
/// the month.
fn month(annual_usd: Decimal, cycle: &BillingCycle, rate: Decimal, step: Decimal) -> Decimal {
    let percent = match (&cycle.term, &cycle.plan) {
        (Term::OneMonth, _) => 120,
        (_, BillingPlan::Monthly) => 105,
        _ => 100,
    };
    let month = annual_usd * rate * Decimal::new(percent, 2) / Decimal::from(12);
    (month / step).round() * step
}
