//! What the difference between two price sheets means for the plans that are sold.

use rust_decimal::Decimal;

use super::cycle::BillingCycle;
use super::ids::PlanId;
use super::money::Currency;
use super::plan::{Cost, Plan, PlanPrice};
use super::plan_book::PlanBook;
use super::price_sheet::diff::{Change, SheetDiff};
use super::price_sheet::{Field, PriceSheet, Row};

/// A price of a plan that a changed row is the cost of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanImpact {
    /// The change, by its index in the difference.
    pub change: usize,
    /// The plan.
    pub plan: PlanId,
    /// The plan's name.
    pub plan_name: String,
    /// Which of its cycles.
    pub cycle: BillingCycle,
    /// The currency of the price.
    pub currency: Currency,
    /// What the plan sells a seat for in the first billing period, now.
    pub price: Decimal,
    /// The margin at that price with the older sheet's cost, percent of cost to two digits; none where the older sheet has no
    /// such row, or it costs nothing.
    pub margin_before: Option<Decimal>,
    /// The same with the newer sheet's cost.
    pub margin_after: Option<Decimal>,
    /// How many services are sold under the plan.
    pub services: usize,
}

impl PlanImpact {
    /// Whether the margin is another one afterwards.
    #[must_use]
    pub fn moves_the_margin(&self) -> bool {
        self.margin_before != self.margin_after
    }
}

/// The plans that each change touches, in the order of the changes, then by the plans' names. A row is a plan's where it sells the
/// same offer in one of the plan's cycles and currencies, and names no other segment, and no other market, than the plan does.
/// `services` tells how many services are sold under a plan.
#[must_use]
pub fn impact(
    old: &PriceSheet,
    new: &PriceSheet,
    diff: &SheetDiff,
    plans: &PlanBook,
    services: impl Fn(&PlanId) -> usize,
) -> Vec<PlanImpact> {
    let mut touched = Vec::new();
    if plans.all().is_empty() {
        return touched;
    }
    for (index, change) in diff.changes.iter().enumerate() {
        let (was, is) = rows(old, new, change);
        let Some(row) = is.or(was) else {
            continue;
        };
        let Some(currency) = row.currency() else {
            continue;
        };
        for plan in plans.selling(&row.offer()).filter(|plan| is_for(plan, row)) {
            for cycle in row.cycles() {
                let Some(price) = plan.price(&cycle, currency) else {
                    continue;
                };
                let margin = |row: Option<Row<'_>>| margin_at(price, row?.cost(&cycle).ok()?);
                touched.push(PlanImpact {
                    change: index,
                    plan: plan.id.clone(),
                    plan_name: plan.name.clone(),
                    currency,
                    price: price.price,
                    margin_before: margin(was),
                    margin_after: margin(is),
                    services: services(&plan.id),
                    cycle,
                });
            }
        }
    }
    touched
}

fn rows<'a>(old: &'a PriceSheet, new: &'a PriceSheet, change: &Change) -> (Option<Row<'a>>, Option<Row<'a>>) {
    (change.old.and_then(|at| old.row(at)), change.new.and_then(|at| new.row(at)))
}

fn is_for(plan: &Plan, row: Row<'_>) -> bool {
    let agrees =
        |mine: &str, theirs: &str| mine.is_empty() || theirs.is_empty() || mine.eq_ignore_ascii_case(theirs);
    agrees(&plan.segment, row.segment())
        && agrees(plan.market.as_deref().unwrap_or_default(), row.text(Field::Market))
}

fn margin_at(price: &PlanPrice, cost: Cost) -> Option<Decimal> {
    PlanPrice { cost, ..price.clone() }.real_margin_percent()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::offer::Offer;
    use crate::domain::price_sheet::diff::compare;
    use crate::domain::price_sheet::{Builder, Column, Hints, Layout, PriceBasis};
    use crate::domain::rounding::Rounding;
    use crate::domain::samples::{currency, cycle, decimal, plan_id};

    const OFFER: &str = "CFQ7TTC0LFLX:0001";

    fn sheet(rows: &[&str]) -> PriceSheet {
        let headings = "ProductId|SkuId|TermDuration|BillingPlan|Segment|Market|Currency|UnitPrice|Tags";
        let columns = headings.split('|').map(Column::of_heading).collect();
        let mut builder = Builder::new(Layout::NewCommerce, PriceBasis::Term, columns);
        builder.source("");
        for (line, row) in rows.iter().enumerate() {
            let ids: Vec<u32> = row.split('|').map(|cell| builder.intern(cell).unwrap()).collect();
            builder.push(line as u32 + 2, &ids);
        }
        builder.finish(Hints::default()).sheet
    }

    fn plan(id: &str, segment: &str, market: Option<&str>) -> Plan {
        let cost = Cost::for_term(decimal("120"), &cycle("P1Y/Monthly")).unwrap();
        let price = PlanPrice::from_margins(
            cycle("P1Y/Monthly"),
            currency("EUR"),
            cost,
            decimal("10"),
            decimal("0"),
            Rounding::Minor,
            None,
        );
        let offer = Offer::parse(OFFER);
        let plan = Plan::new(plan_id(id), id.to_owned(), offer, segment.to_owned(), vec![price.unwrap()]);
        Plan { market: market.map(str::to_owned), ..plan }
    }

    fn told(old: &[&str], new: &[&str], plans: Vec<Plan>) -> Vec<(String, Option<String>, Option<String>)> {
        let (old, new) = (sheet(old), sheet(new));
        let diff = compare(&old, &new);
        let text = |margin: Option<Decimal>| margin.map(|m| m.normalize().to_string());
        impact(&old, &new, &diff, &PlanBook::new(plans), |_| 3)
            .into_iter()
            .map(|i| (i.plan.to_string(), text(i.margin_before), text(i.margin_after)))
            .collect()
    }

    #[test]
    fn a_dearer_row_lowers_the_margin_of_the_plans_that_sell_it() {
        let row = |price: &str| format!("CFQ7TTC0LFLX|0001|P1Y|Monthly|Commercial|DE|EUR|{price}|");
        let plans = vec![
            plan("anywhere", "Commercial", None),
            plan("germany", "commercial", Some("DE")),
            plan("france", "Commercial", Some("FR")),
            plan("schools", "Education", None),
        ];
        let margins = (Some("10".to_owned()), Some("0".to_owned()));
        assert_eq!(
            told(&[&row("120")], &[&row("132")], plans),
            ["anywhere", "germany"].map(|id| (id.to_owned(), margins.0.clone(), margins.1.clone()))
        );
    }

    #[test]
    fn new_and_withdrawn_rows_have_one_margin_and_other_cycles_none() {
        let row = "CFQ7TTC0LFLX|0001|P1Y|Monthly|Commercial|DE|EUR|120|";
        let other = "CFQ7TTC0LFLX|0001|P1Y|Annual|Commercial|DE|EUR|120|";
        let dollars = "CFQ7TTC0LFLX|0001|P1Y|Monthly|Commercial|DE|USD|120|";
        let plans = || vec![plan("p", "", None)];
        let margin = Some("10".to_owned());
        assert_eq!(told(&[], &[row, other, dollars], plans()), [("p".to_owned(), None, margin.clone())]);
        assert_eq!(told(&[row, other], &[], plans()), [("p".to_owned(), margin, None)]);
        assert_eq!(told(&[row], &[row], plans()), []);
    }
}
