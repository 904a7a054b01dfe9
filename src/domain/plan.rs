//! Plans: what we sell an offer for, by billing cycle and currency.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::cycle::BillingCycle;
use super::ids::PlanId;
use super::money::{Currency, percent_moved};
use super::offer::Offer;
use super::rounding::Rounding;

/// What a seat costs us in one billing period, exactly: an amount and what it is divided by. A new-commerce unit price covers
/// the whole term and is divided by the term's periods; a legacy one is for a month and is multiplied instead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cost {
    amount: Decimal,
    divisor: u32,
}

/// Why a price can't be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PriceError {
    /// The cycle's periods are not known.
    #[error("{0} has no whole number of billing periods, so its cost per period is not known")]
    Cycle(BillingCycle),
    /// The result has more digits than a decimal holds.
    #[error("the price is too large to calculate")]
    TooLarge,
}

impl Cost {
    /// From a new-commerce sheet, whose unit price covers the whole term
    /// (<https://learn.microsoft.com/partner-center/pricing/pricing-and-offers>).
    ///
    /// # Errors
    /// When the cycle's periods are not known.
    pub fn for_term(unit_price: Decimal, cycle: &BillingCycle) -> Result<Self, PriceError> {
        let divisor = cycle.periods().ok_or_else(|| PriceError::Cycle(cycle.clone()))?;
        Ok(Self { amount: unit_price, divisor })
    }

    /// From a legacy list, whose price is for one month whatever the cycle.
    ///
    /// # Errors
    /// When the billing period's months are not known, or the product is too large.
    pub fn for_month(list_price: Decimal, cycle: &BillingCycle) -> Result<Self, PriceError> {
        let months = cycle.plan.months().ok_or_else(|| PriceError::Cycle(cycle.clone()))?;
        let amount = list_price.checked_mul(Decimal::from(months)).ok_or(PriceError::TooLarge)?;
        Ok(Self { amount, divisor: 1 })
    }

    /// The cost per seat and period in full precision, for showing and comparing.
    #[must_use]
    pub fn exact(&self) -> Decimal {
        self.amount / Decimal::from(self.divisor)
    }

    /// Cost plus a margin in percent of the cost, per seat and billing period, rounded once.
    ///
    /// # Errors
    /// When the result is too large.
    pub fn with_margin(
        &self,
        percent: Decimal,
        rounding: Rounding,
        currency: Currency,
    ) -> Result<Decimal, PriceError> {
        let hundred = Decimal::ONE_HUNDRED;
        let factor = hundred.checked_add(percent).ok_or(PriceError::TooLarge)?;
        let price = self
            .amount
            .checked_mul(factor)
            .and_then(|p| p.checked_div(hundred.checked_mul(Decimal::from(self.divisor))?))
            .ok_or(PriceError::TooLarge)?;
        rounding.apply(price, currency).ok_or(PriceError::TooLarge)
    }

    /// Whether a price per seat and period is below this cost.
    ///
    /// A price that equals the cost rounded to the currency is not: nobody can ask for a fraction of a cent.
    #[must_use]
    pub fn is_above(&self, price: Decimal, currency: Currency) -> bool {
        price < currency.round(self.exact())
    }
}

/// One price of a plan, for a billing cycle and a currency. All prices are per seat and billing period, rounded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanPrice {
    /// The cycle it is for.
    pub cycle: BillingCycle,
    /// The currency of every amount here.
    pub currency: Currency,
    /// What Microsoft charges us.
    pub cost: Cost,
    /// The customer's margin, percent of cost.
    pub margin_percent: Decimal,
    /// The reseller's margin, percent of cost; 0 for Tier 1.
    pub reseller_margin_percent: Decimal,
    /// The first billing period, for the customer.
    pub price: Decimal,
    /// Each later one, for the customer.
    pub renewal_price: Decimal,
    /// The first billing period, for the reseller.
    pub reseller_price: Decimal,
    /// Each later one, for the reseller.
    pub reseller_renewal_price: Decimal,
    /// Microsoft's estimated retail price, spread over periods as the cost is, where the sheet has one.
    #[serde(default)]
    pub erp: Option<Cost>,
    /// The first period's price was set by hand, not worked out from the margin.
    #[serde(default)]
    pub price_by_hand: bool,
    /// The later periods' price was set by hand.
    #[serde(default)]
    pub renewal_by_hand: bool,
}

