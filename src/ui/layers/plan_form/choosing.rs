//! What the form offers to choose from.

use std::collections::BTreeSet;

use super::{Field, PlanForm};
use crate::domain::offer_list::OfferKey;
use crate::domain::plan_batch::usual_name;
use crate::domain::rounding::Rounding;
use crate::domain::text::printable;
use crate::ui::effect::Effect;
use crate::ui::layers::{Choose, Decision};
use crate::ui::messages::Choice;
use crate::ui::messages::plans::{PlansChoice, PlansEffect};

/// Rounding rules to choose from; others are typed headless.
pub(in crate::ui::layers) const ROUNDINGS: [(&str, &str); 6] = [
    ("minor", "to the cent"),
    ("up:5", "up to the next 0.05"),
    ("up:10", "up to the next 0.10"),
    ("up:100", "up to a whole amount"),
    ("end:.99", "up to the next .99"),
    ("end:.95", "up to the next .95"),
];

/// A rounding rule in words.
#[must_use]
pub(in crate::ui::layers) fn rounding_words(rounding: Rounding) -> String {
    let known = ROUNDINGS.iter().find(|(rule, _)| rule.parse::<Rounding>() == Ok(rounding));
    known.map_or_else(|| rounding.to_string(), |(_, words)| (*words).to_owned())
}

impl PlanForm {
    pub(super) fn segments(&self) -> Vec<String> {
        let segments: BTreeSet<&String> = self.sheet.offers.keys().map(|key| &key.segment).collect();
        segments.into_iter().cloned().collect()
    }

    pub(super) fn markets(&self) -> Vec<String> {
        let of_segment = self.sheet.offers.keys().filter(|key| key.segment == self.segment);
        let markets: BTreeSet<&String> = of_segment.map(|key| &key.market).collect();
        markets.into_iter().cloned().collect()
    }

    /// Opens the list of a field that has one.
    pub(super) fn choose(&self) -> Option<Decision> {
        let (heading, choices, current): (_, Vec<(String, PlansChoice)>, usize) = match self.at {
            Field::Sheet => {
                let named = self.sheets.iter().map(|sheet| {
                    let text = format!("{}   {}", printable(&sheet.name), printable(&sheet.about));
                    (text, PlansChoice::FormSheet(sheet.name.clone()))
                });
                let now = self.sheets.iter().position(|sheet| sheet.name == self.sheet.name);
                ("Price sheet", named.collect(), now.unwrap_or(0))
            }
            Field::Segment => {
                let segments = self.segments();
                let now = segments.iter().position(|segment| *segment == self.segment);
                let choices = segments.into_iter().map(|s| (shown(&s), PlansChoice::Segment(s)));
                ("Venture type", choices.collect(), now.unwrap_or(0))
            }
            Field::Market => {
                let markets = self.markets();
                let now = markets.iter().position(|market| *market == self.market);
                let choices = markets.into_iter().map(|m| (shown(&m), PlansChoice::Market(m)));
                ("Market", choices.collect(), now.unwrap_or(0))
            }
            Field::Product => {
                let fits = |key: &&OfferKey| {
                    key.segment == self.segment && (self.market.is_empty() || key.market == self.market)
                };
                let mut products: Vec<(String, &OfferKey)> = self
                    .sheet
                    .offers
                    .iter()
                    .filter(|(key, _)| fits(key))
                    .map(|(key, (title, _))| (self.product_text(key, title), key))
                    .collect();
                products.sort();
                let now = products.iter().position(|(_, key)| Some(*key) == self.key.as_ref());
                let choices =
                    products.into_iter().map(|(text, key)| (text, PlansChoice::Product(key.clone())));
                ("Product", choices.collect(), now.unwrap_or(0))
            }
            Field::Rounding => {
                let rules = ROUNDINGS.iter().filter_map(|(rule, words)| {
                    let rounding = rule.parse().ok()?;
                    Some((format!("{words}   ({rule})"), PlansChoice::Rounding(rounding)))
                });
                let now = ROUNDINGS.iter().position(|(rule, _)| rule.parse() == Ok(self.rounding));
                ("Rounding", rules.collect(), now.unwrap_or(0))
            }
            _ => return None,
        };
        if choices.is_empty() {
            return Some(Decision::Say("the price sheet offers nothing to choose from here"));
        }
        let choices = choices.into_iter().map(|(text, choice)| (text, Choice::Plans(choice))).collect();
        Some(Decision::Choose(Choose::new(heading.to_owned(), choices, current)))
    }

    fn product_text(&self, key: &OfferKey, title: &str) -> String {
        let name = printable(self.labels.name(&key.offer, title)).into_owned();
        let market = if self.market.is_empty() { format!(" {}", key.market) } else { String::new() };
        format!("{name}   {}{market}", printable(&key.offer.to_string()))
    }

    /// What the product is called, where one is chosen.
    pub(super) fn product_name(&self) -> Option<String> {
        let key = self.key.as_ref()?;
        let (title, _) = self.sheet.offers.get(key)?;
        Some(self.labels.name(&key.offer, title).to_owned())
    }

    fn usual_name(&self) -> Option<String> {
        let (key, name) = (self.key.as_ref()?, self.product_name()?);
        Some(usual_name(&name, key, self.sheet.markets > 1))
    }

    /// Takes what was chosen.
    pub fn chosen(&mut self, choice: PlansChoice) -> Decision {
        // A name that nobody typed follows the product.
        let follows =
            self.name.text().trim().is_empty() || self.usual_name().as_deref() == Some(self.name.text());
        match choice {
            PlansChoice::FormSheet(name) if name == self.sheet.name => {}
            PlansChoice::FormSheet(name) => {
                self.step(true);
                return Decision::StayAndDo(vec![Effect::Plans(PlansEffect::Open(name))]);
            }
            PlansChoice::Segment(segment) => self.move_to(Some(segment), None),
            PlansChoice::Market(market) => self.move_to(None, Some(market)),
            PlansChoice::Product(key) => {
                let typed = self.draft().cycles;
                self.key = Some(key);
                self.settle_place();
                self.take_cycles(&typed);
            }
            PlansChoice::Rounding(rounding) => self.rounding = rounding,
            _ => {}
        }
        if let (true, Some(name)) = (follows, self.usual_name()) {
            self.name = crate::ui::widgets::input::Line::with(&name);
        }
        self.note = None;
        self.step(true);
        self.changed(Decision::Stay)
    }

    /// Another segment or market: the same product there, if it is sold there.
    fn move_to(&mut self, segment: Option<String>, market: Option<String>) {
        let typed = self.draft().cycles;
        let offer = self.key.take().map(|key| key.offer);
        self.segment = segment.unwrap_or_else(|| std::mem::take(&mut self.segment));
        if let Some(market) = market {
            self.market = market;
        }
        let markets = self.markets();
        if !markets.contains(&self.market) {
            self.market = if markets.len() == 1 { markets[0].clone() } else { String::new() };
        }
        self.key = offer.and_then(|offer| {
            let fits = |key: &&OfferKey| {
                key.offer == offer
                    && key.segment == self.segment
                    && (self.market.is_empty() || key.market == self.market)
            };
            self.sheet.offers.keys().find(fits).cloned()
        });
        self.take_cycles(&typed);
    }
}

fn shown(text: &str) -> String {
    if text.is_empty() { "(none)".to_owned() } else { printable(text).into_owned() }
}
