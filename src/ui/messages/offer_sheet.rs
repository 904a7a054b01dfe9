//! A price sheet that was opened for the tab Plans, and what operators call its offers.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;

use crate::domain::offer::Offer;
use crate::domain::offer_list::{OfferKey, OfferLabel, OfferLine, by_offer, offer_lines};
use crate::domain::plan_form::CycleOffer;
use crate::domain::price_sheet::PriceSheet;
use crate::ui::widgets::grid::SearchIndex;

/// An opened price sheet, ready to be shown.
#[derive(Debug)]
pub struct OfferSheet {
    /// Its name.
    pub name: String,
    /// Where the store has its rows.
    pub data: u64,
    /// What it offers, in the file's order.
    pub lines: Vec<OfferLine>,
    /// The same put together by what a plan is made for: title, and the cycles that can be sold.
    pub offers: BTreeMap<OfferKey, (String, Vec<CycleOffer>)>,
    /// How many markets it is for.
    pub markets: usize,
    /// To find lines.
    pub index: SearchIndex,
}

impl OfferSheet {
    /// What a sheet offers at an instant. Takes long for a large sheet.
    #[must_use]
    pub fn new(name: String, data: u64, sheet: &PriceSheet, at: Timestamp) -> Self {
        let lines = offer_lines(sheet, at);
        let mut index = SearchIndex::default();
        for line in &lines {
            let (offer, cycle) = (line.key.offer.to_string(), cycle(line));
            let currency = line.currency.map(|c| c.to_string()).unwrap_or_default();
            let key = &line.key;
            index.push(&[&line.title, &offer, &key.segment, &cycle.0, &cycle.1, &key.market, &currency]);
        }
        let offers = by_offer(&lines);
        let markets = offers.keys().map(|key| key.market.as_str()).collect::<BTreeSet<_>>().len();
        Self { name, data, lines, offers, markets, index }
    }
}

/// Term and billing plan of a line, as they are shown.
#[must_use]
pub fn cycle(line: &OfferLine) -> (String, String) {
    match &line.cycle {
        Some(cycle) => (cycle.term.to_string(), cycle.plan.to_string()),
        None => ("-".to_owned(), "-".to_owned()),
    }
}

/// What operators call offers, by product and SKU.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Labels(HashMap<Offer, OfferLabel>);

impl Labels {
    /// Takes the labels.
    #[must_use]
    pub fn new(labels: impl IntoIterator<Item = OfferLabel>) -> Self {
        Self(labels.into_iter().map(|label| (label.offer.clone(), label)).collect())
    }

    /// Whether no offer has one.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The label of an offer.
    #[must_use]
    pub fn of(&self, offer: &Offer) -> Option<&OfferLabel> {
        self.0.get(offer)
    }

    /// What an offer is called.
    #[must_use]
    pub fn name<'a>(&'a self, offer: &Offer, title: &'a str) -> &'a str {
        self.of(offer).and_then(|label| label.name.as_deref()).unwrap_or(title)
    }
}
