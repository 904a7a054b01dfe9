//! What a seat costs: the one place that sheets and the demo's plans take prices from.

use super::market::SheetCurrency;
use crate::simulator::catalogue::CatalogueItem;
use rust_decimal::Decimal;

/// A customer segment: its name, and what it pays of the commercial price, in percent.
pub(super) type Segment = (&'static str, i64);

pub(super) const COMMERCIAL: Segment = ("Commercial", 100);
/// All segments that sheets have.
pub(super) const SEGMENTS: [Segment; 4] =
    [COMMERCIAL, ("Education", 45), ("Charity", 40), ("Government", 95)];

/// What a partner pays for a seat in the current month, in the commercial segment: for the whole term in the new
/// commerce, for a month in the old. Term and billing cycle are spelt as in the catalogue.
///
/// It is the price of that month's sheet, and the same for every seed.
pub fn unit_price(item: &CatalogueItem, term: &str, billing: &str, currency: &SheetCurrency) -> Decimal {
    let annual = annual_price(item);
    if item.legacy {
        month_price(annual, term, billing, currency)
    } else {
        term_price(annual, term, billing, currency)
    }
}

/// The catalogue's price as a number.
pub(super) fn annual_price(item: &CatalogueItem) -> Decimal {
    item.annual_price_usd.parse().unwrap_or_default()
}

/// The price for a whole term of something that costs so much in a year.
pub(super) fn term_price(
    annual_usd: Decimal,
    term: &str,
    billing: &str,
    currency: &SheetCurrency,
) -> Decimal {
    month_price(annual_usd, term, billing, currency) * Decimal::from(months(term))
}

// A fifth more without commitment for a year, a twentieth more where a longer term is paid by the month.
fn month_price(annual_usd: Decimal, term: &str, billing: &str, currency: &SheetCurrency) -> Decimal {
    let percent = match (term, billing) {
        ("P1M", _) => 120,
        (_, "monthly") => 105,
        _ => 100,
    };
    currency.month_of(annual_usd * Decimal::new(percent, 2))
}

fn months(term: &str) -> i64 {
    match term {
        "P1Y" => 12,
        "P3Y" => 36,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::catalogue::catalogue;
    use crate::simulator::sheet_currencies;

    #[test]
    fn a_unit_price_is_for_the_whole_term_or_a_legacy_month() {
        let price = |title: &str, legacy, term, billing, code| {
            let item = catalogue().iter().find(|item| item.title == title && item.legacy == legacy).unwrap();
            let currency = sheet_currencies().iter().find(|currency| currency.code == code).unwrap();
            unit_price(item, term, billing, currency).normalize().to_string()
        };
        assert_eq!(price("Microsoft 365 E3", false, "P1Y", "annual", "USD"), "432");
        assert_eq!(price("Microsoft 365 E3", false, "P1Y", "monthly", "USD"), "453.6");
        assert_eq!(price("Microsoft 365 E3", false, "P1M", "monthly", "USD"), "43.2");
        assert_eq!(price("Microsoft 365 E3", false, "P3Y", "triennial", "JPY"), "193104");
        assert_eq!(price("Office 365 E3", true, "P1Y", "annual", "USD"), "20");
    }

    #[test]
    fn every_price_of_the_catalogue_is_a_number() {
        assert!(catalogue().iter().all(|item| item.annual_price_usd.parse::<Decimal>().is_ok()));
    }
}
