//! What happens to the tab Plans and to the layers on top of it.

use super::App;
use crate::domain::text::{counted, printable};
use crate::jobs::plans::{Created, RepricePreview};
use crate::ui::effect::Effect;
use crate::ui::layers::{Layer, ManyPlans, PlanForm, RepriceLayer};
use crate::ui::messages::plans::{PlansEffect, PlansEvent, PlansLoaded};
use crate::ui::out::Out;
use crate::ui::screens::plans::Plans;

impl App {
    pub(super) fn plans_event(&mut self, event: PlansEvent, out: &mut Out) {
        match event {
            PlansEvent::Loaded(loaded) => self.plans_loaded(loaded, out),
            PlansEvent::Opened(sheet) => {
                if let Some(form) = self.plan_form() {
                    form.opened(&sheet);
                }
                self.plans.opened(sheet, out);
            }
            PlansEvent::NotOpened(reason) => self.plans.not_opened(reason, out),
            PlansEvent::Created(created) => self.created(&created, out),
            PlansEvent::Changed(text) => {
                if self.plan_form().is_some() {
                    self.close_form(out);
                }
                out.done(text);
            }
            PlansEvent::NotWritten(reason) => {
                if let Some(form) = self.plan_form() {
                    form.not_written(reason);
                } else if let Some(layer) = self.many_plans() {
                    layer.not_written(reason);
                } else {
                    out.error(reason);
                }
            }
            PlansEvent::Repriced(preview) => self.repriced(*preview, out),
            PlansEvent::Done(text) => {
                self.layers.retain(|layer| !matches!(layer, Layer::Reprice(_)));
                out.done(text);
            }
            PlansEvent::Failed(reason) => match self.reprice_layer() {
                Some(layer) => layer.failed(reason),
                None => out.error(reason),
            },
        }
    }

    /// Rows wait while something is typed for the row under the cursor.
    pub(super) fn plans_loaded(&mut self, mut loaded: Box<PlansLoaded>, out: &mut Out) {
        if self.holds_rows() {
            if let Some(earlier) = self.plans_wait.take() {
                loaded.draft = loaded.draft.or(earlier.draft);
            }
            self.plans_wait = Some(loaded);
        } else {
            self.plans.load(*loaded, out);
        }
    }

    fn plan_form(&mut self) -> Option<&mut PlanForm> {
        self.layers.iter_mut().find_map(|layer| match layer {
            Layer::PlanForm(form) => Some(&mut **form),
            _ => None,
        })
    }

    fn many_plans(&mut self) -> Option<&mut ManyPlans> {
        self.layers.iter_mut().find_map(|layer| match layer {
            Layer::ManyPlans(layer) => Some(&mut **layer),
            _ => None,
        })
    }

    fn reprice_layer(&mut self) -> Option<&mut RepriceLayer> {
        self.layers.iter_mut().find_map(|layer| match layer {
            Layer::Reprice(layer) => Some(&mut **layer),
            _ => None,
        })
    }

    fn close_form(&mut self, out: &mut Out) {
        self.layers.retain(|layer| !matches!(layer, Layer::PlanForm(_)));
        out.effect(Effect::Plans(PlansEffect::KeepForm(None)));
    }

    fn created(&mut self, created: &Created, out: &mut Out) {
        if let Some(form) = self.plan_form() {
            if form.created(created) {
                self.close_form(out);
            } else {
                return;
            }
        }
        if self.many_plans().is_some() {
            self.layers.retain(|layer| !matches!(layer, Layer::ManyPlans(_)));
            self.plans.offers_done();
        }
        let left = match created.duplicates.len() {
            0 => String::new(),
            left => format!("; {left} left out, for a plan sells the same already"),
        };
        out.done(match &created.written[..] {
            [only] => format!("the plan {} is made{left}", printable(&only.name)),
            many => format!("{} made{left}", counted(many.len(), "plan")),
        });
    }

    fn repriced(&mut self, preview: RepricePreview, out: &mut Out) {
        // Its `y` must not be a letter that was meant for a line.
        if self.takes_text() {
            return out.done("the preview of the reprice is ready: R asks for it again");
        }
        if let Some(layer) = self.reprice_layer() {
            layer.take(preview);
        } else if self.layers.is_empty() {
            out.open(Plans::reprice_layer(preview));
        }
    }
}