impl PlanPrice {
    /// A price made from cost and margins; renewals cost the same as the first period.
    ///
    /// # Errors
    /// When a result is too large.
    pub fn from_margins(
        cycle: BillingCycle,
        currency: Currency,
        cost: Cost,
        margin_percent: Decimal,
        reseller_margin_percent: Decimal,
        rounding: Rounding,
        erp: Option<Cost>,
    ) -> Result<Self, PriceError> {
        let price = cost.with_margin(margin_percent, rounding, currency)?;
        let reseller_price = cost.with_margin(reseller_margin_percent, rounding, currency)?;
        Ok(Self {
            cycle,
            currency,
            cost,
            margin_percent,
            reseller_margin_percent,
            price,
            renewal_price: price,
            reseller_price,
            reseller_renewal_price: reseller_price,
            erp,
            price_by_hand: false,
            renewal_by_hand: false,
        })
    }

    /// What is earned on a seat in the first period: price less exact cost. Not rounded.
    #[must_use]
    pub fn margin(&self) -> Decimal {
        self.price - self.cost.exact()
    }

    /// The margin that the price really has, percent of cost, to two digits; none where it costs nothing. Other than
    /// [`PlanPrice::margin_percent`] it shows what rounding and a price set by hand make of it.
    #[must_use]
    pub fn real_margin_percent(&self) -> Option<Decimal> {
        percent_moved(self.cost.exact(), self.price)
    }

    /// What to look at before selling at this price.
    #[must_use]
    pub fn warnings(&self) -> Vec<PriceWarning> {
        let prices = [self.price, self.renewal_price];
        let mut warnings = Vec::new();
        if prices.iter().any(|price| self.cost.is_above(*price, self.currency)) {
            warnings.push(PriceWarning::BelowCost);
        }
        if let Some(erp) = &self.erp
            && prices.iter().any(|price| *price > self.currency.round(erp.exact()))
        {
            warnings.push(PriceWarning::AboveErp);
        }
        // The reseller's customer would pay less than the reseller does. Without a reseller's margin, as for Tier 1, that is to
        // sell below cost, which is told already.
        let pays_more = self.reseller_price > self.price || self.reseller_renewal_price > self.renewal_price;
        if pays_more && !self.reseller_margin_percent.is_zero() {
            warnings.push(PriceWarning::ResellerAboveCustomer);
        }
        warnings
    }
}

/// Something about a price that is allowed but rarely meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
pub enum PriceWarning {
    /// Every seat loses money.
    #[error("below cost")]
    BelowCost,
    /// The customer could buy cheaper from Microsoft.
    #[error("above ERP")]
    AboveErp,
    /// The reseller pays more than its customer.
    #[error("reseller pays more than the customer")]
    ResellerAboveCustomer,
}

/// What a plan is called where nothing else is said.
pub const USUAL_KIND: &str = "Office 365";

fn usual_kind() -> String {
    USUAL_KIND.to_owned()
}

/// A sellable plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Its identity.
    pub id: PlanId,
    /// Its name.
    pub name: String,
    /// What it sells.
    pub offer: Offer,
    /// Commercial, Education, Charity, Government, as the sheet has it.
    pub segment: String,
    /// The plan type, `Office 365` by default.
    #[serde(default = "usual_kind")]
    pub kind: String,
    /// The price sheet that its costs come from.
    #[serde(default)]
    pub sheet: Option<String>,
    /// The market whose prices they are, where the sheet names one.
    #[serde(default)]
    pub market: Option<String>,
    /// How its prices are rounded.
    #[serde(default)]
    pub rounding: Rounding,
    /// At most one for each cycle and currency.
    pub prices: Vec<PlanPrice>,
}

/// What one service is worth, for its whole quantity. Order: the first billing period; renewal: each later one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amounts {
    /// The currency of all four.
    pub currency: Currency,
    /// What the reseller pays first.
    pub reseller_order: Decimal,
    /// What the reseller pays later.
    pub reseller_renewal: Decimal,
    /// What the customer pays first.
    pub customer_order: Decimal,
    /// What the customer pays later.
    pub customer_renewal: Decimal,
}

/// Why a service has no amounts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoAmounts {
    /// The plan sells that cycle in no currency, or not in this one.
    #[error("plan has no price for {cycle} in {currency}")]
    NoPrice {
        /// The cycle asked for.
        cycle: BillingCycle,
        /// The client's currency.
        currency: Currency,
    },
    /// Price times quantity is too large.
    #[error("price times quantity is too large")]
    TooLarge,
}

impl Plan {
    /// A plan of the usual kind that names no sheet.
    #[must_use]
    pub fn new(id: PlanId, name: String, offer: Offer, segment: String, prices: Vec<PlanPrice>) -> Self {
        Self {
            id,
            name,
            offer,
            segment,
            kind: usual_kind(),
            sheet: None,
            market: None,
            rounding: Rounding::Minor,
            prices,
        }
    }

