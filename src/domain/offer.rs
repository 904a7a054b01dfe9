//! What a subscription or a plan sells: a new-commerce product and SKU, or a legacy offer.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The offer id of a subscription, taken apart.
///
/// New commerce writes `ProductId:SkuId[:AvailabilityId]`, legacy a GUID or `MS-AZR-…`
/// (<https://learn.microsoft.com/partner-center/developer/subscription-resources>). Anything else is kept as it came.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Offer {
    /// A catalogue item of new commerce.
    NewCommerce {
        /// 12 characters, such as `CFQ7TTC0LH18`.
        product_id: String,
        /// Four characters, such as `0001`.
        sku_id: String,
        /// 12 characters; not part of any price sheet.
        availability_id: Option<String>,
    },
    /// A legacy offer id, or one of a form not known here.
    Legacy {
        /// The id, in lower case.
        offer_id: String,
    },
}

impl Offer {
    /// Takes an offer id apart. Never fails: what is not new commerce is a legacy offer id.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let text = text.trim();
        let mut parts = text.split(':');
        if let (Some(product), Some(sku), availability, None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
            && is_code(product, 12)
            && is_code(sku, 4)
            && availability.is_none_or(|a| is_code(a, 12))
        {
            return Self::NewCommerce {
                product_id: product.to_ascii_uppercase(),
                sku_id: sku.to_ascii_uppercase(),
                availability_id: availability.map(str::to_ascii_uppercase),
            };
        }
        Self::Legacy { offer_id: text.to_lowercase() }
    }

    /// The product id of new commerce.
    #[must_use]
    pub fn product_id(&self) -> Option<&str> {
        match self {
            Self::NewCommerce { product_id, .. } => Some(product_id),
            Self::Legacy { .. } => None,
        }
    }

    /// The SKU id of new commerce.
    #[must_use]
    pub fn sku_id(&self) -> Option<&str> {
        match self {
            Self::NewCommerce { sku_id, .. } => Some(sku_id),
            Self::Legacy { .. } => None,
        }
    }

    /// Whether both name the same thing to sell: the availability does not count, for price sheets do not have it.
    #[must_use]
    pub fn sells_the_same_as(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::NewCommerce { product_id, sku_id, .. },
                Self::NewCommerce { product_id: other_product, sku_id: other_sku, .. },
            ) => product_id == other_product && sku_id == other_sku,
            (Self::Legacy { offer_id }, Self::Legacy { offer_id: other }) => offer_id == other,
            _ => false,
        }
    }
}

impl fmt::Display for Offer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NewCommerce { product_id, sku_id, availability_id: Some(availability) } => {
                write!(f, "{product_id}:{sku_id}:{availability}")
            }
            Self::NewCommerce { product_id, sku_id, availability_id: None } => {
                write!(f, "{product_id}:{sku_id}")
            }
            Self::Legacy { offer_id } => f.write_str(offer_id),
        }
    }
}

fn is_code(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|b| b.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_commerce_and_legacy_are_told_apart() {
        let full = Offer::parse("CFQ7TTC0LH18:0001:CFQ7TTC0K971");
        assert_eq!(full.product_id(), Some("CFQ7TTC0LH18"));
        assert_eq!(full.sku_id(), Some("0001"));
        assert_eq!(full.to_string(), "CFQ7TTC0LH18:0001:CFQ7TTC0K971");
        assert!(full.sells_the_same_as(&Offer::parse("cfq7ttc0lh18:0001")));
        assert!(!full.sells_the_same_as(&Offer::parse("CFQ7TTC0LH18:0002")));

        let legacy = Offer::parse("031C9E47-4802-4248-838E-778FB1D2CC05");
        assert_eq!(legacy.product_id(), None);
        assert!(legacy.sells_the_same_as(&Offer::parse("031c9e47-4802-4248-838e-778fb1d2cc05")));
    }

    #[test]
    fn an_odd_id_is_kept_as_a_legacy_one() {
        for odd in ["MS-AZR-0145P", "CFQ7TTC0LH18:1", "a:b:c:d", ""] {
            assert_eq!(Offer::parse(odd).to_string(), odd.to_lowercase());
        }
    }
}
