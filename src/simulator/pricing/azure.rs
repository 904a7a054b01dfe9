//! The sheet of Azure plan consumption: a handful of meters, some with tiers. Prices are in US dollars in every market.

use super::file::Table;
use super::market::Market;
use super::month::{DateStyle, Month};

const COLUMNS: [&str; 18] = [
    "ProductTitle",
    "ProductId",
    "SkuId",
    "SkuTitle",
    "Publisher",
    "SkuDescription",
    "UnitOfMeasure",
    "TermDuration",
    "Market",
    "Currency",
    "UnitPrice",
    "PricingTierRangeMin",
    "PricingTierRangeMax",
    "EffectiveStartDate",
    "EffectiveEndDate",
    "MeterIds",
    "MeterType",
    "Tags",
];
/// The largest value of a .NET decimal stands for "and more"; it has more than 64 bits.
const NO_LIMIT: &str = "79228162514264337593543950335";

struct Meter {
    product: &'static str,
    ids: (&'static str, &'static str),
    title: &'static str,
    unit: &'static str,
    meter: &'static str,
    /// From, up to, US dollars.
    tiers: &'static [(&'static str, &'static str, &'static str)],
}

#[rustfmt::skip]
const METERS: [Meter; 5] = [
    Meter { product: "Advanced Data Security - SQL Database", ids: ("DZH318Z0C16V", "001J"), title: "Advanced Data Security - SQL Database - Standard - US East 2",
        unit: "1 Node/Month", meter: "cb0969aa-2d4e-4d6c-ab4b-7e182fa06aff", tiers: &[("", "", "15")] },
    Meter { product: "Virtual Machines Dv5 Series", ids: ("DZH318Z0F2QX", "00B4"), title: "Virtual Machines Dv5 Series - D2 v5 - EU West",
        unit: "1 Hour", meter: "7f1c4a55-90d3-4d52-8c0e-2b6d41b3c8e1", tiers: &[("", "", "0.115")] },
    Meter { product: "Storage - Block Blob", ids: ("DZH318Z0C2W8", "00G7"), title: "Block Blob - Hot LRS - Data Stored - EU West",
        unit: "1 GB/Month", meter: "1d2f0c66-6f4b-47a0-8a55-5b9a1e6d1f03;d23a5753-ff85-4ddf-af28-8cc5cf2d3882",
        tiers: &[("0", "51200", "0.0196"), ("51200", "512000", "0.0188"), ("512000", NO_LIMIT, "0.018")] },
    Meter { product: "Bandwidth", ids: ("DZH318Z0BQ4W", "0039"), title: "Bandwidth - Data Transfer Out, \"Zone 1\"",
        unit: "1 GB", meter: "9995d93a-7d35-4d3f-9c69-7a7fea447ef4", tiers: &[("0", "100", "0"), ("100", NO_LIMIT, "0.0000000875")] },
    Meter { product: "Azure Functions", ids: ("DZH318Z0BZ18", "0010"), title: "Azure Functions - Execution Time",
        unit: "1 GB Second", meter: "41e21733-88e1-44c3-a3fe-88f4e5f23ee1", tiers: &[("0", "400000", "0"), ("400000", NO_LIMIT, "1.6E-05")] },
];

/// The sheet of a month.
pub(super) fn sheet(market: &Market, month: Month) -> Table {
    let style = DateStyle::of(month);
    let since = Some(month.back(18).first_day());
    let mut rows = Vec::new();
    for meter in &METERS {
        for (from, up_to, price) in meter.tiers {
            let cells = [
                meter.product,
                meter.ids.0,
                meter.ids.1,
                meter.title,
                "Microsoft",
                meter.title,
                meter.unit,
                "payG-1",
                &market.code,
                "USD",
                price,
                from,
                up_to,
                &style.start(since),
                &style.end(None),
                meter.meter,
                meter.unit,
                "Azure",
            ];
            rows.push(cells.map(str::to_owned).to_vec());
        }
    }
    Table { header: COLUMNS.to_vec(), rows }
}
