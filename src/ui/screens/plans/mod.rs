//! Plans: what is sold, and the offers of a price sheet that plans are made of.
//!
//! ```text
//! Plans 31
//!   grid
//! Offers of nov  4,370
//!   grid
//! 3 ticked, 41 services
//! ```

mod asking;
mod draw;
mod editing;
mod offers;
mod rows;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;

use ratatui::Frame;
use ratatui::layout::Rect;

use crate::domain::offer_list::OfferLine;
use crate::domain::plan::PriceWarning;
use crate::domain::settings::Settings;
use crate::domain::text::{counted, printable};
use crate::jobs::plans::PlanSummary;
use crate::ui::action::Action;
use crate::ui::commands::Context;
use crate::ui::layers::{Layer, Prompt, PromptFor};
use crate::ui::messages;
use crate::ui::messages::offer_sheet::{Labels, OfferSheet};
use crate::ui::messages::plans::{FormDraft, PlansLoaded, SheetChoice};
use crate::ui::messages::{Ask, ExportTable};
use crate::ui::out::Out;
use crate::ui::screens::Screen;
use crate::ui::screens::pane::Pane;
use crate::ui::theme::Theme;
use crate::ui::widgets::grid::{Direction, Ticks};

use asking::Then;
use offers::Offers;
use rows::PlanRows;

/// Which grid has the keys.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Focus {
    /// What is sold.
    #[default]
    Plans,
    /// What can be sold.
    Offers,
}

/// The tab's state.
#[derive(Debug, Default)]
pub struct Plans {
    plans: Vec<PlanSummary>,
    plan_pane: Pane,
    sheets: Vec<SheetChoice>,
    sheet: Option<Arc<OfferSheet>>,
    offer_pane: Pane,
    labels: Labels,
    settings: Settings,
    last_reprice: Option<String>,
    /// A form that was left unfinished when the program ended.
    draft: Option<FormDraft>,
    /// A sheet that is being read, and what for.
    opening: Option<(String, Then)>,
    focus: Focus,
    zoomed: bool,
    loaded: bool,
    status: String,
    /// What the ticked rows come to, and for which it was counted.
    counts: String,
    counted_for: Option<(Focus, Ticks)>,
}

impl Screen for Plans {
    fn context(&self) -> Context {
        Context::Plans
    }

    fn act(&mut self, action: Action, out: &mut Out) {
        self.take_action(action, out);
        self.restatus();
    }

    fn set_filter(&mut self, text: &str, _: &mut Out) {
        match self.focus {
            Focus::Plans => self.plan_pane.set_filter(text, &PlanRows { plans: &self.plans }),
            Focus::Offers => {
                let rows = Offers { sheet: self.sheet.as_deref(), labels: &self.labels };
                self.offer_pane.set_filter(text, &rows);
            }
        }
        self.restatus();
    }

    fn typed(&mut self, ask: Ask, text: &str, out: &mut Out) -> Result<(), String> {
        let Ask::Plans(edit) = ask else { return Ok(()) };
        self.type_value(edit, text, out)
    }

    fn chosen(&mut self, choice: &messages::Choice, out: &mut Out) {
        if let messages::Choice::Plans(choice) = choice {
            self.choose(choice, out);
        }
    }

    /// Nothing here asks for one.
    fn file(&mut self, _: PathBuf, _: &mut Out) {}

    fn export(&self) -> ExportTable {
        match self.focus {
            Focus::Plans => ExportTable::of("plans", &self.plan_rows(), self.plan_pane.grid.order()),
            Focus::Offers => ExportTable::of("offers", &self.offer_rows(), self.offer_pane.grid.order()),
        }
    }

    fn status(&self) -> String {
        self.status.clone()
    }

    fn problem(&self) -> Option<String> {
        if self.focus != Focus::Plans {
            return None;
        }
        let plan = &self.plans.get(self.plan_pane.grid.current()? as usize)?.plan.value;
        let price = plan.prices.iter().find(|price| price.warnings().contains(&PriceWarning::BelowCost))?;
        Some(format!("{}: below cost in {} {}", printable(&plan.name), price.cycle, price.currency))
    }

