//! How a selling price is rounded: once, and never below what half a minor unit allows.

use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::money::Currency;

/// The rule for a plan's prices. All but the first round up, so that a margin is never given away.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Rounding {
    /// Half away from zero to the currency's minor units.
    #[default]
    Minor,
    /// Up to the next multiple of so many minor units: 5 gives 12.35, 100 a whole amount where there are cents.
    UpTo(u32),
    /// Up to the next amount that ends in this fraction of a whole one: 0.99 gives 12.99. In a currency without minor units a
    /// whole amount.
    Ending(Decimal),
}

/// A text that is no rounding rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "\"{0}\" is no rounding rule: minor (to the cent), up:5 (up to the next 0.05), up:100 (to a whole amount) \
     or end:.99 (up to the next .99) is expected"
)]
pub struct RoundingError(String);

impl Rounding {
    /// Rounds a price to the rule, in the currency's minor units. None where it gets too large.
    #[must_use]
    pub fn apply(self, price: Decimal, currency: Currency) -> Option<Decimal> {
        let mut rounded = match self {
            Self::Minor => currency.round(price),
            Self::UpTo(units) => {
                let step = Decimal::new(i64::from(units.max(1)), currency.minor_units());
                price.checked_div(step)?.ceil().checked_mul(step)?
            }
            Self::Ending(fraction) => {
                let fraction = fraction.round_dp(currency.minor_units());
                let fraction = if fraction >= Decimal::ONE { Decimal::ZERO } else { fraction };
                price.checked_sub(fraction)?.ceil().checked_add(fraction)?
            }
        };
        rounded.rescale(currency.minor_units());
        Some(rounded)
    }
}

impl fmt::Display for Rounding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Minor => f.write_str("minor"),
            Self::UpTo(units) => write!(f, "up:{units}"),
            Self::Ending(fraction) => write!(f, "end:{fraction}"),
        }
    }
}

impl FromStr for Rounding {
    type Err = RoundingError;

    fn from_str(text: &str) -> Result<Self, RoundingError> {
        let fail = || RoundingError(super::text::printable(text).into_owned());
        match text.trim().to_ascii_lowercase().split_once(':') {
            None if text.trim().eq_ignore_ascii_case("minor") => Ok(Self::Minor),
            Some(("up", units)) => match units.trim().parse() {
                Ok(units @ 1..=1_000_000) => Ok(Self::UpTo(units)),
                _ => Err(fail()),
            },
            Some(("end", fraction)) => {
                let fraction = fraction.trim();
                let whole =
                    if fraction.starts_with('.') { format!("0{fraction}") } else { fraction.to_owned() };
                match whole.parse::<Decimal>() {
                    Ok(fraction) if fraction >= Decimal::ZERO && fraction < Decimal::ONE => {
                        Ok(Self::Ending(fraction.normalize()))
                    }
                    _ => Err(fail()),
                }
            }
            _ => Err(fail()),
        }
    }
}

impl TryFrom<String> for Rounding {
    type Error = RoundingError;

    fn try_from(text: String) -> Result<Self, RoundingError> {
        text.parse()
    }
}

impl From<Rounding> for String {
    fn from(rounding: Rounding) -> Self {
        rounding.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn each_rule_in_currencies_of_none_two_and_three_digits() {
        for (rule, price, code, rounded) in [
            ("minor", "12.345", "USD", "12.35"),
            ("minor", "12.5", "JPY", "13"),
            ("minor", "12.3455", "KWD", "12.346"),
            ("up:5", "12.31", "USD", "12.35"),
            ("up:5", "12.35", "USD", "12.35"),
            ("up:100", "12.01", "USD", "13.00"),
            ("up:10", "1721", "JPY", "1730"),
            ("up:5", "1.2301", "KWD", "1.235"),
            ("end:.99", "12.30", "USD", "12.99"),
            ("end:.99", "12.995", "USD", "13.99"),
            ("end:0.99", "12.3", "JPY", "13"),
            ("end:.95", "0", "EUR", "0.95"),
        ] {
            let rule: Rounding = rule.parse().unwrap();
            let got = rule.apply(decimal(price), Currency::parse(code).unwrap()).unwrap();
            assert_eq!(got.to_string(), rounded, "{rule} {price} {code}");
            assert_eq!(rule.to_string().parse::<Rounding>().unwrap(), rule);
        }
    }

    #[test]
    fn what_is_no_rule_is_refused() {
        for bad in ["", "up", "up:0", "up:-5", "end:1", "end:-.1", "cent", "end:x"] {
            assert!(bad.parse::<Rounding>().is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn a_rule_never_falls_below_half_a_minor_unit_and_keeps_the_order(
            low in 0i64..1_000_000_000,
            more in 0i64..1_000_000,
            which in 0usize..5,
            code in prop::sample::select(vec!["USD", "JPY", "KWD"]),
        ) {
            let rule: Rounding = ["minor", "up:5", "up:100", "end:.99", "end:.5"][which].parse().unwrap();
            let currency = Currency::parse(code).unwrap();
            let (a, b) = (Decimal::new(low, 4), Decimal::new(low + more, 4));
            let (ra, rb) = (rule.apply(a, currency).unwrap(), rule.apply(b, currency).unwrap());
            prop_assert!(ra >= a - Decimal::new(5, currency.minor_units() + 1));
            prop_assert!(rb >= ra);
            prop_assert_eq!(currency.round(ra), ra);
        }
    }
}
