//! What the simulated partner sells. Product and SKU ids are Microsoft's own; availability ids, marketplace
//! products and their publishers are made up; prices are round.

/// Which kind of thing a catalogue item is; it decides which fields its subscriptions have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CatalogueKind {
    /// A new-commerce licence.
    Licence,
    /// A new-commerce trial of a licence.
    Trial,
    /// A licence of the old commerce, known by an offer GUID.
    LegacyLicence,
    /// An add-on of the old commerce; its subscription has a parent.
    LegacyAddOn,
    /// The Azure plan: one for each customer, billed by usage.
    AzurePlan,
    /// Software that is bought once.
    PerpetualSoftware,
    /// Software for a term.
    SoftwareSubscription,
    /// A third party's SaaS product from the marketplace.
    Marketplace,
}

/// One thing that the simulated partner sells.
#[derive(Clone, Copy, Debug)]
pub struct CatalogueItem {
    /// `ProductId`, 12 characters; an offer GUID in upper case for a legacy item.
    pub product_id: &'static str,
    /// `SkuId`, 4 characters; empty for a legacy item.
    pub sku_id: &'static str,
    /// `AvailabilityId`, 12 characters; empty for a legacy item.
    pub availability_id: &'static str,
    /// The offer's name.
    pub title: &'static str,
    /// Who publishes it.
    pub publisher: &'static str,
    /// The kind of item.
    pub kind: CatalogueKind,
    /// True for an offer of the old commerce.
    pub legacy: bool,
    /// The (term, billing cycle) pairs that it is sold in, spelt as in a subscription: `("P1Y", "monthly")`.
    /// The term is empty where the API leaves `termDuration` out.
    pub cycles: &'static [(&'static str, &'static str)],
    /// List price in USD of a seat for a year, or once for perpetual software. Terms and billing cycles other
    /// than a year paid at once cost more or less; that is for a price sheet to say.
    pub annual_price_usd: &'static str,
}

impl CatalogueItem {
    /// The offer id as a subscription carries it: `ProductId:SkuId:AvailabilityId`, or the legacy GUID.
    pub(super) fn offer_id(&self) -> String {
        if self.legacy {
            self.product_id.to_owned()
        } else {
            format!("{}:{}:{}", self.product_id, self.sku_id, self.availability_id)
        }
    }
}

/// Everything that the simulator sells, in a fixed order.
pub fn catalogue() -> &'static [CatalogueItem] {
    &CATALOGUE
}

const MICROSOFT: &str = "Microsoft Corporation";

const ALL_TERMS: &[(&str, &str)] = &[
    ("P1M", "monthly"),
    ("P1Y", "monthly"),
    ("P1Y", "annual"),
    ("P3Y", "monthly"),
    ("P3Y", "annual"),
    ("P3Y", "triennial"),
];
const MONTH_AND_YEAR: &[(&str, &str)] = &[("P1M", "monthly"), ("P1Y", "monthly"), ("P1Y", "annual")];
const YEAR: &[(&str, &str)] = &[("P1Y", "monthly"), ("P1Y", "annual")];
const TRIAL: &[(&str, &str)] = &[("P1M", "none")];
const LEGACY: &[(&str, &str)] = &[("P1Y", "monthly"), ("P1Y", "annual")];
const USAGE: &[(&str, &str)] = &[("", "monthly")];
const ONCE: &[(&str, &str)] = &[("", "one_time")];
const SOFTWARE_TERMS: &[(&str, &str)] = &[("P1Y", "annual"), ("P3Y", "triennial")];
const MARKETPLACE: &[(&str, &str)] = &[("P1M", "monthly"), ("P1Y", "annual")];

const fn licence(
    product_id: &'static str,
    sku_id: &'static str,
    availability_id: &'static str,
    title: &'static str,
    cycles: &'static [(&'static str, &'static str)],
    annual_price_usd: &'static str,
) -> CatalogueItem {
    CatalogueItem {
        product_id,
        sku_id,
        availability_id,
        title,
        publisher: MICROSOFT,
        kind: CatalogueKind::Licence,
        legacy: false,
        cycles,
        annual_price_usd,
    }
}

