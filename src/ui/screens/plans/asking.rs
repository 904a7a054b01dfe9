//! Opening forms and previews: what they begin with, and what is asked before.

use std::sync::Arc;

use crate::domain::offer_list::{OfferKey, OfferLine, by_offer, form_of};
use crate::domain::plan::{Plan, USUAL_KIND};
use crate::domain::plan_batch::{create_lines, usual_name};
use crate::domain::reprice::Keep;
use crate::domain::text::{counted, printable};
use crate::jobs::plans::{RepriceOrder, RepricePreview};
use crate::ui::effect::Effect;
use crate::ui::layers::{Choose, Confirm, Layer, ManyPlans, PlanForm, PlanFormStart, RepriceLayer};
use crate::ui::messages;
use crate::ui::messages::plans::PlansChoice;
use crate::ui::out::Out;

use super::{Focus, Plans};
use crate::ui::messages::plans::{CycleDraft, FormDraft, PlansEffect};

/// What a sheet is chosen for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum For {
    Offers,
    Reprice,
}

/// What follows once a sheet is read.
#[derive(Debug)]
pub(super) enum Then {
    /// Its offers are shown.
    Show,
    /// A form that was left, or one that changes a plan, is opened.
    Form(Box<FormDraft>),
    /// An empty form is opened.
    New,
}

impl Plans {
    /// Asks for a sheet's offers.
    pub(super) fn open(&mut self, sheet: String, then: Then, out: &mut Out) {
        out.effect(Effect::Plans(PlansEffect::Open(sheet.clone())));
        self.opening = Some((sheet, then));
    }

    pub(super) fn go_on(&mut self, then: Then, out: &mut Out) {
        match then {
            Then::Show => {}
            Then::Form(draft) => self.open_form(*draft, out),
            Then::New => self.new_plan(out),
        }
    }

    pub(super) fn ask_sheet(&mut self, of: For, out: &mut Out) {
        if self.sheets.is_empty() {
            return out.done("no price sheet yet: they are imported on the tab Price Sheets (2)");
        }
        let choices = self.sheets.iter().map(|sheet| {
            let choice = match of {
                For::Offers => PlansChoice::Sheet(sheet.name.clone()),
                For::Reprice => PlansChoice::RepriceFrom(sheet.name.clone()),
            };
            let text = format!("{}   {}", printable(&sheet.name), printable(&sheet.about));
            (text, messages::Choice::Plans(choice))
        });
        let heading = match of {
            For::Offers => "Price sheet".to_owned(),
            For::Reprice => format!("Reprice {} from", counted(self.chosen_plans().len(), "plan")),
        };
        let current = match (of, &self.sheet) {
            (For::Offers, Some(shown)) => self.sheets.iter().position(|sheet| sheet.name == shown.name),
            // The newest stands first.
            _ => None,
        };
        out.open(Layer::Choose(Choose::new(heading, choices.collect(), current.unwrap_or(0))));
    }

    /// Takes what was chosen on the tab.
    pub(super) fn choose(&mut self, choice: &PlansChoice, out: &mut Out) {
        match choice {
            PlansChoice::Sheet(name) => {
                self.focus = Focus::Offers;
                self.open(name.clone(), Then::Show, out);
            }
            PlansChoice::RepriceFrom(sheet) => {
                let plans = self.chosen_plans().iter().map(|plan| plan.plan.value.id.clone()).collect();
                let order = RepriceOrder { plans: Some(plans), sheet: sheet.clone(), keep: Keep::Margin };
                out.effect(Effect::Plans(PlansEffect::Reprice(order)));
            }
            PlansChoice::Draft(true) => {
                if let Some(draft) = self.draft.take() {
                    self.open_form_of(draft, out);
                }
            }
            PlansChoice::Draft(false) => {
                self.draft = None;
                out.effect(Effect::Plans(PlansEffect::KeepForm(None)));
                self.ask_new_plan(out);
            }
            _ => {}
        }
        self.restatus();
    }

