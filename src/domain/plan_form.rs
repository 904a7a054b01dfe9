//! A plan while it is being made: what a price sheet offers, what is chosen of it, and what follows.

use std::collections::HashSet;

use rust_decimal::Decimal;

use super::cycle::BillingCycle;
use super::ids::PlanId;
use super::money::Currency;
use super::offer::Offer;
use super::plan::{Cost, Plan, PlanPrice, PriceError, PriceWarning, USUAL_KIND};
use super::rounding::Rounding;
use super::text::printable;

/// Longest name of a plan, in characters.
const LONGEST_NAME: usize = 200;

/// A cycle that a price sheet really offers for a product, in one currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CycleOffer {
    /// Term and billing plan.
    pub cycle: BillingCycle,
    /// What cost and ERP are in.
    pub currency: Currency,
    /// What Microsoft charges, per seat.
    pub cost: Cost,
    /// Microsoft's estimated retail price, where the sheet has one.
    pub erp: Option<Cost>,
}

/// A cycle of the form, and what was typed for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CycleChoice {
    /// What the sheet offers.
    pub offered: CycleOffer,
    /// Whether the plan is to sell it.
    pub chosen: bool,
    /// The first period's price, where it was set by hand.
    pub price: Option<Decimal>,
    /// The later periods' price, where it was set by hand.
    pub renewal: Option<Decimal>,
}

/// A plan as it stands in the form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanForm {
    /// Its name.
    pub name: String,
    /// The plan type.
    pub kind: String,
    /// The price sheet.
    pub sheet: String,
    /// The market, where the sheet names one.
    pub market: Option<String>,
    /// The venture type: the customer segment.
    pub segment: String,
    /// What it sells.
    pub offer: Offer,
    /// The customer's margin, percent of cost.
    pub margin_percent: Decimal,
    /// The reseller's margin, percent of cost; 0 for Tier 1.
    pub reseller_margin_percent: Decimal,
    /// How prices are rounded.
    pub rounding: Rounding,
    /// Every cycle that the sheet offers for it.
    pub cycles: Vec<CycleChoice>,
}

/// Why a form is no plan yet.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormError {
    /// Nothing typed.
    #[error("a plan needs a name")]
    NoName,
    /// More characters than a name may have.
    #[error("a plan's name has at most {LONGEST_NAME} characters, this one has {0}")]
    LongName(usize),
    /// Nothing chosen.
    #[error("a plan needs a billing cycle: Space chooses one")]
    NoCycle,
    /// The same cycle and currency twice.
    #[error("the sheet has {cycle} in {currency} twice: choose one of them")]
    CycleTwice {
        /// Which.
        cycle: BillingCycle,
        /// In which currency.
        currency: Currency,
    },
    /// See [`MarginError`].
    #[error(transparent)]
    Margin(#[from] MarginError),
    /// See [`PriceError`].
    #[error(transparent)]
    Price(#[from] PriceError),
}

/// A text that is no margin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MarginError {
    /// No number.
    #[error("\"{0}\" is no margin: a percentage such as 12.5 is expected")]
    NotANumber(String),
    /// Out of range.
    #[error(
        "a margin lies between 0 and 1000 percent; below 0 (not under -100) only where selling below cost is meant"
    )]
    OutOfRange,
}

/// Parses a margin in percent; a point or a comma before the decimals, a percent sign behind them or none. Below zero it sells
/// below cost: whoever takes it asks first.
///
/// # Errors
/// When it is no number, under -100 or over 1000.
pub fn parse_margin(text: &str) -> Result<Decimal, MarginError> {
    let plain = text.trim().trim_end_matches('%').trim_end().replace(',', ".");
    let margin =
        plain_decimal(&plain).ok_or_else(|| MarginError::NotANumber(printable(text.trim()).into_owned()))?;
    check_margin(margin)?;
    Ok(margin)
}

/// A number of digits and a point: an exponent is a slip of the finger here.
fn plain_decimal(text: &str) -> Option<Decimal> {
    let plain = text.strip_prefix('-').unwrap_or(text);
    let is_plain = plain.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    if is_plain { text.parse().ok() } else { None }
}

/// A plan's name without white space around it.
///
/// # Errors
/// When nothing is left, or it is too long.
pub fn check_name(text: &str) -> Result<&str, FormError> {
    let name = text.trim();
    match name.chars().count() {
        0 => Err(FormError::NoName),
        length if length > LONGEST_NAME => Err(FormError::LongName(length)),
        _ => Ok(name),
    }
}

fn check_margin(margin: Decimal) -> Result<(), MarginError> {
    if margin < Decimal::NEGATIVE_ONE * Decimal::ONE_HUNDRED || margin > Decimal::ONE_THOUSAND {
        return Err(MarginError::OutOfRange);
    }
    Ok(())
}

/// A text that is no price.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TypedPriceError {
    /// No number, or one below zero.
    #[error("\"{0}\" is no price: an amount such as 12.50 is expected")]
    NotAnAmount(String),
    /// More digits than the currency has.
    #[error("{currency} has {digits} digits after the point: {text} has more")]
    TooFine {
        /// Which.
        currency: Currency,
        /// How many it has.
        digits: u32,
        /// What was typed.
        text: String,
    },
}

