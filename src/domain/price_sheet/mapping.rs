//! An operator's own reading of a table that is none of Microsoft's.

use serde::{Deserialize, Serialize};

use super::field::{Field, fold};
use super::layout::PriceBasis;
use crate::domain::money::Currency;

/// Which column of a table is what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapping {
    /// Headings, as the table has them, and what they are. Headings are compared without regard to case, spaces and signs.
    pub columns: Vec<(String, Field)>,
    /// What the prices are for.
    pub basis: PriceBasis,
    /// The currency of a table that has no column for it.
    pub currency: Option<Currency>,
    /// The market of a table that has no column for it.
    pub market: Option<String>,
}

/// Why a mapping can't be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MappingError {
    /// Nothing to sell.
    #[error("choose the column of the product or of the offer ID")]
    NoProduct,
    /// Nothing to pay.
    #[error("choose the column of the price")]
    NoPrice,
    /// Nothing to pay in.
    #[error("choose the column of the currency, or a currency for all rows")]
    NoCurrency,
    /// Two columns are the same.
    #[error("two columns are chosen for {}", .0.heading())]
    Twice(Field),
}

impl Mapping {
    /// What a heading stands for.
    #[must_use]
    pub fn field(&self, heading: &str) -> Option<Field> {
        let folded = fold(heading);
        self.columns.iter().find(|(known, _)| fold(known) == folded).map(|(_, field)| *field)
    }

    /// Checks that rows can be sold by it.
    ///
    /// # Errors
    /// See [`MappingError`].
    pub fn check(&self) -> Result<(), MappingError> {
        let has = |field| self.columns.iter().any(|(_, known)| *known == field);
        let twice = self
            .columns
            .iter()
            .enumerate()
            .find(|(at, (_, field))| self.columns.iter().take(*at).any(|(_, earlier)| earlier == field));
        match twice {
            Some((_, (_, field))) => Err(MappingError::Twice(*field)),
            None if !has(Field::UnitPrice) => Err(MappingError::NoPrice),
            None if ![Field::ProductId, Field::OfferId, Field::ProductTitle].into_iter().any(has) => {
                Err(MappingError::NoProduct)
            }
            None if !has(Field::Currency) && self.currency.is_none() => Err(MappingError::NoCurrency),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mapping_needs_product_price_and_currency() {
        let mut mapping = Mapping { columns: vec![], basis: PriceBasis::Month, currency: None, market: None };
        assert_eq!(mapping.check(), Err(MappingError::NoPrice));
        mapping.columns.push(("Our cost".into(), Field::UnitPrice));
        assert_eq!(mapping.check(), Err(MappingError::NoProduct));
        mapping.columns.push(("What".into(), Field::ProductTitle));
        assert_eq!(mapping.check(), Err(MappingError::NoCurrency));
        mapping.currency = Currency::parse("EUR").ok();
        assert_eq!(mapping.check(), Ok(()));
        assert_eq!(mapping.field(" OUR-COST"), Some(Field::UnitPrice));
        mapping.columns.push(("Also".into(), Field::UnitPrice));
        assert_eq!(mapping.check().unwrap_err().to_string(), "two columns are chosen for Unit price");
    }
}
