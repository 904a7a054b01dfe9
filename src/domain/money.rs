//! Currencies and amounts. Decimal throughout; rounding is half away from zero to the currency's minor units (ISO 4217).

use std::collections::BTreeMap;
use std::fmt;

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

/// An ISO 4217 code, three upper-case letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency([u8; 3]);

/// A text that is no currency code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no currency code: three letters such as EUR are expected")]
pub struct CurrencyError(String);

impl Currency {
    /// Parses a code, in either case.
    ///
    /// # Errors
    /// When it is not three ASCII letters.
    pub fn parse(text: &str) -> Result<Self, CurrencyError> {
        match text.trim().as_bytes() {
            &[a, b, c] if [a, b, c].iter().all(u8::is_ascii_alphabetic) => {
                Ok(Self([a, b, c].map(|letter| letter.to_ascii_uppercase())))
            }
            _ => Err(CurrencyError(super::text::printable(text.trim()).into_owned())),
        }
    }

    /// The code.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // The letters were checked to be ASCII when the code was parsed.
        std::str::from_utf8(&self.0).unwrap_or("???")
    }

    /// Digits after the decimal point, from ISO 4217's list of minor units.
    #[must_use]
    pub fn minor_units(&self) -> u32 {
        match &self.0 {
            b"BIF" | b"CLP" | b"DJF" | b"GNF" | b"ISK" | b"JPY" | b"KMF" | b"KRW" | b"PYG" | b"RWF"
            | b"UGX" | b"UYI" | b"VND" | b"VUV" | b"XAF" | b"XOF" | b"XPF" => 0,
            b"BHD" | b"IQD" | b"JOD" | b"KWD" | b"LYD" | b"OMR" | b"TND" => 3,
            b"CLF" | b"UYW" => 4,
            _ => 2,
        }
    }

    /// Rounds an amount to this currency's minor units, half away from zero.
    #[must_use]
    pub fn round(&self, amount: Decimal) -> Decimal {
        let mut rounded =
            amount.round_dp_with_strategy(self.minor_units(), RoundingStrategy::MidpointAwayFromZero);
        rounded.rescale(self.minor_units());
        rounded
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl TryFrom<String> for Currency {
    type Error = CurrencyError;

    fn try_from(text: String) -> Result<Self, CurrencyError> {
        Self::parse(&text)
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.as_str().to_owned()
    }
}

/// Writes an amount with its thousands grouped and the currency's minor units: `1,234.50`.
#[must_use]
pub fn grouped(amount: Decimal, currency: Currency) -> String {
    let plain = currency.round(amount).to_string();
    let (sign, digits) = plain.strip_prefix('-').map_or(("", plain.as_str()), |rest| ("-", rest));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let mut out = String::with_capacity(plain.len() + whole.len() / 3 + 1);
    out.push_str(sign);
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if !fraction.is_empty() {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

/// How far an amount moved, in percent of what it was, to two digits, half away from zero; none where it was nothing, or the
/// result is too large. A price against its cost so gives the margin.
#[must_use]
pub fn percent_moved(from: Decimal, to: Decimal) -> Option<Decimal> {
    let moved = to.checked_sub(from)?.checked_mul(Decimal::ONE_HUNDRED)?.checked_div(from)?;
    Some(moved.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero).normalize())
}

/// Sums of money by currency. Amounts of two currencies are never added to each other.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sums {
    amounts: BTreeMap<Currency, Decimal>,
    overflowed: bool,
}

impl Sums {
    /// Adds an amount to its currency's sum.
    pub fn add(&mut self, currency: Currency, amount: Decimal) {
        let sum = self.amounts.entry(currency).or_default();
        match sum.checked_add(amount) {
            Some(total) => *sum = total,
            None => self.overflowed = true,
        }
    }

    /// The sums, by currency code.
    pub fn iter(&self) -> impl Iterator<Item = (Currency, Decimal)> + '_ {
        self.amounts.iter().map(|(currency, amount)| (*currency, *amount))
    }

    /// Each sum as it is shown; one sentence instead where they got too large.
    pub fn parts(&self) -> impl Iterator<Item = String> + '_ {
        let overflowed = self.overflowed.then(|| "too large to add up".to_owned());
        let each = self.iter().map(|(currency, amount)| format!("{currency} {}", grouped(amount, currency)));
        overflowed.into_iter().chain(each.filter(|_| !self.overflowed))
    }

    /// Whether nothing was added.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.amounts.is_empty()
    }
}

impl fmt::Display for Sums {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.parts().collect::<Vec<_>>().join("  "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn percents_are_rounded_half_away_from_zero() {
        for (from, to, percent) in [
            ("8.00", "8.01", Some("0.13")),
            ("8.00", "7.99", Some("-0.13")),
            ("10", "12.5", Some("25")),
            ("3", "2", Some("-33.33")),
            ("0", "1", None),
        ] {
            assert_eq!(percent_moved(decimal(from), decimal(to)).map(|p| p.to_string()).as_deref(), percent);
        }
    }

    #[test]
    fn rounding_is_half_away_from_zero_to_minor_units() {
        for (code, amount, rounded) in [
            ("USD", "2.345", "2.35"),
            ("USD", "-2.345", "-2.35"),
            ("USD", "2", "2.00"),
            ("JPY", "1234.5", "1235"),
            ("JPY", "-0.5", "-1"),
            ("KWD", "0.0005", "0.001"),
            ("BHD", "1.23449", "1.234"),
        ] {
            let currency = Currency::parse(code).unwrap();
            assert_eq!(currency.round(decimal(amount)).to_string(), rounded, "{amount} {code}");
        }
    }

    #[test]
    fn amounts_are_grouped() {
        let usd = Currency::parse("usd").unwrap();
        for (amount, text) in
            [("0", "0.00"), ("999.999", "1,000.00"), ("-1234567.5", "-1,234,567.50"), ("100", "100.00")]
        {
            assert_eq!(grouped(decimal(amount), usd), text);
        }
    }

    #[test]
    fn two_currencies_do_not_add() {
        let mut sums = Sums::default();
        sums.add(Currency::parse("USD").unwrap(), decimal("1.5"));
        sums.add(Currency::parse("JPY").unwrap(), decimal("1000"));
        sums.add(Currency::parse("USD").unwrap(), decimal("1.5"));
        assert_eq!(sums.to_string(), "JPY 1,000  USD 3.00");
        sums.add(Currency::parse("USD").unwrap(), Decimal::MAX);
        assert_eq!(sums.to_string(), "too large to add up");
    }

    #[test]
    fn what_is_no_code_is_refused() {
        for bad in ["", "EU", "EURO", "E1R", "€"] {
            assert!(Currency::parse(bad).is_err(), "{bad}");
        }
    }
}
