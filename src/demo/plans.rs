//! The demo's plans: real ones, made from what the simulator sells, at the prices of its price
//! sheets.

use rust_decimal::Decimal;

use crate::domain::cycle::{BillingCycle, BillingPlan, Term};
use crate::domain::ids::PlanId;
use crate::domain::money::Currency;
use crate::domain::offer::Offer;
use crate::domain::plan::{Cost, Plan, PlanPrice};
use crate::domain::rounding::Rounding;
use crate::simulator::{CatalogueItem, CatalogueKind, catalogue, sheet_currencies, unit_price};

/// Percent of cost.
const MARGIN: i64 = 12;
/// Percent of cost, for the reseller.
const RESELLER_MARGIN: i64 = 6;

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
    let mut prices = Vec::new();
    for (term, billing) in item.cycles {
        let cycle = BillingCycle {
            term: Term::from((*term).to_owned()),
            plan: BillingPlan::from((*billing).to_owned()),
        };
        if UNPRICED.contains(&(item.title, cycle.to_string().as_str())) {
            continue;
        }
        for listed in sheet_currencies() {
            let currency = Currency::parse(listed.code).map_err(|error| told(&error))?;
            let price = unit_price(item, term, billing, listed);
            let cost =
                if item.legacy { Cost::for_month(price, &cycle) } else { Cost::for_term(price, &cycle) };
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