/// Parses a price that is set by hand. Empty takes it back: the margin makes the price again.
///
/// # Errors
/// See [`TypedPriceError`]: nothing is rounded here, for what is typed is what is meant.
pub fn parse_price(text: &str, currency: Currency) -> Result<Option<Decimal>, TypedPriceError> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let wrong = || TypedPriceError::NotAnAmount(printable(text).into_owned());
    let mut price = plain_decimal(text).ok_or_else(wrong)?;
    if price.is_sign_negative() && !price.is_zero() {
        return Err(wrong());
    }
    if currency.round(price) != price {
        let digits = currency.minor_units();
        return Err(TypedPriceError::TooFine { currency, digits, text: printable(text).into_owned() });
    }
    price.rescale(currency.minor_units());
    Ok(Some(price))
}

impl PlanForm {
    /// An empty form for an offer, all of its cycles open to choose.
    #[must_use]
    pub fn new(
        name: String,
        sheet: String,
        market: Option<String>,
        segment: String,
        offer: Offer,
        cycles: Vec<CycleOffer>,
    ) -> Self {
        let open = |offered| CycleChoice { offered, chosen: false, price: None, renewal: None };
        Self {
            name,
            kind: USUAL_KIND.to_owned(),
            sheet,
            market,
            segment,
            offer,
            margin_percent: Decimal::ZERO,
            reseller_margin_percent: Decimal::ZERO,
            rounding: Rounding::Minor,
            cycles: cycles.into_iter().map(open).collect(),
        }
    }

    /// What a cycle would cost, chosen or not.
    ///
    /// # Errors
    /// When a price gets too large.
    pub fn price(&self, choice: &CycleChoice) -> Result<PlanPrice, PriceError> {
        let CycleOffer { cycle, currency, cost, erp } = choice.offered.clone();
        let mut price = PlanPrice::from_margins(
            cycle,
            currency,
            cost,
            self.margin_percent,
            self.reseller_margin_percent,
            self.rounding,
            erp,
        )?;
        if let Some(by_hand) = choice.price {
            price.price = by_hand;
            price.price_by_hand = true;
            // Who sets the order price means it for renewals too, unless they are set as well.
            price.renewal_price = by_hand;
        }
        if let Some(by_hand) = choice.renewal {
            price.renewal_price = by_hand;
            price.renewal_by_hand = true;
        }
        Ok(price)
    }

    /// What to look at before it is saved: each chosen cycle's warnings.
    #[must_use]
    pub fn warnings(&self) -> Vec<(BillingCycle, Currency, PriceWarning)> {
        let chosen = self.cycles.iter().filter(|choice| choice.chosen);
        let prices = chosen.filter_map(|choice| self.price(choice).ok());
        prices
            .flat_map(|price| {
                let warnings = price.warnings();
                warnings.into_iter().map(move |warning| (price.cycle.clone(), price.currency, warning))
            })
            .collect()
    }

