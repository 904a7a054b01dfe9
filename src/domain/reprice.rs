//! A plan's prices from a newer price sheet: what it costs now, and what becomes of its prices.

use std::fmt;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::cycle::BillingCycle;
use super::money::{Currency, percent_moved};
use super::plan::{Plan, PlanPrice, PriceError};
use super::plan_form::CycleOffer;

/// What a new cost leaves as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Keep {
    /// The margin in percent: prices follow the cost. Those that were set by hand stay.
    Margin,
    /// The price: the margin follows the cost. Prices count as set by hand from then on.
    Price,
}

impl fmt::Display for Keep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Margin => "margin",
            Self::Price => "price",
        })
    }
}

/// One price of a plan, before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepricedLine {
    /// As it is stored.
    pub before: PlanPrice,
    /// As it would be; none where the newer sheet does not offer the cycle in the currency any more, and it stays as it is.
    pub after: Option<PlanPrice>,
}

impl RepricedLine {
    /// Whether anything about it changes.
    #[must_use]
    pub fn changes(&self) -> bool {
        self.after.as_ref().is_some_and(|after| *after != self.before)
    }
}

/// A plan before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repriced {
    /// As it would be.
    pub after: Plan,
    /// Each of its prices.
    pub lines: Vec<RepricedLine>,
    /// Cycles that the newer sheet offers and the plan does not sell.
    pub unsold: Vec<(BillingCycle, Currency)>,
}

impl Repriced {
    /// Whether the sheet still offers anything that the plan sells. A plan of which it offers nothing stays as it is.
    #[must_use]
    pub fn is_offered(&self) -> bool {
        self.lines.iter().any(|line| line.after.is_some())
    }
}

/// Works a plan out anew from what a sheet of this name offers for it.
///
/// # Errors
/// When a price gets too large.
pub fn reprice(plan: &Plan, sheet: &str, offered: &[CycleOffer], keep: Keep) -> Result<Repriced, PriceError> {
    let mut after = plan.clone();
    after.sheet = Some(sheet.to_owned());
    let mut lines = Vec::with_capacity(plan.prices.len());
    for price in &mut after.prices {
        let before = price.clone();
        let offer = offered.iter().find(|o| o.currency == price.currency && o.cycle == price.cycle);
        let Some(offer) = offer else {
            lines.push(RepricedLine { before, after: None });
            continue;
        };
        price.cost = offer.cost.clone();
        price.erp.clone_from(&offer.erp);
        match keep {
            Keep::Margin => {
                let from_margins = PlanPrice::from_margins(
                    price.cycle.clone(),
                    price.currency,
                    offer.cost.clone(),
                    price.margin_percent,
                    price.reseller_margin_percent,
                    plan.rounding,
                    offer.erp.clone(),
                )?;
                if !price.price_by_hand {
                    price.price = from_margins.price;
                }
                // A renewal that followed the order price goes on following it.
                if !price.renewal_by_hand {
                    price.renewal_price = price.price;
                }
                price.reseller_price = from_margins.reseller_price;
                price.reseller_renewal_price = from_margins.reseller_renewal_price;
            }
            Keep::Price if before.cost != price.cost => {
                price.price_by_hand = true;
                price.renewal_by_hand = true;
                let margin = |of: Decimal| percent_moved(price.cost.exact(), of);
                price.margin_percent = margin(price.price).unwrap_or(before.margin_percent);
                price.reseller_margin_percent =
                    margin(price.reseller_price).unwrap_or(before.reseller_margin_percent);
            }
            Keep::Price => {}
        }
        lines.push(RepricedLine { after: Some(price.clone()), before });
    }
    let sold = |o: &&CycleOffer| !plan.prices.iter().any(|p| p.currency == o.currency && p.cycle == o.cycle);
    let unsold = offered.iter().filter(sold).map(|o| (o.cycle.clone(), o.currency)).collect();
    Ok(Repriced { after, lines, unsold })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::offer::Offer;
    use crate::domain::plan::Cost;
    use crate::domain::plan_form::PlanForm;
    use crate::domain::samples::{E3, currency, cycle, decimal, plan_id};

    fn offered(at: &str, unit_price: &str) -> CycleOffer {
        let cost = Cost::for_term(decimal(unit_price), &cycle(at)).unwrap();
        CycleOffer { cycle: cycle(at), currency: currency("USD"), cost, erp: None }
    }

    /// Two cycles at 12 %, the second with an order price set by hand.
    fn plan() -> Plan {
        let cycles = vec![offered("P1Y/Annual", "100.00"), offered("P1Y/Monthly", "120.00")];
        let mut form = PlanForm::new(
            "E3".to_owned(),
            "nov".to_owned(),
            None,
            "Commercial".to_owned(),
            Offer::parse(E3),
            cycles,
        );
        form.margin_percent = decimal("12");
        form.cycles.iter_mut().for_each(|c| c.chosen = true);
        form.cycles[1].price = Some(decimal("15.00"));
        form.plan(plan_id("p")).unwrap()
    }

    #[test]
    fn keeping_the_margin_moves_prices_but_not_those_set_by_hand() {
        let newer = [offered("P1Y/Annual", "110.00"), offered("P1Y/Monthly", "132.00")];
        let repriced = reprice(&plan(), "dec", &newer, Keep::Margin).unwrap();
        let prices: Vec<_> = repriced.after.prices.iter().map(|p| p.price.to_string()).collect();
        assert_eq!(prices, ["123.20", "15.00"]);
        assert_eq!(repriced.after.prices[1].cost.exact(), decimal("11"));
        assert_eq!(repriced.after.prices[1].renewal_price, decimal("15.00"));
        assert_eq!(repriced.after.sheet.as_deref(), Some("dec"));
        assert!(repriced.lines.iter().all(RepricedLine::changes));
    }

    #[test]
    fn keeping_the_price_moves_the_margin() {
        let newer = [offered("P1Y/Annual", "110.00"), offered("P1Y/Monthly", "120.00")];
        let repriced = reprice(&plan(), "dec", &newer, Keep::Price).unwrap();
        let first = &repriced.after.prices[0];
        assert_eq!((first.price, first.margin_percent), (decimal("112.00"), decimal("1.82")));
        assert!(first.price_by_hand);
        assert!(!repriced.lines[1].changes(), "its cost is as it was");
    }

    #[test]
    fn what_is_no_longer_offered_stays_and_what_is_new_is_told() {
        let newer = [offered("P1Y/Annual", "100.00"), offered("P3Y/Annual", "270.00")];
        let repriced = reprice(&plan(), "dec", &newer, Keep::Margin).unwrap();
        assert_eq!(repriced.lines[1].after, None);
        assert_eq!(repriced.after.prices[1], plan().prices[1]);
        assert_eq!(repriced.unsold, [(cycle("P3Y/Annual"), currency("USD"))]);
        assert!(!repriced.lines[0].changes());
    }
}
