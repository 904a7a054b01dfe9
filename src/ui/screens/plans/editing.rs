//! Editing in place: a plan's name and type, an offer's display name and place.

use crate::domain::offer::Offer;
use crate::domain::plan_form::check_name;
use crate::domain::text::{counted, printable};
use crate::jobs::plans::LabelChange;
use crate::ui::effect::Effect;
use crate::ui::layers::{Layer, Prompt, PromptFor};
use crate::ui::messages::Ask;
use crate::ui::messages::plans::{Edit, Editable};
use crate::ui::out::Out;

use super::offers::OfferColumn;
use super::rows::PlanColumn;
use super::{Focus, Plans};
use crate::ui::messages::plans::PlansEffect;

impl Plans {
    fn editable(&self) -> Option<Editable> {
        match self.focus {
            Focus::Plans => match PlanColumn::ALL.get(self.plan_pane.grid.column)? {
                PlanColumn::Name => Some(Editable::PlanName),
                PlanColumn::Kind => Some(Editable::PlanKind),
                _ => None,
            },
            Focus::Offers => match OfferColumn::ALL.get(self.offer_pane.grid.column)? {
                OfferColumn::Name => Some(Editable::OfferName),
                OfferColumn::Order => Some(Editable::OfferOrder),
                _ => None,
            },
        }
    }

    /// Edits the cell under the cursor; where it can't be edited, opens the form of its row.
    pub(super) fn edit_or_open(&mut self, out: &mut Out) {
        let Some(row) = self.pane().grid.current() else { return out.done("no row here") };
        match (self.editable(), self.focus) {
            (Some(what), _) => {
                let label = match what {
                    Editable::PlanName => "Name ",
                    Editable::PlanKind => "Type ",
                    Editable::OfferName => "Display name ",
                    Editable::OfferOrder => "Sorting order ",
                };
                self.prompt(Edit { what, ticked: false }, label.to_owned(), row, out);
            }
            (None, Focus::Plans) => self.ask_change(row, out),
            (None, Focus::Offers) => self.ask_new_plan(out),
        }
    }

    pub(super) fn set_column(&mut self, out: &mut Out) {
        let count = self.pane().grid.ticks.count();
        let Some(first) = self.pane().grid.ticks.iter().next() else {
            return out.done("nothing is ticked in this grid: Space ticks a row, a all that are shown");
        };
        let hidden = match self.pane().grid.hidden_ticks() {
            0 => String::new(),
            hidden => format!(" ({hidden} hidden)"),
        };
        let (what, name) = match self.editable() {
            Some(what @ Editable::PlanKind) => (what, "Type"),
            Some(what @ Editable::OfferName) => (what, "Display name"),
            Some(what @ Editable::OfferOrder) => (what, "Sorting order"),
            Some(Editable::PlanName) => {
                return out.done("each plan has a name of its own: e edits the one under the cursor");
            }
            None => {
                return out.done("this column can't be set; l and h go to those that can be edited");
            }
        };
        let label = format!("{name} of {}{hidden} ", counted(count, "ticked row"));
        self.prompt(Edit { what, ticked: true }, label, first, out);
    }

    fn prompt(&self, edit: Edit, label: String, row: u32, out: &mut Out) {
        let now = match edit.what {
            Editable::PlanName => self.plans.get(row as usize).map(|plan| plan.plan.value.name.clone()),
            Editable::PlanKind => self.plans.get(row as usize).map(|plan| plan.plan.value.kind.clone()),
            Editable::OfferName | Editable::OfferOrder => self.offer_line(row).map(|line| {
                let label = self.labels.of(&line.key.offer);
                match edit.what {
                    Editable::OfferOrder => {
                        label.and_then(|l| l.order).map(|order| order.to_string()).unwrap_or_default()
                    }
                    _ => self.labels.name(&line.key.offer, &line.title).to_owned(),
                }
            }),
        };
        let hint = match edit.what {
            Editable::OfferName => "empty: Microsoft's name",
            Editable::OfferOrder => "a number; empty: last",
            _ => "",
        };
        let prompt = Prompt::new(PromptFor::Value(Ask::Plans(edit)), label, &now.unwrap_or_default());
        out.open(Layer::Prompt(prompt.with_hint(hint)));
    }

    pub(super) fn type_value(&mut self, edit: Edit, text: &str, out: &mut Out) -> Result<(), String> {
        let grid = &self.pane().grid;
        let rows: Vec<u32> =
            if edit.ticked { grid.ticks.iter().collect() } else { grid.current().into_iter().collect() };
        let text = text.trim();
        match edit.what {
            Editable::PlanName | Editable::PlanKind => {
                let name = check_name(text).map_err(|error| error.to_string())?;
                let changes =
                    rows.into_iter().filter_map(|row| self.plans.get(row as usize)).map(|summary| {
                        let mut plan = summary.plan.value.clone();
                        let field =
                            if edit.what == Editable::PlanName { &mut plan.name } else { &mut plan.kind };
                        name.clone_into(field);
                        (summary.plan.revision, plan)
                    });
                out.effect(Effect::Plans(PlansEffect::Change(changes.collect())));
            }
            Editable::OfferName => {
                if !text.is_empty() {
                    check_name(text).map_err(|error| error.to_string())?;
                }
                self.set_labels(&rows, out, |title| {
                    LabelChange::Name((!text.is_empty() && text != title).then(|| text.to_owned()))
                });
            }
            Editable::OfferOrder => {
                let order = match text {
                    "" => None,
                    text => Some(text.parse::<u32>().map_err(|_| {
                        format!("\"{}\" is no place in a list: a number is expected", printable(text))
                    })?),
                };
                self.set_labels(&rows, out, |_| LabelChange::Order(order));
            }
        }
        Ok(())
    }

    fn set_labels(&self, rows: &[u32], out: &mut Out, change: impl Fn(&str) -> LabelChange) {
        let mut changes: Vec<(Offer, LabelChange)> = rows
            .iter()
            .filter_map(|row| self.offer_line(*row))
            .map(|line| (line.key.offer.clone(), change(&line.title)))
            .collect();
        changes.sort_by(|a, b| a.0.cmp(&b.0));
        changes.dedup_by(|a, b| a.0 == b.0);
        out.effect(Effect::Plans(PlansEffect::SetLabels(changes)));
    }
}
