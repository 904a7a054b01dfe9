//! The form of a plan: what it sells, at which margin, in which cycles; every price follows while it is typed.

mod choosing;
mod draw;
mod keys;

pub(in crate::ui::layers) use choosing::{ROUNDINGS, rounding_words};

use std::sync::Arc;

use crate::domain::offer_list::OfferKey;
use crate::domain::plan::{Plan, PlanPrice};
use crate::domain::plan_form::{self, CycleChoice, CycleOffer, parse_margin, parse_price};
use crate::domain::rounding::Rounding;
use crate::domain::settings::{Settings, Tier};
use crate::ui::messages::offer_sheet::{Labels, OfferSheet};
use crate::ui::messages::plans::{CycleDraft, FormDraft, SheetChoice};
use crate::ui::widgets::field_list::Window;
use crate::ui::widgets::input::Line;

/// What a form begins with.
#[derive(Debug)]
pub struct PlanFormStart {
    /// What is typed already.
    pub draft: FormDraft,
    /// The plan that it changes, as it was read.
    pub before: Option<Plan>,
    /// The price sheet, which is the draft's.
    pub sheet: Arc<OfferSheet>,
    /// What operators call offers.
    pub labels: Labels,
    /// Sheets to choose from.
    pub sheets: Vec<SheetChoice>,
    /// The CSP settings, shown.
    pub settings: Settings,
}

/// A place in the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Name,
    Kind,
    Sheet,
    Segment,
    Market,
    Product,
    Margin,
    Reseller,
    Rounding,
    Cycle(usize),
    Save,
}

/// A part of a cycle's line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Tick,
    Price,
    Renewal,
}

/// A cycle that the sheet offers, and what is typed for it.
#[derive(Debug)]
struct CycleLine {
    offered: CycleOffer,
    chosen: bool,
    price: Line,
    renewal: Line,
}

/// What is asked before something is done.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Question {
    /// What was typed would be lost.
    Leave,
    /// The margin is negative.
    BelowCost,
    /// Plans of these names sell it already.
    Duplicate(Vec<String>),
}

/// See the module.
#[derive(Debug)]
pub struct PlanForm {
    changes: Option<(crate::domain::ids::PlanId, u64)>,
    before: Option<Plan>,
    sheet: Arc<OfferSheet>,
    labels: Labels,
    sheets: Vec<SheetChoice>,
    settings: Settings,
    name: Line,
    kind: Line,
    margin: Line,
    reseller: Line,
    segment: String,
    market: String,
    key: Option<OfferKey>,
    rounding: Rounding,
    cycles: Vec<CycleLine>,
    at: Field,
    part: Part,
    window: Window,
    /// As it began: whether something was typed.
    begun: FormDraft,
    /// As it was kept last.
    kept: FormDraft,
    question: Option<Question>,
    /// It is being written.
    saving: bool,
    /// Why it was not written, or another thing to say.
    note: Option<String>,
}

impl PlanForm {
    /// A form with what a draft holds.
    #[must_use]
    pub fn new(start: PlanFormStart) -> Self {
        let PlanFormStart { draft, before, sheet, labels, sheets, settings } = start;
        let key = draft.offer.as_ref().and_then(|offer| {
            let wanted = OfferKey {
                offer: offer.clone(),
                segment: draft.segment.clone(),
                market: draft.market.clone(),
            };
            let same = |key: &&OfferKey| {
                key.offer.sells_the_same_as(&wanted.offer)
                    && key.segment == wanted.segment
                    && (wanted.market.is_empty() || key.market == wanted.market)
            };
            sheet.offers.keys().find(same).cloned()
        });
        let gone = draft.offer.is_some() && key.is_none();
        let mut form = Self {
            name: Line::with(&draft.name),
            kind: Line::with(&draft.kind),
            margin: Line::with(&draft.margin),
            reseller: Line::with(&draft.reseller_margin),
            segment: draft.segment.clone(),
            market: draft.market.clone(),
            rounding: draft.rounding.parse().unwrap_or_default(),
            key,
            cycles: Vec::new(),
            at: if draft.offer.is_some() { Field::Margin } else { Field::Name },
            part: Part::Tick,
            window: Window::default(),
            begun: FormDraft::default(),
            kept: FormDraft::default(),
            question: None,
            saving: false,
            note: gone.then(|| "the sheet does not offer this product any more".to_owned()),
            changes: draft.changes.clone(),
            before,
            sheet,
            labels,
            sheets,
            settings,
        };
        form.settle_place();
        form.take_cycles(&draft.cycles);
        if form.note.is_none() && form.kept_prices().next().is_some() {
            let cycles: Vec<String> =
                form.kept_prices().map(|price| format!("{} {}", price.cycle, price.currency)).collect();
            form.note = Some(format!("not offered any more, and kept as they are: {}", cycles.join(", ")));
        }
        form.begun = form.draft();
        form.kept = form.begun.clone();
        form
    }

