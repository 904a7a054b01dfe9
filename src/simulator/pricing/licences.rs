//! The licence sheet of the new commerce (`updatedlicensebased`), and its preview of the month to come.

use super::change::Standing;
use super::file::Table;
use super::market::{Market, SheetCurrency};
use super::month::{DateStyle, Month};
use super::product::{self, Product};
use super::unit::{Segment, term_price};
use jiff::civil::Date;
use rust_decimal::Decimal;
use std::collections::HashSet;

const COLUMNS: [&str; 19] = [
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
/// Where a preview has the column that other sheets lack.
const END_OF_SALE: usize = 16;

/// The sheet of a month.
pub(super) fn sheet(seed: u64, market: &Market, month: Month) -> Table {
    let writer = Writer { market, month, style: DateStyle::of(month) };
    let products = product::products(seed, month);
    Table { header: COLUMNS.to_vec(), rows: products.iter().flat_map(|it| writer.rows(it)).collect() }
}

/// What the sheet of the month after this one will have otherwise: new and changed rows, and with an end those that
/// it won't have any more. What stays as it is, is left out.
pub(super) fn preview(seed: u64, market: &Market, month: Month) -> Table {
    // Both in one style of dates, or every row would differ.
    let style = DateStyle::of(month.next());
    let now = Writer { market, month, style };
    let then = Writer { market, month: month.next(), style };
    let known: HashSet<Vec<String>> =
        product::products(seed, month).iter().flat_map(|it| now.rows(it)).collect();
    let coming = product::products(seed, month.next());
    let coming = coming.iter().flat_map(|it| then.rows(it)).filter(|row| !known.contains(row));
    let with_end_of_sale = |mut row: Vec<String>, end: String| {
        row.insert(END_OF_SALE, end);
        row
    };
    let mut rows: Vec<Vec<String>> = coming.map(|row| with_end_of_sale(row, String::new())).collect();
    let last_day = Some(month.last_day());
    let going = product::withdrawn_after(seed, month);
    for segment in going.segments {
        let standing = &going.standing;
        let validity = (standing.since.map(Month::first_day), last_day);
        let cells = now.rows_of(&going, *segment, standing, validity);
        rows.extend(cells.into_iter().map(|row| with_end_of_sale(row, style.end(last_day))));
    }
    let mut header = COLUMNS.to_vec();
    header.insert(END_OF_SALE, "EndofSaleDate");
    Table { header, rows }
}

struct Writer<'a> {
    market: &'a Market,
    month: Month,
    style: DateStyle,
}

type Validity = (Option<Date>, Option<Date>);

impl Writer<'_> {
    /// All rows of a product. What gets another price next month, and is announced, has two with the same key.
    fn rows(&self, product: &Product) -> Vec<Vec<String>> {
        let mut rows = Vec::new();
        for segment in product.segments {
            // Charity prices are said to be valid since ever.
            let is_dated = segment.0 != "Charity";
            let since = product.standing.since.filter(|_| is_dated).map(Month::first_day);
            let next = product.announced.as_ref().filter(|_| is_dated);
            let until = next.map(|_| self.month.last_day());
            rows.extend(self.rows_of(product, *segment, &product.standing, (since, until)));
            if let Some(next) = next {
                let start = Some(self.month.next().first_day());
                rows.extend(self.rows_of(product, *segment, next, (start, None)));
            }
        }
        rows
    }

    fn rows_of(
        &self,
        product: &Product,
        segment: Segment,
        standing: &Standing,
        validity: Validity,
    ) -> Vec<Vec<String>> {
        let annual = product.annual_usd * standing.factor * Decimal::new(segment.1, 2);
        let mut rows = Vec::new();
        for (term, billing) in product.cycles {
            for currency in &self.market.currencies {
                let unit = term_price(annual, term, billing, currency);
                let retail = retail(unit, standing, currency);
                rows.push(vec![
                    product.title.clone(),
                    product.product_id.clone(),
                    product.sku_id.to_owned(),
                    product.sku_title.clone(),
                    "Microsoft Corporation".to_owned(),
                    product.description(),
                    String::new(),
                    (*term).to_owned(),
                    billing_plan(billing).to_owned(),
                    self.market.code.clone(),
                    currency.code.to_owned(),
                    unit.normalize().to_string(),
                    String::new(),
                    String::new(),
                    self.style.start(validity.0),
                    self.style.end(validity.1),
                    product.tags.to_owned(),
                    retail.normalize().to_string(),
                    segment.0.to_owned(),
                ]);
            }
        }
        rows
    }
}

fn retail(unit: Decimal, standing: &Standing, currency: &SheetCurrency) -> Decimal {
    currency.to_step(unit * Decimal::new(standing.retail_percent, 2))
}

/// A catalogue's billing cycle as sheets spell it.
pub(super) fn billing_plan(billing: &str) -> &'static str {
    match billing {
        "monthly" => "Monthly",
        "annual" => "Annual",
        "triennial" => "Triennial",
        "one_time" => "",
        _ => "None",
    }
}