    /// The plan that it makes.
    ///
    /// # Errors
    /// See [`FormError`].
    pub fn plan(&self, id: PlanId) -> Result<Plan, FormError> {
        let name = check_name(&self.name)?;
        check_margin(self.margin_percent)?;
        check_margin(self.reseller_margin_percent)?;
        let mut prices = Vec::new();
        let mut seen = HashSet::new();
        for choice in self.cycles.iter().filter(|choice| choice.chosen) {
            let CycleOffer { cycle, currency, .. } = &choice.offered;
            if !seen.insert((cycle.clone(), *currency)) {
                return Err(FormError::CycleTwice { cycle: cycle.clone(), currency: *currency });
            }
            prices.push(self.price(choice)?);
        }
        if prices.is_empty() {
            return Err(FormError::NoCycle);
        }
        Ok(Plan {
            id,
            name: name.to_owned(),
            offer: self.offer.clone(),
            segment: self.segment.clone(),
            kind: self.kind.clone(),
            sheet: Some(self.sheet.clone()),
            market: self.market.clone(),
            rounding: self.rounding,
            prices,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::samples::{E3, currency, cycle, decimal, plan_id};

    fn offered(at: &str, code: &str, unit_price: &str, erp: &str) -> CycleOffer {
        let cost = |text: &str| Cost::for_term(decimal(text), &cycle(at)).unwrap();
        CycleOffer {
            cycle: cycle(at),
            currency: currency(code),
            cost: cost(unit_price),
            erp: (!erp.is_empty()).then(|| cost(erp)),
        }
    }

    fn form() -> PlanForm {
        let cycles = vec![
            offered("P1Y/Monthly", "USD", "345.60", "432.00"),
            offered("P1Y/Annual", "USD", "329.10", "411.40"),
            offered("P1M/Monthly", "USD", "34.60", ""),
        ];
        let mut form = PlanForm::new(
            "E3 US".to_owned(),
            "nov".to_owned(),
            Some("US".to_owned()),
            "Commercial".to_owned(),
            Offer::parse(E3),
            cycles,
        );
        form.margin_percent = decimal("12");
        form
    }

    #[test]
    fn only_chosen_cycles_become_prices() {
        let mut form = form();
        assert_eq!(form.plan(plan_id("p")), Err(FormError::NoCycle));
        form.cycles[0].chosen = true;
        form.cycles[1].chosen = true;
        let plan = form.plan(plan_id("p")).unwrap();
        let prices: Vec<_> = plan.prices.iter().map(|p| (p.cycle.to_string(), p.price.to_string())).collect();
        assert_eq!(
            prices,
            [("P1Y/Monthly".to_owned(), "32.26".to_owned()), ("P1Y/Annual".into(), "368.59".into())]
        );
        assert_eq!((plan.kind.as_str(), plan.sheet.as_deref()), ("Office 365", Some("nov")));
    }

    #[test]
    fn a_price_by_hand_is_marked_and_holds_for_renewals_unless_they_are_set() {
        let mut form = form();
        form.cycles[0].chosen = true;
        form.cycles[0].price = Some(decimal("30.00"));
        let price = form.price(&form.cycles[0]).unwrap();
        assert_eq!((price.price, price.renewal_price), (decimal("30.00"), decimal("30.00")));
        assert_eq!((price.price_by_hand, price.renewal_by_hand), (true, false));
        assert_eq!(price.real_margin_percent(), Some(decimal("4.17")));

        form.cycles[0].renewal = Some(decimal("28.00"));
        let price = form.price(&form.cycles[0]).unwrap();
        assert_eq!((price.renewal_price, price.renewal_by_hand), (decimal("28.00"), true));
        let warned = |warning| (cycle("P1Y/Monthly"), currency("USD"), warning);
        assert_eq!(form.warnings(), [warned(PriceWarning::BelowCost)]);
    }

    #[test]
    fn selling_above_erp_and_below_what_the_reseller_pays_is_warned_of() {
        let mut form = form();
        form.cycles[1].chosen = true;
        form.margin_percent = decimal("30");
        form.reseller_margin_percent = decimal("31");
        let warnings: Vec<_> = form.warnings().into_iter().map(|(.., warning)| warning).collect();
        assert_eq!(warnings, [PriceWarning::AboveErp, PriceWarning::ResellerAboveCustomer]);
        form.margin_percent = decimal("25");
        form.reseller_margin_percent = decimal("0");
        assert!(form.warnings().is_empty(), "411.38 is not above 411.40");
    }

    #[test]
    fn a_cost_that_is_no_whole_cent_is_not_sold_below_at_its_rounded_price() {
        let mut form = form();
        form.cycles = vec![CycleChoice {
            offered: offered("P1Y/Monthly", "USD", "100.00", ""),
            chosen: true,
            price: None,
            renewal: None,
        }];
        form.margin_percent = Decimal::ZERO;
        assert_eq!(form.price(&form.cycles[0]).unwrap().price, decimal("8.33"));
        assert!(form.warnings().is_empty());
    }

    #[test]
    fn names_and_doubled_cycles_are_refused() {
        let mut form = form();
        form.cycles[0].chosen = true;
        form.cycles.push(CycleChoice { chosen: true, ..form.cycles[0].clone() });
        assert!(matches!(form.plan(plan_id("p")), Err(FormError::CycleTwice { .. })));
        form.cycles.pop();
        form.name = "  ".to_owned();
        assert_eq!(form.plan(plan_id("p")), Err(FormError::NoName));
        form.name = "x".repeat(201);
        assert_eq!(form.plan(plan_id("p")), Err(FormError::LongName(201)));
    }

    #[test]
    fn margins_as_they_are_typed() {
        for (text, margin) in
            [("12.5", "12.5"), ("12,5 %", "12.5"), (" 0% ", "0"), ("1000", "1000"), ("-3", "-3")]
        {
            assert_eq!(parse_margin(text), Ok(decimal(margin)), "{text}");
        }
        assert_eq!(parse_margin("1000.01"), Err(MarginError::OutOfRange));
        assert_eq!(parse_margin("-101"), Err(MarginError::OutOfRange));
        for bad in ["", "ten", "1.2.3", "NaN", "1e3"] {
            assert!(matches!(parse_margin(bad), Err(MarginError::NotANumber(_))), "{bad}");
        }
    }

    #[test]
    fn typed_prices_are_taken_as_they_are_or_not_at_all() {
        assert_eq!(parse_price("12.5", currency("USD")).unwrap().unwrap().to_string(), "12.50");
        assert_eq!(parse_price(" ", currency("USD")), Ok(None));
        assert_eq!(
            parse_price("12.345", currency("USD")).unwrap_err().to_string(),
            "USD has 2 digits after the point: 12.345 has more"
        );
        assert!(parse_price("1.5", currency("JPY")).is_err());
        assert!(parse_price("-1", currency("USD")).is_err());
    }
}
