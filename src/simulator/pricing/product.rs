//! What licence sheets list: the catalogue's licences and trials, a free one, and some that come and go.

use super::change::{self, Standing};
use super::month::Month;
use super::unit::{COMMERCIAL, SEGMENTS, Segment, annual_price};
use crate::simulator::catalogue::{CatalogueKind, catalogue};
use rust_decimal::Decimal;

/// How many months a product that comes and goes is sold.
const SOLD_FOR: i16 = 6;
/// As many products come and go before a name comes again as are sold at once, and more.
const COMING_AND_GOING: [&str; 9] = [
    "Dynamics 365 Sales Professional",
    "Power Apps Premium",
    "Microsoft Viva Learning",
    "Windows 365 Business 2 vCPU, 8 GB, 128 GB",
    "Microsoft Purview Suite",
    "Clipchamp Premium",
    "Dynamics 365 Business Central Team Members",
    "Microsoft Entra Internet Access",
    "SharePoint Advanced Management Plan 1",
];
const PASSING: &[(&str, &str)] = &[("P1M", "monthly"), ("P1Y", "annual")];

/// A product of a licence sheet in a certain month.
pub(super) struct Product {
    pub title: String,
    pub product_id: String,
    pub sku_id: &'static str,
    pub sku_title: String,
    pub cycles: &'static [(&'static str, &'static str)],
    pub annual_usd: Decimal,
    pub segments: &'static [Segment],
    pub tags: &'static str,
    pub standing: Standing,
    /// How it stands in the month after, where the sheet tells that already.
    pub announced: Option<Standing>,
}

impl Product {
    /// Text as product managers write it: commas, quotes, line breaks, typographic marks.
    pub(super) fn description(&self) -> String {
        let title = &self.sku_title;
        let first = self.product_id.bytes().map(usize::from).sum::<usize>();
        match (first + self.standing.revision) % 5 {
            0 => format!("{title} for every user, with \"always up-to-date\" apps, e-mail and storage."),
            1 => format!("{title}:\r\n- per user, on up to 5 devices\r\n- 1 TB of storage, e-mail, calendar"),
            2 => format!("For organisations that need “more”, e.g. compliance; {title} – see the terms."),
            3 => title.clone(),
            _ => format!("{title}™, \"l’essentiel\" für jeden Arbeitsplatz\nSold per user; taxes excluded"),
        }
    }
}

/// All products of a month's licence sheet.
pub(super) fn products(seed: u64, month: Month) -> Vec<Product> {
    let licences: Vec<_> = catalogue().iter().filter(|item| item.kind == CatalogueKind::Licence).collect();
    let now = change::standings(seed, month, licences.len());
    let next = change::standings(seed, month.next(), licences.len());
    let changes = change::changes(seed, month.next(), licences.len());
    let mut products = Vec::new();
    for (index, (item, (now, next))) in licences.iter().zip(now.into_iter().zip(next)).enumerate() {
        let is_announced = changes
            .iter()
            .any(|(licence, change)| *licence == index && matches!(change, change::Change::Lowered(_)));
        products.push(Product {
            title: item.title.to_owned(),
            product_id: item.product_id.to_owned(),
            sku_id: item.sku_id,
            sku_title: item.title.to_owned(),
            cycles: item.cycles,
            annual_usd: annual_price(item),
            segments: &SEGMENTS,
            tags: "License",
            standing: now,
            announced: is_announced.then_some(next),
        });
    }
    for item in catalogue().iter().filter(|item| item.kind == CatalogueKind::Trial) {
        products.push(Product {
            title: item.title.trim_end_matches(" (Trial)").to_owned(),
            product_id: item.product_id.to_owned(),
            sku_id: item.sku_id,
            sku_title: item.title.to_owned(),
            cycles: item.cycles,
            tags: "License;Trial",
            ..lasting()
        });
    }
    products.push(Product {
        title: "Microsoft Power Automate Free".to_owned(),
        product_id: "CFQ7TTC0YFRE".to_owned(),
        sku_title: "Microsoft Power Automate Free".to_owned(),
        cycles: PASSING,
        segments: &SEGMENTS,
        ..lasting()
    });
    products.extend(month.back(SOLD_FOR).until(month).map(|launched| passing(seed, launched)));
    products
}

/// The product that the sheet of a month has for the last time.
pub(super) fn withdrawn_after(seed: u64, month: Month) -> Product {
    passing(seed, month.back(SOLD_FOR - 1))
}

// A product for no money that nothing ever happens to.
fn lasting() -> Product {
    Product {
        title: String::new(),
        product_id: String::new(),
        sku_id: "0001",
        sku_title: String::new(),
        cycles: &[],
        annual_usd: Decimal::ZERO,
        segments: &[COMMERCIAL],
        tags: "License",
        standing: Standing { factor: Decimal::ONE, retail_percent: 125, since: None, revision: 0 },
        announced: None,
    }
}

fn passing(seed: u64, launched: Month) -> Product {
    let number = launched.number();
    let title = COMING_AND_GOING[number as usize % COMING_AND_GOING.len()];
    let lasting = lasting();
    Product {
        title: title.to_owned(),
        product_id: format!("CFQ7TTC0X{}", code(seed, number)),
        sku_id: "000K",
        sku_title: title.to_owned(),
        cycles: PASSING,
        annual_usd: Decimal::from(48 + 12 * (number % 9)),
        segments: &SEGMENTS[..2],
        standing: Standing { since: Some(launched), ..lasting.standing },
        ..lasting
    }
}

// Three characters, other ones for each month: the factor has no divisor in common with 36.
fn code(seed: u64, number: u32) -> String {
    let mut left = (u64::from(number).wrapping_mul(7919)).wrapping_add(seed % 46_656) % 46_656;
    let mut code = String::new();
    for _ in 0..3 {
        let digit = u32::try_from(left % 36).ok().and_then(|digit| char::from_digit(digit, 36));
        code.push(digit.unwrap_or('0').to_ascii_uppercase());
        left /= 36;
    }
    code
}

#[cfg(test)]
mod tests {
    use super::super::month::{CURRENT, FIRST};
    use super::*;
    use std::collections::HashSet;

    fn ids(month: Month) -> HashSet<String> {
        let products = products(3, month);
        let ids: HashSet<String> =
            products.iter().map(|it| format!("{}:{}", it.product_id, it.sku_id)).collect();
        assert_eq!(ids.len(), products.len());
        ids
    }

    #[test]
    fn each_month_one_product_comes_and_one_goes() {
        for month in FIRST.until(CURRENT.next()) {
            let (before, after) = (ids(month.back(1)), ids(month));
            assert_eq!(after.difference(&before).count(), 1);
            let gone: Vec<&String> = before.difference(&after).collect();
            let last = withdrawn_after(3, month.back(1));
            assert_eq!(gone, [&format!("{}:{}", last.product_id, last.sku_id)]);
        }
    }
}