    pub(super) fn ask_new_plan(&mut self, out: &mut Out) {
        if let Some(draft) = &self.draft {
            let name = if draft.name.trim().is_empty() { "without a name" } else { draft.name.trim() };
            let choices = vec![
                (format!("Go on with the plan {}", printable(name)), PlansChoice::Draft(true)),
                ("Begin anew".to_owned(), PlansChoice::Draft(false)),
            ];
            let choices = choices.into_iter().map(|(text, c)| (text, messages::Choice::Plans(c))).collect();
            return out.open(Layer::Choose(Choose::new("A plan was left unfinished".to_owned(), choices, 0)));
        }
        match (&self.sheet, self.sheets.first()) {
            (Some(_), _) => self.new_plan(out),
            (None, Some(newest)) => self.open(newest.name.clone(), Then::New, out),
            (None, None) => out.done("no price sheet yet: they are imported on the tab Price Sheets (2)"),
        }
    }

    /// A form for the offer under the cursor, with the ticked cycles of it; an empty one where the keys are elsewhere.
    fn new_plan(&mut self, out: &mut Out) {
        let Some(sheet) = self.sheet.clone() else { return };
        let mut draft =
            FormDraft { sheet: sheet.name.clone(), kind: USUAL_KIND.to_owned(), ..FormDraft::default() };
        let line = self.offer_pane.grid.current().and_then(|row| self.offer_line(row));
        if let (Focus::Offers, Some(line)) = (self.focus, line) {
            if line.offered.is_none() {
                return out.done("this offer has no price for a billing period, so no plan can sell it");
            }
            let key = line.key.clone();
            let ticked: Vec<&OfferLine> = self
                .offer_pane
                .grid
                .ticks
                .iter()
                .filter_map(|row| self.offer_line(row))
                .filter(|ticked| ticked.key == key)
                .collect();
            let lines = if ticked.is_empty() { vec![line] } else { ticked };
            draft.cycles = lines
                .iter()
                .filter_map(|line| line.offered.as_ref())
                .map(|offered| CycleDraft {
                    cycle: offered.cycle.clone(),
                    currency: offered.currency,
                    chosen: true,
                    price: String::new(),
                    renewal: String::new(),
                })
                .collect();
            draft.name = self.plan_name(&key, &line.title);
            draft.segment = key.segment;
            draft.market = key.market;
            draft.offer = Some(key.offer);
        }
        self.open_form(draft, out);
    }

    fn plan_name(&self, key: &OfferKey, title: &str) -> String {
        let several = self.sheet.as_ref().is_some_and(|sheet| sheet.markets > 1);
        usual_name(self.labels.name(&key.offer, title), key, several)
    }

    /// A form that changes a plan.
    pub(super) fn ask_change(&mut self, row: u32, out: &mut Out) {
        let Some(summary) = self.plans.get(row as usize) else { return };
        let plan = &summary.plan.value;
        if plan.sheet.as_ref().is_none_or(|name| !self.sheets.iter().any(|sheet| sheet.name == *name)) {
            return out.done(
                "the price sheet of this plan is not there, so it can't be worked out; R reprices it from another",
            );
        }
        let draft = draft_of(plan, summary.plan.revision);
        self.open_form_of(draft, out);
    }

    fn open_form_of(&mut self, draft: FormDraft, out: &mut Out) {
        if self.sheet.as_ref().is_some_and(|sheet| sheet.name == draft.sheet) {
            self.open_form(draft, out);
        } else {
            self.open(draft.sheet.clone(), Then::Form(Box::new(draft)), out);
        }
    }

    fn open_form(&mut self, draft: FormDraft, out: &mut Out) {
        let Some(sheet) = &self.sheet else { return };
        let before = draft.changes.as_ref().and_then(|(id, revision)| {
            let stored = self.plans.iter().find(|plan| plan.plan.value.id == *id)?;
            (stored.plan.revision == *revision).then(|| stored.plan.value.clone())
        });
        out.open(Layer::PlanForm(Box::new(PlanForm::new(PlanFormStart {
            draft,
            before,
            sheet: Arc::clone(sheet),
            labels: self.labels.clone(),
            sheets: self.sheets.clone(),
            settings: self.settings.clone(),
        }))));
    }

