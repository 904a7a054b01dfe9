//! The kinds of price list, told apart by the columns that a header row names.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::field::Field;

/// What a price is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PriceBasis {
    /// The whole term, as in new commerce.
    Term,
    /// One month, as in legacy lists.
    Month,
}

/// A kind of price list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layout {
    /// New-commerce licences.
    NewCommerce,
    /// The legacy licence list.
    Legacy,
    /// Azure plan, by consumption.
    AzureConsumption,
    /// Azure reservations.
    AzureReservations,
    /// Software: perpetual, and server subscriptions.
    Software,
    /// New commerce's offer matrix: rules, no prices.
    OfferMatrix,
    /// The legacy offer matrix.
    LegacyOfferMatrix,
    /// A table that is none of Microsoft's, read by the operator's own mapping.
    Mapped,
}

/// Fields of a header row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FieldSet(u64);

impl FieldSet {
    /// Adds a field; false where it was in already.
    pub fn insert(&mut self, field: Field) -> bool {
        let bit = 1 << field as u64;
        let new = self.0 & bit == 0;
        self.0 |= bit;
        new
    }

    /// Whether it is in.
    #[must_use]
    pub fn has(self, field: Field) -> bool {
        self.0 & (1 << field as u64) != 0
    }

    /// Whether one of them is in.
    #[must_use]
    pub fn has_any(self, fields: &[Field]) -> bool {
        fields.iter().any(|field| self.has(*field))
    }

    /// How many are in.
    #[must_use]
    pub fn len(self) -> u32 {
        self.0.count_ones()
    }

    /// Whether none is in.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl FromIterator<Field> for FieldSet {
    fn from_iter<T: IntoIterator<Item = Field>>(fields: T) -> Self {
        let mut set = Self::default();
        for field in fields {
            set.insert(field);
        }
        set
    }
}

impl Layout {
    /// The layout that a header row tells. Software can have the columns of licences, and reservations those of consumption:
    /// their rows tell, see [`Builder::finish`](super::Builder::finish).
    #[must_use]
    pub fn of_fields(fields: FieldSet) -> Option<Self> {
        use Field::{
            BillingPlan, Conversion, ErpPrice, MaxLicenses, MeterIds, MeterType, MinLicenses, OfferId,
            OfferType, OwnershipLimit, Prerequisites, ProductId, ProvisioningId, ProvisioningString, Segment,
            SkuId, Term, UnitPrice,
        };
        const RULES: [Field; 8] = [
            ProvisioningId,
            ProvisioningString,
            MinLicenses,
            MaxLicenses,
            OwnershipLimit,
            Prerequisites,
            Conversion,
            OfferType,
        ];
        let priced = fields.has(UnitPrice);
        if fields.has(ProductId) && fields.has(SkuId) {
            return match priced {
                false => fields.has_any(&RULES).then_some(Self::OfferMatrix),
                true if fields.has_any(&[MeterIds, MeterType]) => Some(Self::AzureConsumption),
                true if fields.has_any(&[BillingPlan, Segment, ErpPrice]) => Some(Self::NewCommerce),
                true => fields.has(Term).then_some(Self::AzureConsumption),
            };
        }
        if fields.has(OfferId) {
            return match priced {
                true => Some(Self::Legacy),
                false => fields.has_any(&RULES).then_some(Self::LegacyOfferMatrix),
            };
        }
        None
    }

    /// What its prices are for; of an own mapping the mapping tells.
    #[must_use]
    pub const fn basis(self) -> PriceBasis {
        match self {
            Self::Legacy => PriceBasis::Month,
            _ => PriceBasis::Term,
        }
    }

    /// Whether rows have prices.
    #[must_use]
    pub const fn has_prices(self) -> bool {
        !matches!(self, Self::OfferMatrix | Self::LegacyOfferMatrix)
    }

