//! What a price sheet offers on a day: each product with its cycles, and what they cost. Plans are made from this.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::cycle::BillingCycle;
use super::money::Currency;
use super::offer::Offer;
use super::plan::Plan;
use super::plan_form::{CycleOffer, PlanForm};
use super::price_sheet::{Field, PriceSheet, Row};

/// A line of the offer matrix: one product in one cycle, segment, market and currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfferLine {
    /// The row's index in the sheet.
    pub row: usize,
    /// What it sells, where, to whom.
    pub key: OfferKey,
    /// Microsoft's name of it.
    pub title: String,
    /// Term and billing plan, where the sheet has them.
    pub cycle: Option<BillingCycle>,
    /// What it is sold in.
    pub currency: Option<Currency>,
    /// The sheet's price, whatever it is for.
    pub unit_price: Option<Decimal>,
    /// What a plan can sell it at; none where the row has no price, or its cycle no whole number of billing periods, as trials
    /// and Azure consumption.
    pub offered: Option<CycleOffer>,
}

/// What one plan is made for: an offer in a segment and a market.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OfferKey {
    /// What it sells.
    pub offer: Offer,
    /// The customer segment; empty where the sheet has none.
    pub segment: String,
    /// The market; empty where the sheet has none.
    pub market: String,
}

impl OfferKey {
    /// Whether a plan is made for this: another market's prices make another plan only where both say which.
    #[must_use]
    pub fn is_of(&self, plan: &Plan) -> bool {
        let same_market = match &plan.market {
            Some(market) if !self.market.is_empty() => *market == self.market,
            _ => true,
        };
        self.offer.sells_the_same_as(&plan.offer) && self.segment == plan.segment && same_market
    }
}

/// How an operator calls and sorts an offer, whatever Microsoft calls it. Kept by offer, for every sheet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferLabel {
    /// Which offer.
    pub offer: Offer,
    /// The display name; none where Microsoft's stands.
    #[serde(default)]
    pub name: Option<String>,
    /// Its place in the list; those without come last.
    #[serde(default)]
    pub order: Option<u32>,
}

/// What a sheet offers at an instant, in the file's order. A legacy row's price is for several cycles and makes a line of each.
#[must_use]
pub fn offer_lines(sheet: &PriceSheet, at: Timestamp) -> Vec<OfferLine> {
    let valid = sheet.valid_rows(at);
    valid.into_iter().filter_map(|row| sheet.row(row)).filter(first_tier).flat_map(lines).collect()
}

/// A plan has one price whatever the quantity: that for a single seat.
fn first_tier(row: &Row<'_>) -> bool {
    row.text(Field::TierMin).parse::<Decimal>().map_or(true, |least| least <= Decimal::ONE)
}

fn lines(row: Row<'_>) -> Vec<OfferLine> {
    let key =
        OfferKey { offer: row.offer(), segment: row.segment().to_owned(), market: row.market().to_owned() };
    let line = |cycle: Option<BillingCycle>| {
        let currency = row.currency();
        let offered = cycle.clone().zip(currency).and_then(|(cycle, currency)| {
            let cost = row.cost(&cycle).ok()?;
            let erp = row.erp(&cycle).ok();
            Some(CycleOffer { cycle, currency, cost, erp })
        });
        OfferLine {
            row: row.index(),
            key: key.clone(),
            title: row.title(),
            cycle,
            currency,
            unit_price: row.unit_price(),
            offered,
        }
    };
    let cycles = row.cycles();
    if cycles.is_empty() {
        return vec![line(None)];
    }
    cycles.into_iter().map(|cycle| line(Some(cycle))).collect()
}

/// Lines put together by what a plan is made for; each has a title and the cycles that can be sold, sorted.
#[must_use]
pub fn by_offer<'a>(
    lines: impl IntoIterator<Item = &'a OfferLine>,
) -> BTreeMap<OfferKey, (String, Vec<CycleOffer>)> {
    let mut offers: BTreeMap<OfferKey, (String, Vec<CycleOffer>)> = BTreeMap::new();
    for line in lines {
        let Some(offered) = &line.offered else { continue };
        let (_, cycles) = offers.entry(line.key.clone()).or_insert_with(|| (line.title.clone(), Vec::new()));
        cycles.push(offered.clone());
    }
    for (_, cycles) in offers.values_mut() {
        cycles.sort_by(|a, b| a.cycle.cmp(&b.cycle).then_with(|| a.currency.cmp(&b.currency)));
    }
    offers
}

/// Everything that a sheet offers for a plan: what it is repriced from.
#[must_use]
pub fn offered_for(lines: &[OfferLine], plan: &Plan) -> Vec<CycleOffer> {
    lines.iter().filter(|line| line.key.is_of(plan)).filter_map(|line| line.offered.clone()).collect()
}