    fn draw(&mut self, frame: &mut Frame<'_>, area: Rect, _: Option<&str>, theme: &Theme) {
        draw::draw(self, frame, area, theme);
    }
}

impl Plans {
    /// Takes what was read anew. Cursor, filter, sort and ticks stay with their plans and offers.
    pub fn load(&mut self, loaded: PlansLoaded, out: &mut Out) {
        let PlansLoaded { plans, sheets, labels, settings, last_reprice, draft } = loaded;
        // What did not change keeps its range and the ticks that can be brought back.
        if !self.loaded || self.plans != plans {
            let old = std::mem::replace(&mut self.plans, plans);
            let places: HashMap<_, u32> =
                self.plans.iter().zip(0..).map(|(plan, row)| (&plan.plan.value.id, row)).collect();
            let moved = |row: u32| places.get(&old.get(row as usize)?.plan.value.id).copied();
            self.plan_pane.load(&PlanRows { plans: &self.plans }, moved);
        }
        self.sheets = sheets;
        self.settings = settings;
        self.last_reprice = last_reprice;
        if !self.loaded {
            self.draft = draft;
        }
        self.loaded = true;
        self.counted_for = None;
        let labels = Labels::new(labels);
        if self.labels != labels {
            self.labels = labels;
            let rows = Offers { sheet: self.sheet.as_deref(), labels: &self.labels };
            let filter = self.offer_pane.filter().to_owned();
            self.offer_pane.grid.resort(&rows);
            self.offer_pane.set_filter(&filter, &rows);
        }
        // A sheet that was imported anew, or removed.
        if let Some(shown) = &self.sheet {
            match self.sheets.iter().find(|sheet| sheet.name == shown.name) {
                Some(sheet) if sheet.data != shown.data => {
                    let name = shown.name.clone();
                    self.open(name, Then::Show, out);
                }
                Some(_) => {}
                None => {
                    self.sheet = None;
                    let rows = Offers { sheet: None, labels: &self.labels };
                    self.offer_pane.load(&rows, |_| None);
                }
            }
        }
        self.restatus();
    }

    /// Takes a sheet's offers.
    pub fn opened(&mut self, sheet: Arc<OfferSheet>, out: &mut Out) {
        let old = self.sheet.replace(Arc::clone(&sheet));
        self.counted_for = None;
        let same =
            |a: &OfferLine, b: &OfferLine| a.key == b.key && a.cycle == b.cycle && a.currency == b.currency;
        let is_the_same_sheet = old.as_ref().is_some_and(|old| old.name == sheet.name);
        let mut places: HashMap<_, Vec<u32>> = HashMap::new();
        if is_the_same_sheet {
            for (line, row) in sheet.lines.iter().zip(0..) {
                places.entry(&line.key).or_default().push(row);
            }
        }
        let moved = |row: u32| {
            let line = old.as_ref()?.lines.get(row as usize)?;
            let rows = places.get(&line.key)?;
            rows.iter().copied().find(|row| sheet.lines.get(*row as usize).is_some_and(|new| same(new, line)))
        };
        if old.is_none() {
            self.offer_pane.grid.sort = Some((0, Direction::Up));
        }
        let rows = Offers { sheet: Some(&sheet), labels: &self.labels };
        self.offer_pane.load(&rows, moved);
        if let Some((name, then)) = self.opening.take() {
            if name == sheet.name {
                self.go_on(then, out);
            } else {
                self.opening = Some((name, then));
            }
        }
        self.restatus();
    }

    /// A sheet can't be read.
    pub fn not_opened(&mut self, reason: String, out: &mut Out) {
        self.opening = None;
        out.error(reason);
    }

