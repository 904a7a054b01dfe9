//! Finding the one offer that an operator means, by id or by a part of its name.

use super::offer::Offer;
use super::offer_list::OfferKey;
use super::plan_form::CycleOffer;
use super::text::printable;

/// How many are listed where several fit.
const LISTED: usize = 12;

/// An offer of a sheet with its title and the cycles that can be sold.
pub type Offered<'a> = (&'a OfferKey, &'a (String, Vec<CycleOffer>));

/// Why a text names no single offer. The lists hold ids and titles.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SearchError {
    /// Nothing fits.
    #[error("the sheet offers nothing called \"{wanted}\"{}", near(like))]
    Nothing {
        /// As typed.
        wanted: String,
        /// What comes near.
        like: Vec<String>,
    },
    /// Several fit.
    #[error("\"{wanted}\" fits {count} offers; name one of them by its id: {}", several(fitting))]
    Several {
        /// As typed.
        wanted: String,
        /// How many.
        count: usize,
        /// The first of them.
        fitting: Vec<String>,
    },
}

fn near(like: &[String]) -> String {
    if like.is_empty() { String::new() } else { format!("; it has {}", like.join("; ")) }
}

fn several(fitting: &[String]) -> String {
    fitting.join("; ")
}

/// The offers that a text names: those of an id (`product:SKU`, a product, a legacy GUID), else those of exactly this title, else
/// those whose title holds every word. A SKU narrows them. All keys returned are of the same offer.
///
/// # Errors
/// See [`SearchError`].
pub fn find<'a>(
    offers: impl IntoIterator<Item = Offered<'a>>,
    product: &str,
    sku: Option<&str>,
) -> Result<Vec<Offered<'a>>, SearchError> {
    let wanted = product.trim();
    let lower = wanted.to_lowercase();
    let sku = sku.map(|sku| format!("{:0>4}", sku.trim().to_uppercase()));
    let (product_part, sku_part) = match wanted.split_once(':') {
        Some((product, sku)) if !sku.contains(':') => (product, Some(format!("{:0>4}", sku.to_uppercase()))),
        _ => (wanted, None),
    };
    let parsed = Offer::parse(wanted);
    let has_sku = |offer: &Offer| {
        [&sku, &sku_part].into_iter().flatten().all(|sku| offer.sku_id().is_none_or(|of| of == sku))
    };
    let all: Vec<Offered<'a>> = offers.into_iter().collect();
    let by_id = |(key, _): &&Offered<'a>| {
        let of_product = key.offer.product_id().is_some_and(|id| id.eq_ignore_ascii_case(product_part));
        (of_product || key.offer.sells_the_same_as(&parsed)) && has_sku(&key.offer)
    };
    let named = |(key, (title, _)): &&Offered<'a>| title.to_lowercase() == lower && has_sku(&key.offer);
    let holds = |(key, (title, _)): &&Offered<'a>| {
        let title = title.to_lowercase();
        lower.split_whitespace().all(|word| title.contains(word)) && has_sku(&key.offer)
    };
    let ways: [&dyn Fn(&&Offered<'a>) -> bool; 3] = [&by_id, &named, &holds];
    let found = ways.iter().map(|way| all.iter().filter(way).copied().collect::<Vec<_>>());
    let found = found.into_iter().find(|found| !found.is_empty()).unwrap_or_default();
    let Some((first, _)) = found.first() else {
        let first_word = lower.split_whitespace().next().unwrap_or_default().to_owned();
        let near = all
            .iter()
            .filter(|(_, (title, _))| !first_word.is_empty() && title.to_lowercase().contains(&first_word));
        return Err(SearchError::Nothing {
            wanted: printable(wanted).into_owned(),
            like: listed(near.copied()),
        });
    };
    if found.iter().all(|(key, _)| key.offer.sells_the_same_as(&first.offer)) {
        return Ok(found);
    }
    let mut ids: Vec<&Offer> = found.iter().map(|(key, _)| &key.offer).collect();
    ids.sort_unstable();
    ids.dedup();
    Err(SearchError::Several {
        wanted: printable(wanted).into_owned(),
        count: ids.len(),
        fitting: listed(found.iter().copied()),
    })
}

fn listed<'a>(offers: impl Iterator<Item = Offered<'a>>) -> Vec<String> {
    let mut texts: Vec<String> =
        offers.map(|(key, (title, _))| format!("{} {}", key.offer, printable(title))).collect();
    texts.sort_unstable();
    texts.dedup();
    texts.truncate(LISTED);
    texts
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn offers() -> BTreeMap<OfferKey, (String, Vec<CycleOffer>)> {
        let key = |offer: &str, segment: &str| OfferKey {
            offer: Offer::parse(offer),
            segment: segment.to_owned(),
            market: "US".to_owned(),
        };
        [
            ("CFQ7TTC0LFLX:0001", "Commercial", "Microsoft 365 E3"),
            ("CFQ7TTC0LFLX:0001", "Education", "Microsoft 365 E3"),
            ("CFQ7TTC0LFLX:000K", "Commercial", "Microsoft 365 E3 (no Teams)"),
            ("CFQ7TTC0LH16:0001", "Commercial", "Exchange Online (Plan 1)"),
            ("031c9e47-4802-4248-838e-778fb1d2cc05", "Commercial", "Office 365 E3"),
        ]
        .map(|(offer, segment, title)| (key(offer, segment), (title.to_owned(), Vec::new())))
        .into()
    }

    #[test]
    fn ids_titles_and_parts_of_titles() {
        let offers = offers();
        for (product, sku, expected) in [
            ("cfq7ttc0lh16", None, Ok("CFQ7TTC0LH16:0001 1")),
            ("CFQ7TTC0LFLX:1", None, Ok("CFQ7TTC0LFLX:0001 2")),
            ("CFQ7TTC0LFLX", Some("k"), Ok("CFQ7TTC0LFLX:000K 1")),
            ("031C9E47-4802-4248-838E-778FB1D2CC05", None, Ok("031c9e47-4802-4248-838e-778fb1d2cc05 1")),
            ("microsoft 365 e3", None, Ok("CFQ7TTC0LFLX:0001 2")),
            ("exchange", None, Ok("CFQ7TTC0LH16:0001 1")),
            ("e3 no", None, Ok("CFQ7TTC0LFLX:000K 1")),
            ("CFQ7TTC0LFLX", None, Err("fits 2 offers")),
            ("E3", None, Err("fits 3 offers")),
            ("microsoft visio", None, Err("it has CFQ7TTC0LFLX:0001 Microsoft 365 E3; CFQ7TTC0LFLX:000K")),
            ("visio", None, Err("offers nothing called \"visio\"")),
            ("exchange", Some("0002"), Err("offers nothing")),
        ] {
            let found = find(&offers, product, sku);
            let told = found
                .map(|found| format!("{} {}", found[0].0.offer, found.len()))
                .map_err(|error| error.to_string());
            match expected {
                Ok(text) => assert_eq!(told.as_deref(), Ok(text), "{product}"),
                Err(part) => assert!(told.as_ref().unwrap_err().contains(part), "{product}: {told:?}"),
            }
        }
    }
}
