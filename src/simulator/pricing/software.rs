//! The software sheet.

use super::file::Table;
use super::licences::billing_plan;
use super::market::Market;
use super::month::{DateStyle, FIRST_INDICATED, Month};
use super::unit::{COMMERCIAL, SEGMENTS, annual_price};
use crate::simulator::catalogue::{CatalogueKind, catalogue};
use rust_decimal::Decimal;

const COLUMNS: [&str; 21] = [
    "ChangeIndicator",
    "PreviousValues",
    "ProductTitle",
    "ProductId",
    "SkuId",
    "SkuTitle",
    "Publisher",
    "SkuDescription",
    "UnitOfMeasure",
    "TermDuration",
    "BillingPlan",
    "Market",
    "Currency",
    "UnitPrice",
    "PricingTierRangeMin",
    "PricingTierRangeMax",
    "EffectiveStartDate",
    "EffectiveEndDate",
    "Tags",
    "ERP Price",
    "Segment",
];
/// The first so many columns came with 2026.
const NEWER: usize = 2;

/// The sheet of a month. Software costs the same in all of them.
pub(super) fn sheet(market: &Market, month: Month) -> Table {
    let skipped = if month < FIRST_INDICATED { NEWER } else { 0 };
    let style = DateStyle::of(month);
    let mut rows = Vec::new();
    let sold = catalogue().iter().filter(|item| {
        matches!(item.kind, CatalogueKind::PerpetualSoftware | CatalogueKind::SoftwareSubscription)
    });
    for item in sold {
        for (term, billing) in item.cycles {
            let years = if *term == "P3Y" { 3 } else { 1 };
            for segment in [COMMERCIAL, SEGMENTS[2]] {
                for currency in &market.currencies {
                    // The step of prices for a month is fine enough for these, too.
                    let usd = annual_price(item) * Decimal::from(12 * years) * Decimal::new(segment.1, 2);
                    let unit = currency.month_of(usd);
                    let retail = currency.to_step(unit * Decimal::new(115, 2));
                    let cells = [
                        "Unchanged",
                        "",
                        item.title,
                        item.product_id,
                        item.sku_id,
                        item.title,
                        item.publisher,
                        item.title,
                        "",
                        if term.is_empty() { "OneTime" } else { term },
                        billing_plan(billing),
                        &market.code,
                        currency.code,
                        &unit.normalize().to_string(),
                        "",
                        "",
                        &style.start(None),
                        &style.end(None),
                        "Software",
                        &retail.normalize().to_string(),
                        segment.0,
                    ];
                    rows.push(cells[skipped..].iter().map(|cell| (*cell).to_owned()).collect());
                }
            }
        }
    }
    Table { header: COLUMNS[skipped..].to_vec(), rows }
}
