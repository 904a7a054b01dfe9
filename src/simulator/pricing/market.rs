//! Markets, and the currencies that a partner in each of them pays in.

use rust_decimal::Decimal;

/// A currency of price sheets.
#[derive(Clone, Copy, Debug)]
pub struct SheetCurrency {
    /// The ISO 4217 code.
    pub code: &'static str,
    /// What a US dollar is in it, in thousandths.
    per_dollar: i64,
    /// The step that prices for a month keep to, in thousandths.
    step: i64,
}

impl SheetCurrency {
    /// A price for a month, rounded to the step, of what costs so many US dollars in a year.
    pub(super) fn month_of(self, annual_usd: Decimal) -> Decimal {
        self.to_step(annual_usd * Decimal::new(self.per_dollar, 3) / Decimal::from(12))
    }

    /// An amount rounded to the step.
    pub(super) fn to_step(self, amount: Decimal) -> Decimal {
        let step = Decimal::new(self.step, 3);
        (amount / step).round() * step
    }
}

const fn currency(code: &'static str, per_dollar: i64, step: i64) -> SheetCurrency {
    SheetCurrency { code, per_dollar, step }
}

static CURRENCIES: [SheetCurrency; 11] = [
    currency("USD", 1_000, 10),
    currency("EUR", 930, 10),
    currency("GBP", 800, 10),
    currency("NOK", 10_600, 100),
    currency("SEK", 10_400, 100),
    currency("DKK", 6_900, 100),
    currency("CHF", 890, 50),
    currency("JPY", 149_000, 1_000),
    currency("AUD", 1_520, 10),
    currency("CAD", 1_370, 10),
    currency("INR", 84_000, 1_000),
];

/// All currencies that the simulator has prices in.
pub fn sheet_currencies() -> &'static [SheetCurrency] {
    &CURRENCIES
}

// A sheet of any of these has all currencies that European partners pay in.
const EUROPE: &str = "AD AL AT BA BE BG CH CY CZ DE DK EE ES FI FO FR GB GI GR HR HU IE IS IT LI LT LU LV MC ME MK \
                      MT NL NO PL PT RO RS SE SI SK SM UA VA XK";
const EUROPEAN: &[&str] = &["EUR", "GBP", "CHF", "DKK", "NOK", "SEK"];
const OTHERS: &[(&str, &str)] = &[
    ("USD", "AE AR BR CL CO EG HK ID IL KE KR KW MX MY NG NZ PE PH PR QA SA SG TH TR TW US VN ZA"),
    ("AUD", "AU"),
    ("CAD", "CA"),
    ("INR", "IN"),
    ("JPY", "JP"),
];

/// A market that sheets are made for.
pub(super) struct Market {
    /// ISO 3166 alpha-2, upper case.
    pub code: String,
    pub currencies: Vec<&'static SheetCurrency>,
}

impl Market {
    /// The market with this code, in either case.
    pub(super) fn find(code: &str) -> Option<Market> {
        let code = code.to_ascii_uppercase();
        let has = |list: &str| list.split_whitespace().any(|market| market == code);
        let codes: Vec<&str> = if has(EUROPE) {
            EUROPEAN.to_vec()
        } else {
            vec![OTHERS.iter().find(|(_, markets)| has(markets))?.0]
        };
        let currencies =
            codes.iter().filter_map(|code| CURRENCIES.iter().find(|currency| currency.code == *code));
        Some(Market { currencies: currencies.collect(), code })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::locales::LOCALES;

    fn currencies(market: &str) -> Vec<&'static str> {
        let market = Market::find(market).unwrap();
        market.currencies.iter().map(|currency| currency.code).collect()
    }

    #[test]
    fn europe_has_all_its_currencies_and_others_have_one() {
        assert_eq!(currencies("de"), EUROPEAN);
        assert_eq!(currencies("US"), ["USD"]);
        assert_eq!(currencies("JP"), ["JPY"]);
        assert!(Market::find("XX").is_none() && Market::find("").is_none());
    }

    #[test]
    fn every_customer_has_a_market() {
        for locale in &LOCALES {
            assert!(Market::find(locale.country).is_some(), "{}", locale.country);
        }
    }
}