    /// The name in JSON output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NewCommerce => "new_commerce",
            Self::Legacy => "legacy",
            Self::AzureConsumption => "azure_consumption",
            Self::AzureReservations => "azure_reservations",
            Self::Software => "software",
            Self::OfferMatrix => "offer_matrix",
            Self::LegacyOfferMatrix => "legacy_offer_matrix",
            Self::Mapped => "mapped",
        }
    }

    /// The fields that make a row of this layout one and the same from list to list, beside its validity.
    #[must_use]
    pub const fn key_fields(self) -> &'static [Field] {
        use Field::{
            BillingPlan, Currency, EndCustomerType, LicenseAgreementType, Market, OfferId, ProductId,
            ProductTitle, ProvisioningId, PurchaseUnit, SecondaryLicenseType, Segment, SkuId, SkuTitle, Term,
            TierMax, TierMin,
        };
        match self {
            Self::NewCommerce | Self::Software | Self::AzureReservations | Self::AzureConsumption => {
                &[ProductId, SkuId, Term, BillingPlan, Segment, Market, Currency, TierMin, TierMax]
            }
            Self::Legacy => &[
                OfferId,
                LicenseAgreementType,
                EndCustomerType,
                SecondaryLicenseType,
                PurchaseUnit,
                Currency,
                Market,
            ],
            Self::OfferMatrix => &[ProductId, SkuId, ProvisioningId],
            Self::LegacyOfferMatrix => &[OfferId, ProvisioningId],
            Self::Mapped => &[
                ProductId,
                SkuId,
                OfferId,
                ProductTitle,
                SkuTitle,
                Term,
                BillingPlan,
                Segment,
                Market,
                Currency,
                TierMin,
                TierMax,
            ],
        }
    }
}

impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::NewCommerce => "New commerce",
            Self::Legacy => "Legacy",
            Self::AzureConsumption => "Azure plan",
            Self::AzureReservations => "Azure reservations",
            Self::Software => "Software",
            Self::OfferMatrix => "Offer matrix",
            Self::LegacyOfferMatrix => "Legacy offer matrix",
            Self::Mapped => "Own mapping",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(headings: &str) -> Option<Layout> {
        Layout::of_fields(headings.split(',').filter_map(Field::of_heading).collect())
    }

    #[test]
    fn layouts_by_their_headings() {
        for (headings, layout) in [
            (
                "ProductTitle,ProductId,SkuId,SkuTitle,Publisher,SkuDescription,UnitOfMeasure,TermDuration,\
                 BillingPlan,Market,Currency,UnitPrice,PricingTierRangeMin,PricingTierRangeMax,\
                 EffectiveStartDate,EffectiveEndDate,Tags,ERP Price,Segment",
                Layout::NewCommerce,
            ),
            (
                "ERP Price,List Price,A/C/D/U,Valid From Date,Valid To Date,Offer ID,Offer Display Name,\
                 License Agreement Type,Purchase Unit",
                Layout::Legacy,
            ),
            (
                "ProductTitle,ProductId,SkuId,SkuTitle,Publisher,UnitOfMeasure,TermDuration,Market,Currency,\
                 UnitPrice,EffectiveStartDate,EffectiveEndDate,MeterIds,MeterType,Tags",
                Layout::AzureConsumption,
            ),
            (
                "ProductTitle,ProductId,SkuId,UnitOfMeasure,TermDuration,Market,Currency,UnitPrice,Tags",
                Layout::AzureConsumption,
            ),
            (
                "ProductTitle,ProductId,SkuId,SkuTitle,ProvisioningId,ProvisioningString,MinLicenses",
                Layout::OfferMatrix,
            ),
            (
                "Offer Display Name,Offer ID (Durable Offer ID),Provisioning ID,Offer Type,Duration",
                Layout::LegacyOfferMatrix,
            ),
        ] {
            assert_eq!(told(headings), Some(layout), "{headings}");
        }
        assert_eq!(told("Name,Price,Colour"), None);
        assert_eq!(told("ProductId,SkuId,Market"), None);
    }

    #[test]
    fn all_fields_fit_in_a_set() {
        let all: FieldSet = Field::ALL.iter().copied().collect();
        assert_eq!(all.len() as usize, Field::ALL.len());
    }
}
