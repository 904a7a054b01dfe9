//! The columns that Microsoft's price lists have, whatever a file calls them.

use serde::{Deserialize, Serialize};

macro_rules! fields {
    ($($(#[$doc:meta])* $field:ident $name:literal $header:literal [$($spelling:literal),*];)*) => {
        /// A column of a price list. Columns that are none of these are kept under their own heading, see [`Column`].
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Field {
            $($(#[$doc])* #[serde(rename = $name)] $field,)*
        }

        impl Field {
            /// All fields, in the order in which a grid shows them best.
            pub const ALL: &[Self] = &[$(Self::$field),*];

            /// The name in JSON output: snake_case, never changed.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$field => $name,)* }
            }

            /// The heading, as a person reads it.
            #[must_use]
            pub const fn heading(self) -> &'static str {
                match self { $(Self::$field => $header,)* }
            }

            fn spelled(folded: &str) -> Option<Self> {
                match folded {
                    $($($spelling)|* => Some(Self::$field),)*
                    _ => None,
                }
            }
        }
    };
}

// The spellings are folded as `fold` does: letters and digits alone, in lower case.
fields! {
    /// What became of the row since the last list: add, change, unchanged, delete; ADD, CHG, DEL, UNC, DEPR.
    Change "change" "Change"
        ["changeindicator", "change", "changetype", "acdu", "acd", "indicator", "changestatus", "addchgdelunc",
            "addchgdeluncdepr"];
    /// What the row said before.
    PreviousValues "previous_values" "Previous values" ["previousvalues", "previousvalue"];
    /// The product's name; of a legacy offer its display name.
    ProductTitle "product_title" "Product"
        ["producttitle", "productname", "offerdisplayname", "offername", "product"];
    /// 12 characters of new commerce.
    ProductId "product_id" "Product ID" ["productid"];
    /// Four characters of new commerce.
    SkuId "sku_id" "SKU ID" ["skuid"];
    /// The SKU's name.
    SkuTitle "sku_title" "SKU" ["skutitle", "skuname", "sku"];
    /// The GUID of a legacy offer.
    OfferId "offer_id" "Offer ID" ["offerid", "durableofferid", "offeriddurableofferid", "offerguid"];
    /// The committed term, an ISO 8601 duration.
    Term "term" "Term" ["termduration", "term", "commitmentterm"];
    /// How the term is billed.
    BillingPlan "billing_plan" "Billing" ["billingplan"];
    /// Commercial, Education, Charity, Government.
    Segment "segment" "Segment" ["segment", "customersegment"];
    /// The customer's country.
    Market "market" "Market" ["market", "marketcode"];
    /// What prices are in.
    Currency "currency" "Currency" ["currency", "currencycode", "pricingcurrency"];
    /// The partner's price: for the whole term in new commerce, for a month in a legacy list.
    UnitPrice "unit_price" "Unit price" ["unitprice", "listprice", "partnerprice"];
    /// Estimated retail price, for the same time as the unit price.
    ErpPrice "erp_price" "ERP" ["erpprice", "erp", "estimatedretailprice", "erpunitprice"];
    /// The price is for at least so many.
    TierMin "tier_min" "Tier from" ["pricingtierrangemin", "tierrangemin", "tiermin", "pricingtiermin"];
    /// The price is for at most so many.
    TierMax "tier_max" "Tier to" ["pricingtierrangemax", "tierrangemax", "tiermax", "pricingtiermax"];
    /// Since when the row is valid.
    EffectiveStart "effective_start" "Valid from"
        ["effectivestartdate", "effectivestart", "effectivedate", "validfromdate", "validfrom", "startdate"];
    /// Until when the row is valid.
    EffectiveEnd "effective_end" "Valid to"
        ["effectiveenddate", "effectiveend", "validtodate", "validto", "validuntil", "enddate"];
    /// From when on it is no longer sold.
    EndOfSale "end_of_sale" "End of sale" ["endofsaledate", "endofsale"];
    /// License, Trial, Azure and such, separated by semicolons.
    Tags "tags" "Tags" ["tags", "tag"];
    /// Who makes it.
    Publisher "publisher" "Publisher" ["publisher", "publishername"];
    /// A text on the SKU or the legacy offer.
    SkuDescription "sku_description" "Description"
        ["skudescription", "description", "offerdisplaydescription", "offerdescription"];
    /// What is counted; empty for licences.
    UnitOfMeasure "unit_of_measure" "Unit" ["unitofmeasure", "uom"];
    /// Azure's meters.
    MeterIds "meter_ids" "Meter IDs" ["meterids", "meterid"];
    /// What Azure's meter measures.
    MeterType "meter_type" "Meter type" ["metertype", "metertypes"];
    /// Corporate, Government, Academic, Charity of a legacy list.
    LicenseAgreementType "license_agreement_type" "Agreement type"
        ["licenseagreementtype", "licenceagreementtype", "agreementtype"];
    /// Such as `1 Month(s)`, of a legacy list.
    PurchaseUnit "purchase_unit" "Purchase unit" ["purchaseunit"];
    /// Non-Specific, Add-On, Trial, of a legacy list.
    SecondaryLicenseType "secondary_license_type" "Licence type"
        ["secondarylicensetype", "secondarylicencetype"];
    /// Such as `Cloud Reseller Faculty`, of a legacy list.
    EndCustomerType "end_customer_type" "Customer type" ["endcustomertype"];
    /// The part number of a legacy list.
    Material "material" "Material" ["material", "materialnumber", "partnumber"];
    /// The service SKU's GUID, of an offer matrix.
    ProvisioningId "provisioning_id" "Provisioning ID" ["provisioningid", "provisioningguid"];
    /// The service SKU's part number, of an offer matrix.
    ProvisioningString "provisioning_string" "Provisioning string" ["provisioningstring"];
    /// The fewest seats.
    MinLicenses "min_licenses" "Least" ["minlicenses", "minlicences", "minseatcount", "minimumlicenses"];
    /// The most seats.
    MaxLicenses "max_licenses" "Most" ["maxlicenses", "maxlicences", "maxseatcount", "maximumlicenses"];
    /// How many subscriptions a customer may have.
    OwnershipLimit "ownership_limit" "Limit" ["assetownershiplimit", "offerlimit"];
    /// What that limit counts: at a time, or ever.
    OwnershipLimitType "ownership_limit_type" "Limit counts"
        ["assetownershiplimittype", "offerlimitscope"];
    /// What a customer must have first.
    Prerequisites "prerequisites" "Depends on"
        ["productskuprerequisites", "productskuprerequisite", "prerequisites", "dependson"];
    /// What it can be converted to.
    Conversion "conversion" "Converts to" ["productskuconversion", "productskuconversions", "canconvertto"];
    /// Where it is sold; semicolons between.
    AllowedCountries "allowed_countries" "Countries" ["allowedcountries", "allowedcountry"];
    /// Of a legacy offer matrix.
    OfferType "offer_type" "Offer type" ["offertype"];
    /// Of a legacy offer matrix.
    Duration "duration" "Duration" ["duration"];
    /// Of a legacy offer matrix.
    BillingFrequency "billing_frequency" "Billing frequency" ["billingfrequency"];
    /// Of a legacy offer matrix.
    OfferUri "offer_uri" "Offer URI" ["offeruri"];
    /// Of a legacy offer matrix.
    LearnMoreLink "learn_more_link" "More" ["learnmorelink"];
}

impl Field {
    /// The field that a heading names, in any case and with any spaces, hyphens, underscores and notes in brackets:
    /// `ERP Price`, `Valid-From Date`, `EndofSaleDate`, `A/C/D/U`, `Offer ID (Durable Offer ID)`.
    #[must_use]
    pub fn of_heading(heading: &str) -> Option<Self> {
        if heading.len() > 200 {
            return None;
        }
        Self::spelled(&fold(heading)).or_else(|| {
            let (before, _) = heading.split_once('(')?;
            Self::spelled(&fold(before))
        })
    }
}

/// A heading without what spellings differ in: letters and digits alone, in lower case.
#[must_use]
pub fn fold(heading: &str) -> String {
    heading.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// A column of a file: what it is, if that is known, and what the file calls it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// What it is; none for one that is kept as it came.
    pub field: Option<Field>,
    /// The file's heading, without white space around it.
    pub heading: String,
}

impl Column {
    /// A column by its heading.
    #[must_use]
    pub fn of_heading(heading: &str) -> Self {
        Self { field: Field::of_heading(heading), heading: heading.trim().to_owned() }
    }

    /// The name in JSON output; of an unknown column its heading in snake_case.
    #[must_use]
    pub fn name(&self) -> String {
        if let Some(field) = self.field {
            return field.name().to_owned();
        }
        let mut name = String::with_capacity(self.heading.len() + 4);
        let mut after_small = false;
        for c in self.heading.chars() {
            if !c.is_alphanumeric() {
                after_small = false;
                if !name.is_empty() && !name.ends_with('_') {
                    name.push('_');
                }
                continue;
            }
            if c.is_uppercase() && after_small {
                name.push('_');
            }
            after_small = c.is_lowercase() || c.is_numeric();
            name.extend(c.to_lowercase());
        }
        name.truncate(name.trim_end_matches('_').len());
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_as_files_spell_them() {
        for (heading, field) in [
            ("ERP Price", Field::ErpPrice),
            ("ErpPrice", Field::ErpPrice),
            ("erp_price", Field::ErpPrice),
            ("EndofSaleDate", Field::EndOfSale),
            ("EndOfSaleDate", Field::EndOfSale),
            ("Valid-From Date", Field::EffectiveStart),
            ("ValidToDate", Field::EffectiveEnd),
            ("A/C/D/U", Field::Change),
            ("ChangeIndicator", Field::Change),
            ("ADD/CHG/DEL/UNC", Field::Change),
            ("Offer ID (Durable Offer ID)", Field::OfferId),
            ("Offer Limit Scope (None|Lifetime|Concurrent)", Field::OwnershipLimitType),
            ("  List Price ", Field::UnitPrice),
            ("List\nPrice", Field::UnitPrice),
            ("License Agreement Type", Field::LicenseAgreementType),
            ("\u{feff}ProductTitle", Field::ProductTitle),
            ("PricingTierRangeMin", Field::TierMin),
            ("ProductSkuPreRequisites", Field::Prerequisites),
        ] {
            assert_eq!(Field::of_heading(heading), Some(field), "{heading}");
        }
        for none in ["", "()", "Colour", "Total"] {
            assert_eq!(Field::of_heading(none), None, "{none}");
        }
    }

    #[test]
    fn every_field_is_found_by_its_name_and_no_name_is_used_twice() {
        let names: std::collections::BTreeSet<_> = Field::ALL.iter().map(|f| f.name()).collect();
        assert_eq!(names.len(), Field::ALL.len());
        for field in Field::ALL {
            let json = serde_json::to_string(field).unwrap();
            assert_eq!(json, format!("\"{}\"", field.name()));
        }
    }

    #[test]
    fn an_unknown_column_gets_a_name() {
        for (heading, name) in [
            ("Retail Margin %", "retail_margin"),
            ("MyOwnColumn", "my_own_column"),
            ("Größe", "größe"),
            ("--", ""),
            ("Tax2Rate", "tax2_rate"),
        ] {
            assert_eq!(Column { field: None, heading: heading.to_owned() }.name(), name);
        }
    }
}