    /// Another sheet was opened for it: what it offers takes the place of what the old one did; what was typed stays.
    pub fn opened(&mut self, sheet: &Arc<OfferSheet>) {
        let draft = self.draft();
        self.sheet = Arc::clone(sheet);
        let same = |key: &&OfferKey| {
            draft.offer.as_ref().is_some_and(|offer| key.offer.sells_the_same_as(offer))
                && key.segment == draft.segment
                && (draft.market.is_empty() || key.market == draft.market)
        };
        self.key = self.sheet.offers.keys().find(same).cloned();
        self.note = (draft.offer.is_some() && self.key.is_none())
            .then(|| "this sheet does not offer the product: choose another".to_owned());
        self.settle_place();
        self.take_cycles(&draft.cycles);
    }

    /// Segment and market as the product has them, else the only ones that the sheet has.
    fn settle_place(&mut self) {
        if let Some(key) = &self.key {
            self.segment.clone_from(&key.segment);
            self.market.clone_from(&key.market);
            return;
        }
        let segments = self.segments();
        if !segments.contains(&self.segment) {
            let usual = segments.iter().find(|s| s.eq_ignore_ascii_case("Commercial"));
            self.segment = usual.or(segments.first()).cloned().unwrap_or_default();
        }
        let markets = self.markets();
        if !markets.contains(&self.market) {
            self.market = if markets.len() == 1 { markets[0].clone() } else { String::new() };
        }
    }

    /// The cycles of the product, with what was typed for them.
    fn take_cycles(&mut self, typed: &[CycleDraft]) {
        let offered = self.key.as_ref().and_then(|key| self.sheet.offers.get(key));
        let cycles = offered.map(|(_, cycles)| cycles.clone()).unwrap_or_default();
        self.cycles = cycles
            .into_iter()
            .map(|offered| {
                let typed = typed.iter().find(|t| t.cycle == offered.cycle && t.currency == offered.currency);
                CycleLine {
                    chosen: typed.is_some_and(|typed| typed.chosen),
                    price: Line::with(typed.map_or("", |typed| &typed.price)),
                    renewal: Line::with(typed.map_or("", |typed| &typed.renewal)),
                    offered,
                }
            })
            .collect();
        if matches!(self.at, Field::Cycle(at) if at >= self.cycles.len()) {
            self.at = Field::Product;
        }
    }

    /// What is typed, to be kept.
    #[must_use]
    pub fn draft(&self) -> FormDraft {
        let cycles = self.cycles.iter().map(|line| CycleDraft {
            cycle: line.offered.cycle.clone(),
            currency: line.offered.currency,
            chosen: line.chosen,
            price: line.price.text().to_owned(),
            renewal: line.renewal.text().to_owned(),
        });
        FormDraft {
            changes: self.changes.clone(),
            name: self.name.text().to_owned(),
            kind: self.kind.text().to_owned(),
            sheet: self.sheet.name.clone(),
            segment: self.segment.clone(),
            market: self.market.clone(),
            offer: self.key.as_ref().map(|key| key.offer.clone()),
            margin: self.margin.text().to_owned(),
            reseller_margin: self.reseller.text().to_owned(),
            rounding: self.rounding.to_string(),
            cycles: cycles.filter(|c| c.chosen || !c.price.is_empty() || !c.renewal.is_empty()).collect(),
        }
    }