/// A form with every cycle of some lines chosen: what making plans in bulk begins with.
#[must_use]
pub fn form_of(key: &OfferKey, name: String, sheet: &str, cycles: Vec<CycleOffer>) -> PlanForm {
    let market = (!key.market.is_empty()).then(|| key.market.clone());
    let (segment, offer) = (key.segment.clone(), key.offer.clone());
    let mut form = PlanForm::new(name, sheet.to_owned(), market, segment, offer, cycles);
    for cycle in &mut form.cycles {
        cycle.chosen = true;
    }
    form
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::PlanId;
    use crate::domain::price_sheet::{Builder, Column, Hints, Layout};
    use crate::domain::samples::{currency, cycle, decimal};

    fn sheet(layout: Layout, headings: &str, rows: &[&str]) -> PriceSheet {
        let columns = headings.split(',').map(Column::of_heading).collect();
        let mut builder = Builder::new(layout, layout.basis(), columns);
        builder.source("");
        for (at, row) in rows.iter().enumerate() {
            let ids: Vec<u32> = row.split(',').map(|text| builder.intern(text).unwrap()).collect();
            builder.push(at as u32 + 2, &ids);
        }
        builder.finish(Hints::default()).sheet
    }

    fn commerce(rows: &[&str]) -> PriceSheet {
        sheet(
            Layout::NewCommerce,
            "ProductTitle,ProductId,SkuId,SkuTitle,TermDuration,BillingPlan,Market,Currency,UnitPrice,\
             EffectiveStartDate,EffectiveEndDate,ERP Price,Segment",
            rows,
        )
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    const E3: &str = "Microsoft 365,CFQ7TTC0LH18,1,Microsoft 365 E3,P1Y";

    #[test]
    fn lines_are_the_rows_that_stand_on_the_day_with_what_they_cost_a_period() {
        let sheet = commerce(&[
            &format!("{E3},Monthly,US,USD,345.60,2026-11-01,2026-12-01,432.00,Commercial"),
            &format!("{E3},Monthly,US,USD,362.88,2026-12-01,9999-12-31,453.60,Commercial"),
            &format!("{E3},Annual,US,USD,329.10,2026-11-01,9999-12-31,411.40,Commercial"),
            "Trial,CFQ7TTC0LH20,0002,E5 Trial,P1M,None,US,USD,0,2026-11-01,,0,Commercial",
        ]);
        let lines = offer_lines(&sheet, at("2026-11-24T12:00:00Z"));
        let shown: Vec<_> = lines
            .iter()
            .map(|l| {
                let cost = l.offered.as_ref().map(|o| o.cost.exact().normalize().to_string());
                (l.title.as_str(), l.cycle.as_ref().unwrap().to_string(), cost)
            })
            .collect();
        assert_eq!(
            shown,
            [
                ("Microsoft 365 E3", "P1Y/Monthly".to_owned(), Some("28.8".to_owned())),
                ("Microsoft 365 E3", "P1Y/Annual".to_owned(), Some("329.1".to_owned())),
                ("E5 Trial", "P1M/None".to_owned(), None),
            ]
        );
        let december = offer_lines(&sheet, at("2026-12-24T12:00:00Z"));
        assert_eq!(december[0].unit_price, Some(decimal("362.88")));
        assert_eq!(lines[0].key.offer.to_string(), "CFQ7TTC0LH18:0001");
    }

    #[test]
    fn offers_are_put_together_by_segment_and_market() {
        let sheet = commerce(&[
            &format!("{E3},Monthly,US,USD,345.60,2026-11-01,,432.00,Commercial"),
            &format!("{E3},Annual,US,USD,329.10,2026-11-01,,411.40,Commercial"),
            &format!("{E3},Annual,US,USD,100.00,2026-11-01,,150.00,Education"),
            &format!("{E3},Annual,DE,EUR,310.00,2026-11-01,,400.00,Commercial"),
        ]);
        let lines = offer_lines(&sheet, at("2026-11-24T12:00:00Z"));
        let offers = by_offer(&lines);
        let counts: Vec<_> = offers
            .iter()
            .map(|(key, (_, cycles))| (key.market.as_str(), key.segment.as_str(), cycles.len()))
            .collect();
        assert_eq!(counts, [("DE", "Commercial", 1), ("US", "Commercial", 2), ("US", "Education", 1)]);

        let (key, (title, cycles)) = offers.iter().nth(1).unwrap();
        let form = form_of(key, title.clone(), "nov", cycles.clone());
        let plan = form.plan(PlanId::parse("p").unwrap()).unwrap();
        assert_eq!((plan.market.as_deref(), plan.prices.len()), (Some("US"), 2));
        assert!(key.is_of(&plan));
        assert_eq!(offered_for(&lines, &plan).len(), 2);
    }

    #[test]
    fn a_legacy_row_is_sold_by_month_and_by_year() {
        let sheet = sheet(
            Layout::Legacy,
            "A/C/D/U,Valid From Date,Offer Display Name,Offer ID,License Agreement Type,List Price,ERP Price,Currency",
            &[
                "UNC,2026-11-01,Office 365 E3,031C9E47-4802-4248-838E-778FB1D2CC05,Corporate,8.25,10.00,USD",
                "DEL,2026-11-01,Office 365 E1,031C9E47-4802-4248-838E-778FB1D2CC06,Corporate,5.00,6.00,USD",
            ],
        );
        let lines = offer_lines(&sheet, at("2026-11-24T12:00:00Z"));
        let costs: Vec<_> = lines
            .iter()
            .map(|line| line.offered.as_ref().unwrap())
            .map(|offered| (offered.cycle.clone(), offered.cost.exact(), offered.currency))
            .collect();
        assert_eq!(
            costs,
            [
                (cycle("P1Y/Monthly"), decimal("8.25"), currency("USD")),
                (cycle("P1Y/Annual"), decimal("99.00"), currency("USD")),
            ]
        );
        assert_eq!(lines[0].key.segment, "Commercial");
    }
}