    /// The price for a cycle in a currency.
    #[must_use]
    pub fn price(&self, cycle: &BillingCycle, currency: Currency) -> Option<&PlanPrice> {
        self.prices.iter().find(|p| p.currency == currency && p.cycle == *cycle)
    }

    /// The lowest and the highest margin that its prices really have, percent of cost to two digits; none where none has one.
    #[must_use]
    pub fn margin_range(&self) -> Option<(Decimal, Decimal)> {
        let mut margins = self.prices.iter().filter_map(PlanPrice::real_margin_percent);
        let first = margins.next()?;
        Some(margins.fold((first, first), |(low, high), margin| (low.min(margin), high.max(margin))))
    }

    /// What `quantity` seats come to. Every amount is an exact multiple of a price that was rounded once.
    ///
    /// # Errors
    /// See [`NoAmounts`].
    pub fn amounts(
        &self,
        cycle: &BillingCycle,
        currency: Currency,
        quantity: u32,
    ) -> Result<Amounts, NoAmounts> {
        let price = self
            .price(cycle, currency)
            .ok_or_else(|| NoAmounts::NoPrice { cycle: cycle.clone(), currency })?;
        let times = |each: Decimal| each.checked_mul(Decimal::from(quantity)).ok_or(NoAmounts::TooLarge);
        Ok(Amounts {
            currency,
            reseller_order: times(price.reseller_price)?,
            reseller_renewal: times(price.reseller_renewal_price)?,
            customer_order: times(price.price)?,
            customer_renewal: times(price.renewal_price)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cycle(text: &str) -> BillingCycle {
        text.parse().unwrap()
    }

    fn currency(code: &str) -> Currency {
        Currency::parse(code).unwrap()
    }

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn selling_prices_by_cycle_and_currency() {
        for (unit_price, at, margin, code, price) in [
            ("12.00", "P1M/Monthly", "10", "USD", "13.20"),
            ("144.00", "P1Y/Monthly", "10", "USD", "13.20"),
            ("144.00", "P1Y/Annual", "10", "USD", "158.40"),
            ("100.00", "P1Y/Monthly", "0", "USD", "8.33"),
            ("100.00", "P3Y/Monthly", "12.5", "EUR", "3.13"),
            ("100.00", "P3Y/Annual", "0", "EUR", "33.33"),
            ("100.00", "P3Y/Triennial", "33.333", "EUR", "133.33"),
            ("18000", "P1Y/Monthly", "15", "JPY", "1725"),
            ("10001", "P1Y/Monthly", "0", "JPY", "833"),
            ("100.000", "P1Y/Monthly", "0", "KWD", "8.333"),
            ("0.06", "P1Y/Monthly", "0", "USD", "0.01"),
        ] {
            let cost = Cost::for_term(decimal(unit_price), &cycle(at)).unwrap();
            let got = cost.with_margin(decimal(margin), Rounding::Minor, currency(code)).unwrap();
            assert_eq!(got.to_string(), price, "{unit_price} {at} +{margin} % {code}");
        }
    }

    #[test]
    fn every_term_and_plan_in_currencies_of_two_none_and_three_digits() {
        // Worked out apart from this code: unit price, divided by the term's periods, plus the margin, rounded once.
        for (at, code, unit_price, margin, price) in [
            ("P1M/Monthly", "USD", "100.01", "0", "100.01"),
            ("P1M/Monthly", "USD", "100.01", "12.5", "112.51"),
            ("P1M/Monthly", "JPY", "100001", "0", "100001"),
            ("P1M/Monthly", "JPY", "100001", "12.5", "112501"),
            ("P1M/Monthly", "KWD", "100.001", "0", "100.001"),
            ("P1M/Monthly", "KWD", "100.001", "12.5", "112.501"),
            ("P1Y/Monthly", "USD", "100.01", "0", "8.33"),
            ("P1Y/Monthly", "USD", "100.01", "12.5", "9.38"),
            ("P1Y/Monthly", "JPY", "100001", "0", "8333"),
            ("P1Y/Monthly", "JPY", "100001", "12.5", "9375"),
            ("P1Y/Monthly", "KWD", "100.001", "0", "8.333"),
            ("P1Y/Monthly", "KWD", "100.001", "12.5", "9.375"),
            ("P1Y/Annual", "USD", "100.01", "0", "100.01"),
            ("P1Y/Annual", "USD", "100.01", "12.5", "112.51"),
            ("P1Y/Annual", "JPY", "100001", "0", "100001"),
            ("P1Y/Annual", "JPY", "100001", "12.5", "112501"),
            ("P1Y/Annual", "KWD", "100.001", "0", "100.001"),
            ("P1Y/Annual", "KWD", "100.001", "12.5", "112.501"),
            ("P3Y/Monthly", "USD", "100.01", "0", "2.78"),
            ("P3Y/Monthly", "USD", "100.01", "12.5", "3.13"),
            ("P3Y/Monthly", "JPY", "100001", "0", "2778"),
            ("P3Y/Monthly", "JPY", "100001", "12.5", "3125"),
            ("P3Y/Monthly", "KWD", "100.001", "0", "2.778"),
            ("P3Y/Monthly", "KWD", "100.001", "12.5", "3.125"),
            ("P3Y/Annual", "USD", "100.01", "0", "33.34"),
            ("P3Y/Annual", "USD", "100.01", "12.5", "37.50"),
            ("P3Y/Annual", "JPY", "100001", "0", "33334"),
            ("P3Y/Annual", "JPY", "100001", "12.5", "37500"),
            ("P3Y/Annual", "KWD", "100.001", "0", "33.334"),
            ("P3Y/Annual", "KWD", "100.001", "12.5", "37.500"),
            ("P3Y/Triennial", "USD", "100.01", "0", "100.01"),
            ("P3Y/Triennial", "USD", "100.01", "12.5", "112.51"),
            ("P3Y/Triennial", "JPY", "100001", "0", "100001"),
            ("P3Y/Triennial", "JPY", "100001", "12.5", "112501"),
            ("P3Y/Triennial", "KWD", "100.001", "0", "100.001"),
            ("P3Y/Triennial", "KWD", "100.001", "12.5", "112.501"),
        ] {
            let cost = Cost::for_term(decimal(unit_price), &cycle(at)).unwrap();
            let got = cost.with_margin(decimal(margin), Rounding::Minor, currency(code)).unwrap();
            assert_eq!(got.to_string(), price, "{unit_price} {code} {at} +{margin} %");
        }
    }

    #[test]
    fn a_legacy_price_is_for_a_month() {
        let cost = Cost::for_month(decimal("8.25"), &cycle("P1Y/Annual")).unwrap();
        assert_eq!(
            cost.with_margin(decimal("0"), Rounding::Minor, currency("USD")).unwrap().to_string(),
            "99.00"
        );
        let cost = Cost::for_month(decimal("8.25"), &cycle("P1Y/Monthly")).unwrap();
        assert_eq!(
            cost.with_margin(decimal("10"), Rounding::Minor, currency("USD")).unwrap().to_string(),
            "9.08"
        );
    }

    #[test]
    fn a_cycle_without_periods_has_no_cost() {
        assert!(matches!(Cost::for_term(decimal("1"), &cycle("P1Y/None")), Err(PriceError::Cycle(_))));
    }

    #[test]
    fn a_plan_without_the_price_says_which() {
        let offer = Offer::parse("CFQ7TTC0LH18:0001");
        let plan = Plan::new(PlanId::parse("p").unwrap(), "P".into(), offer, "Commercial".into(), Vec::new());
        let error = plan.amounts(&cycle("P3Y/Triennial"), currency("NOK"), 3).unwrap_err();
        assert_eq!(error.to_string(), "plan has no price for P3Y/Triennial in NOK");
    }

    proptest! {
        #[test]
        fn cost_times_periods_is_the_sheets_price(cents in 0i64..1_000_000_000, which in 0usize..6) {
            let at = BillingCycle::usual()[which].clone();
            let unit = Decimal::new(cents, 2);
            let cost = Cost::for_term(unit, &at).unwrap();
            prop_assert_eq!(cost.amount, unit);
            prop_assert_eq!(Some(cost.divisor), at.periods());
            let whole = (cost.exact() * Decimal::from(cost.divisor)).round_dp(9);
            prop_assert_eq!(whole, unit);
        }

        #[test]
        fn a_margin_never_sells_below_half_a_minor_unit_under_cost_and_never_falls(
            cents in 0i64..1_000_000_000,
            which in 0usize..6,
            low in 0i64..100_000,
            more in 0i64..100_000,
            code in prop::sample::select(vec!["USD", "JPY", "KWD"]),
        ) {
            let at = BillingCycle::usual()[which].clone();
            let cost = Cost::for_term(Decimal::new(cents, 2), &at).unwrap();
            let currency = currency(code);
            let price = cost.with_margin(Decimal::new(low, 2), Rounding::Minor, currency).unwrap();
            let higher = cost.with_margin(Decimal::new(low + more, 2), Rounding::Minor, currency).unwrap();
            let half = Decimal::new(5, currency.minor_units() + 1);
            prop_assert!(price >= cost.exact() - half);
            prop_assert!(higher >= price);
            prop_assert_eq!(currency.round(price), price);
        }
    }
}