const fn legacy(
    offer_id: &'static str,
    title: &'static str,
    kind: CatalogueKind,
    annual_price_usd: &'static str,
) -> CatalogueItem {
    CatalogueItem { kind, legacy: true, ..licence(offer_id, "", "", title, LEGACY, annual_price_usd) }
}

const fn other(item: CatalogueItem, kind: CatalogueKind, publisher: &'static str) -> CatalogueItem {
    CatalogueItem { kind, publisher, ..item }
}

#[rustfmt::skip]
static CATALOGUE: [CatalogueItem; 39] = {
    use CatalogueKind::{
        AzurePlan, LegacyAddOn, LegacyLicence, Marketplace, PerpetualSoftware,
        SoftwareSubscription, Trial,
    };
    [
        licence("CFQ7TTC0LH18", "0001", "CFQ7TTC0K971", "Microsoft 365 Business Basic", ALL_TERMS, "72.00"),
        licence("CFQ7TTC0LDPB", "0001", "CFQ7TTC0LGNT", "Microsoft 365 Business Standard", ALL_TERMS, "150.00"),
        licence("CFQ7TTC0LCHC", "0002", "CFQ7TTC0K8QM", "Microsoft 365 Business Premium", ALL_TERMS, "264.00"),
        licence("CFQ7TTC0LH1G", "0001", "CFQ7TTC0K9PT", "Microsoft 365 Apps for business", MONTH_AND_YEAR, "99.00"),
        licence("CFQ7TTC0LFLX", "0001", "CFQ7TTC0KZ3W", "Microsoft 365 E3", ALL_TERMS, "432.00"),
        licence("CFQ7TTC0LFLZ", "0002", "CFQ7TTC0KYR8", "Microsoft 365 E5", ALL_TERMS, "684.00"),
        licence("CFQ7TTC0LH05", "0001", "CFQ7TTC0JZ6D", "Microsoft 365 F3", MONTH_AND_YEAR, "96.00"),
        licence("CFQ7TTC0MM8R", "0002", "CFQ7TTC0SJ1V", "Microsoft 365 Copilot", YEAR, "360.00"),
        licence("CFQ7TTC0LF8Q", "0001", "CFQ7TTC0K5DB", "Office 365 E1", MONTH_AND_YEAR, "120.00"),
        licence("CFQ7TTC0LF8R", "0001", "CFQ7TTC0KZP4", "Office 365 E3", ALL_TERMS, "276.00"),
        licence("CFQ7TTC0LH16", "0001", "CFQ7TTC0HL73", "Exchange Online (Plan 1)", MONTH_AND_YEAR, "48.00"),
        licence("CFQ7TTC0LH1P", "0001", "CFQ7TTC0HV6N", "Exchange Online (Plan 2)", MONTH_AND_YEAR, "96.00"),
        licence("CFQ7TTC0LHSF", "0001", "CFQ7TTC0J5QX", "Power BI Pro", MONTH_AND_YEAR, "168.00"),
        licence("CFQ7TTC0HL8W", "0001", "CFQ7TTC0R11R", "Power BI Premium Per User", MONTH_AND_YEAR, "288.00"),
        licence("CFQ7TTC0HD32", "0002", "CFQ7TTC0Q5VM", "Visio Plan 2", MONTH_AND_YEAR, "180.00"),
        licence("CFQ7TTC0HDB0", "0002", "CFQ7TTC0PZ7G", "Planner and Project Plan 3", ALL_TERMS, "360.00"),
        licence("CFQ7TTC0JN4R", "0002", "CFQ7TTC0LW2H", "Microsoft Teams Essentials", MONTH_AND_YEAR, "48.00"),
        licence("CFQ7TTC0LH0T", "0001", "CFQ7TTC0K3FS", "Microsoft Teams Phone Standard", MONTH_AND_YEAR, "120.00"),
        licence("CFQ7TTC0LFLS", "0002", "CFQ7TTC0J9L5", "Microsoft Entra ID P1", MONTH_AND_YEAR, "72.00"),
        licence("CFQ7TTC0LCH4", "0009", "CFQ7TTC0M4XZ", "Microsoft Intune Plan 1", MONTH_AND_YEAR, "96.00"),
        licence("CFQ7TTC0HX56", "0002", "CFQ7TTC0N7TC", "Microsoft Defender for Business", MONTH_AND_YEAR, "36.00"),
        other(licence("CFQ7TTC0LCHC", "0003", "CFQ7TTC0P2VK", "Microsoft 365 Business Premium (Trial)", TRIAL, "0.00"), Trial, MICROSOFT),
        other(licence("CFQ7TTC0LFLZ", "0008", "CFQ7TTC0P9RD", "Microsoft 365 E5 (Trial)", TRIAL, "0.00"), Trial, MICROSOFT),
        legacy("BD938F12-058F-4927-BBA3-AE36B1D2501C", "Microsoft 365 Business Basic", LegacyLicence, "60.00"),
        legacy("031C9E47-4802-4248-838E-778FB1D2CC05", "Microsoft 365 Business Standard", LegacyLicence, "150.00"),
        legacy("796B6B5F-613C-4E24-A17C-EBA730D49C02", "Office 365 E3", LegacyLicence, "240.00"),
        legacy("195416C1-3447-423A-B37B-EE59A99A19C4", "Exchange Online (Plan 1)", LegacyLicence, "48.00"),
        legacy("B4D4B7F4-4089-43B6-9C44-DE97B760FB11", "Visio Plan 2", LegacyLicence, "180.00"),
        legacy("C94271D8-B431-4A25-A3C5-A57737A1C909", "Microsoft 365 Audio Conferencing", LegacyAddOn, "48.00"),
        legacy("A2706F86-868D-4048-989B-0C69E5C76B63", "Microsoft Defender for Office 365 (Plan 1)", LegacyAddOn, "24.00"),
        other(licence("DZH318Z0BPS6", "0001", "DZH318Z0BMJX", "Azure plan", USAGE, "0.00"), AzurePlan, MICROSOFT),
        other(licence("DG7GMGF0PWHC", "0003", "DG7GMGF0PXF7", "Windows Server 2025 Standard - 16 Core License Pack", ONCE, "1176.00"), PerpetualSoftware, MICROSOFT),
        other(licence("DG7GMGF0PWHT", "0002", "DG7GMGF0PXKM", "Windows Server 2025 - 1 User CAL", ONCE, "50.00"), PerpetualSoftware, MICROSOFT),
        other(licence("DG7GMGF0D8H4", "0004", "DG7GMGF0DZ9Q", "Windows 11 Pro Upgrade", ONCE, "187.00"), PerpetualSoftware, MICROSOFT),
        other(licence("DG7GMGF0FLR2", "0002", "DG7GMGF0GHT5", "SQL Server Standard - 2 Core License Pack", SOFTWARE_TERMS, "1418.00"), SoftwareSubscription, MICROSOFT),
        other(licence("DG7GMGF0S2XN", "0001", "DG7GMGF0S6W3", "Windows Server Remote Desktop Services - 1 User CAL", SOFTWARE_TERMS, "46.00"), SoftwareSubscription, MICROSOFT),
        other(licence("DZH318Z0CSQ1", "0002", "DZH318Z0D5NT", "Tailspin Backup for Microsoft 365", MARKETPLACE, "30.00"), Marketplace, "Tailspin Toys Backup Inc."),
        other(licence("DZH318Z0F7RM", "0001", "DZH318Z0FB2K", "Proseware Mail Signatures", MARKETPLACE, "14.40"), Marketplace, "Proseware, Inc."),
        other(licence("DZH318Z0H3VW", "0004", "DZH318Z0H9XC", "Litware Phishing Training – Équipe", MARKETPLACE, "21.60"), Marketplace, "Litware GmbH & Co. KG"),
    ]
};

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_item_can_be_told_from_every_other() {
        let offers: HashSet<String> = catalogue().iter().map(CatalogueItem::offer_id).collect();
        assert_eq!(offers.len(), catalogue().len());
    }

    #[test]
    fn ids_have_the_forms_of_the_two_commerces() {
        for item in catalogue() {
            assert!(!item.cycles.is_empty(), "{}", item.title);
            if item.legacy {
                assert!(uuid::Uuid::parse_str(item.product_id).is_ok());
                assert_eq!((item.sku_id, item.availability_id), ("", ""));
            } else {
                let lengths: Vec<usize> = item.offer_id().split(':').map(str::len).collect();
                assert_eq!(lengths, [12, 4, 12], "{}", item.title);
            }
        }
    }
}