    pub(super) fn ask_many(&mut self, out: &mut Out) {
        let Some(sheet) = self.sheet.clone().filter(|_| self.focus == Focus::Offers) else {
            return out.done("Tab goes to the offers: tick those that plans are to be made of there");
        };
        let ticked: Vec<&OfferLine> =
            self.offer_pane.grid.ticks.iter().filter_map(|row| sheet.lines.get(row as usize)).collect();
        if ticked.is_empty() {
            return out
                .done("nothing is ticked: Space ticks an offer, a all that are shown, p makes one plan");
        }
        let offers = by_offer(ticked.iter().copied());
        if offers.is_empty() {
            return out.done("none of the ticked offers has a price for a billing period");
        }
        let unsellable = ticked.iter().filter(|line| line.offered.is_none()).count();
        let forms: Vec<_> = offers
            .into_iter()
            .map(|(key, (title, cycles))| form_of(&key, self.plan_name(&key, &title), &sheet.name, cycles))
            .collect();
        let stored: Vec<Plan> = self.plans.iter().map(|plan| plan.plan.value.clone()).collect();
        let lines = create_lines(&forms, &stored);
        let tier = self.settings.tier;
        out.open(Layer::ManyPlans(Box::new(ManyPlans::new(lines, sheet.name.clone(), tier, unsellable))));
    }

    pub(super) fn ask_reprice(&mut self, out: &mut Out) {
        if self.chosen_plans().is_empty() {
            return out.done("there is no plan to reprice");
        }
        self.ask_sheet(For::Reprice, out);
    }

    /// The layer that shows what a reprice would do.
    #[must_use]
    pub fn reprice_layer(preview: RepricePreview) -> Layer {
        Layer::Reprice(Box::new(RepriceLayer::new(preview)))
    }

    pub(super) fn ask_undo(&mut self, out: &mut Out) {
        let Some(last) = &self.last_reprice else { return out.done("there is no reprice to undo") };
        out.open(Layer::Confirm(Confirm::new(
            "Undo the last reprice",
            vec![
                last.clone(),
                "Its plans get their former costs and prices back,".to_owned(),
                "but for those that were changed since.".to_owned(),
            ],
            vec![Effect::Plans(PlansEffect::UndoReprice)],
        )));
    }

    pub(super) fn ask_remove(&mut self, out: &mut Out) {
        if self.focus != Focus::Plans {
            return out.done("plans are removed in their grid: Tab goes there");
        }
        let plans = self.chosen_plans();
        let Some(first) = plans.first() else { return out.done("no plan here") };
        if let Some(sold) = plans.iter().find(|plan| plan.services > 0) {
            return out.done(format!(
                "{} is sold to {}: a plan is removed only when nothing is sold under it",
                printable(&sold.plan.value.name),
                counted(sold.services, "service")
            ));
        }
        let what = match plans.len() {
            1 => printable(&first.plan.value.name).into_owned(),
            count => counted(count, "ticked plan"),
        };
        let ids = plans.iter().map(|plan| (plan.plan.value.id.clone(), plan.plan.revision)).collect();
        out.open(Layer::Confirm(Confirm::new(
            "Remove plans",
            vec![format!("Remove {what}? Nothing is sold under it."), "This can't be undone.".to_owned()],
            vec![Effect::Plans(PlansEffect::Remove(ids))],
        )));
    }
}

/// A form that holds what a plan is.
fn draft_of(plan: &Plan, revision: u64) -> FormDraft {
    let text = |percent: Option<rust_decimal::Decimal>| {
        percent.map_or_else(String::new, |percent| percent.normalize().to_string())
    };
    let first = plan.prices.first();
    FormDraft {
        changes: Some((plan.id.clone(), revision)),
        name: plan.name.clone(),
        kind: plan.kind.clone(),
        sheet: plan.sheet.clone().unwrap_or_default(),
        segment: plan.segment.clone(),
        market: plan.market.clone().unwrap_or_default(),
        offer: Some(plan.offer.clone()),
        margin: text(first.map(|price| price.margin_percent)),
        reseller_margin: text(first.map(|price| price.reseller_margin_percent)),
        rounding: plan.rounding.to_string(),
        cycles: plan
            .prices
            .iter()
            .map(|price| {
                // A cycle with a margin of its own would get another price from the form's one margin.
                let own = first.is_some_and(|first| first.margin_percent != price.margin_percent);
                let by_hand = |by_hand: bool, amount: rust_decimal::Decimal| {
                    if by_hand || own { amount.to_string() } else { String::new() }
                };
                CycleDraft {
                    cycle: price.cycle.clone(),
                    currency: price.currency,
                    chosen: true,
                    price: by_hand(price.price_by_hand, price.price),
                    renewal: by_hand(price.renewal_by_hand, price.renewal_price),
                }
            })
            .collect(),
    }
}