    /// Plans were made of the ticked offers, so the ticks have done their work; `u` brings them back.
    pub fn offers_done(&mut self) {
        let rows = Offers { sheet: self.sheet.as_deref(), labels: &self.labels };
        let _cleared = self.offer_pane.act(Action::ClearTicks, &rows, &mut Out::default());
        self.restatus();
    }

    fn plan_rows(&self) -> PlanRows<'_> {
        PlanRows { plans: &self.plans }
    }

    fn offer_rows(&self) -> Offers<'_> {
        Offers { sheet: self.sheet.as_deref(), labels: &self.labels }
    }

    fn pane(&self) -> &Pane {
        match self.focus {
            Focus::Plans => &self.plan_pane,
            Focus::Offers => &self.offer_pane,
        }
    }

    fn chosen_plans(&self) -> Vec<&PlanSummary> {
        self.plan_pane.chosen().into_iter().filter_map(|row| self.plans.get(row as usize)).collect()
    }

    fn offer_line(&self, row: u32) -> Option<&OfferLine> {
        self.sheet.as_ref()?.lines.get(row as usize)
    }

    fn take_action(&mut self, action: Action, out: &mut Out) {
        match action {
            Action::NextPane | Action::PreviousPane => self.change_focus(out),
            Action::Zoom => self.zoomed = !self.zoomed,
            Action::EditCell => self.edit_or_open(out),
            Action::SetColumn => self.set_column(out),
            Action::NewPlan => self.ask_new_plan(out),
            Action::ManyPlans => self.ask_many(out),
            Action::ChooseSheet => self.ask_sheet(asking::For::Offers, out),
            Action::Reprice => self.ask_reprice(out),
            Action::UndoReprice => self.ask_undo(out),
            Action::Remove => self.ask_remove(out),
            Action::Export => {
                let name = match self.focus {
                    Focus::Plans => "plans.xlsx",
                    Focus::Offers => "offers.xlsx",
                };
                out.open(Layer::Prompt(Prompt::new(PromptFor::ExportPath, "write to ", name)));
            }
            _ => {
                let _is_ours = match self.focus {
                    Focus::Plans => self.plan_pane.act(action, &PlanRows { plans: &self.plans }, out),
                    Focus::Offers => {
                        let rows = Offers { sheet: self.sheet.as_deref(), labels: &self.labels };
                        self.offer_pane.act(action, &rows, out)
                    }
                };
            }
        }
    }

    fn change_focus(&mut self, out: &mut Out) {
        self.focus = match self.focus {
            Focus::Plans => Focus::Offers,
            Focus::Offers => Focus::Plans,
        };
        if self.focus == Focus::Offers && self.sheet.is_none() && self.opening.is_none() {
            match self.sheets.first() {
                Some(newest) => self.open(newest.name.clone(), Then::Show, out),
                None => out.done("no price sheet yet: they are imported on the tab Price Sheets (2)"),
            }
        }
    }

    /// What is ticked is counted only when it changes: there may be very many.
    fn restatus(&mut self) {
        let pane = self.pane();
        let counted_for = (self.focus, pane.grid.ticks.clone());
        if self.counted_for.as_ref() != Some(&counted_for) {
            self.counts = match self.focus {
                _ if pane.grid.ticks.count() == 0 => String::new(),
                Focus::Plans => {
                    let sold: usize = self.chosen_plans().iter().map(|plan| plan.services).sum();
                    format!(", {} sold under them", counted(sold, "service"))
                }
                Focus::Offers => {
                    let lines = pane.grid.ticks.iter().filter_map(|row| self.offer_line(row));
                    let sellable = lines.filter(|line| line.offered.is_some());
                    let keys: HashSet<_> = sellable.map(|line| &line.key).collect();
                    format!(": m makes {}", counted(keys.len(), "plan"))
                }
            };
            self.counted_for = Some(counted_for);
        }
        self.status = format!("{}{}", self.pane().ticked(), self.counts);
        if let Some((name, _)) = &self.opening {
            self.status = format!("{}   reading the price sheet {}", self.status, printable(name));
        }
    }
}