    /// The plan's prices for cycles that the sheet does not offer: there is nothing to work them out from, so they stay.
    fn kept_prices(&self) -> impl Iterator<Item = &PlanPrice> {
        let prices = self.before.iter().flat_map(|plan| &plan.prices);
        prices.filter(|price| {
            !self
                .cycles
                .iter()
                .any(|line| line.offered.cycle == price.cycle && line.offered.currency == price.currency)
        })
    }

    fn has_resellers(&self) -> bool {
        self.settings.tier == Tier::Indirect
    }

    /// The fields, in their order.
    fn fields(&self) -> Vec<Field> {
        let mut fields = vec![Field::Name, Field::Kind, Field::Sheet, Field::Segment];
        if self.sheet.markets > 1 {
            fields.push(Field::Market);
        }
        fields.extend([Field::Product, Field::Margin]);
        if self.has_resellers() {
            fields.push(Field::Reseller);
        }
        fields.push(Field::Rounding);
        fields.extend((0..self.cycles.len()).map(Field::Cycle));
        fields.push(Field::Save);
        fields
    }

    /// The form as the domain knows it, and the first thing that is wrong with what is typed. Prices are worked out with what is
    /// right.
    fn form(&self) -> (plan_form::PlanForm, Option<(Field, String)>) {
        let mut wrong = None;
        let mut note = |field: Field, text: String| {
            wrong.get_or_insert((field, text));
        };
        let offer = self.key.as_ref().map(|key| key.offer.clone());
        let mut form = plan_form::PlanForm::new(
            self.name.text().to_owned(),
            self.sheet.name.clone(),
            (!self.market.is_empty()).then(|| self.market.clone()),
            self.segment.clone(),
            offer.unwrap_or_else(|| crate::domain::offer::Offer::parse("")),
            Vec::new(),
        );
        if let Err(error) = plan_form::check_name(self.name.text()) {
            note(Field::Name, error.to_string());
        }
        match self.kind.text().trim() {
            "" => {}
            kind => kind.clone_into(&mut form.kind),
        }
        if self.key.is_none() {
            note(Field::Product, "a plan needs a product: Enter chooses one".to_owned());
        }
        match parse_margin(self.margin.text()) {
            Ok(margin) => form.margin_percent = margin,
            Err(_) if self.margin.text().trim().is_empty() => {
                note(Field::Margin, "a plan needs a margin: a percentage such as 12.5".to_owned());
            }
            Err(error) => note(Field::Margin, error.to_string()),
        }
        if self.has_resellers() && !self.reseller.text().trim().is_empty() {
            match parse_margin(self.reseller.text()) {
                Ok(margin) => form.reseller_margin_percent = margin,
                Err(error) => note(Field::Reseller, error.to_string()),
            }
        }
        form.rounding = self.rounding;
        for (at, line) in self.cycles.iter().enumerate() {
            let mut parse = |typed: &Line| match parse_price(typed.text(), line.offered.currency) {
                Ok(price) => price,
                Err(error) => {
                    note(Field::Cycle(at), error.to_string());
                    None
                }
            };
            let (price, renewal) = (parse(&line.price), parse(&line.renewal));
            form.cycles.push(CycleChoice {
                offered: line.offered.clone(),
                chosen: line.chosen,
                price,
                renewal,
            });
        }
        if !self.cycles.is_empty() && !self.cycles.iter().any(|line| line.chosen) {
            note(Field::Cycle(0), "a plan needs a billing cycle: Space ticks one".to_owned());
        }
        (form, wrong)
    }

    /// Each cycle's prices, in the order of the cycles; none where they get too large, or while there is no margin.
    fn prices(&self, form: &plan_form::PlanForm) -> Vec<Option<PlanPrice>> {
        let has_margin = parse_margin(self.margin.text()).is_ok();
        form.cycles.iter().map(|choice| form.price(choice).ok().filter(|_| has_margin)).collect()
    }
}
