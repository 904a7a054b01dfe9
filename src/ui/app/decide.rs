//! Pasted texts, and what becomes of the decisions of layers.

use super::App;
use crate::ui::effect::Effect;
use crate::ui::layers::{Decision, Layer};
use crate::ui::messages::Choice;
use crate::ui::out::Out;

impl App {
    pub(super) fn paste(&mut self, text: &str, out: &mut Out) {
        let decision = match self.layers.last_mut() {
            Some(Layer::Prompt(layer)) => layer.paste(text),
            Some(Layer::SecretPrompt(layer)) => layer.paste(text),
            Some(Layer::Choose(layer)) => layer.paste(text),
            Some(Layer::ChooseMany(layer)) => layer.paste(text),
            Some(Layer::Browse(layer)) => layer.paste(text),
            Some(Layer::Mapping(layer)) => layer.paste(text),
            Some(Layer::Palette(layer)) => layer.paste(text),
            Some(Layer::PlanForm(layer)) => layer.paste(text),
            Some(Layer::ManyPlans(layer)) => layer.paste(text),
            Some(Layer::Consent(layer)) => layer.paste(text),
            _ => return out.done("a text was pasted, but nothing here takes one"),
        };
        self.decide(decision, out);
    }

    pub(super) fn decide(&mut self, decision: Decision, out: &mut Out) {
        match decision {
            Decision::Stay => {}
            Decision::StayAndDo(effects) => out.effects.extend(effects),
            Decision::Say(text) => out.done(text),
            Decision::Ask(question) => out.open(Layer::Confirm(question)),
            Decision::Choose(list) => out.open(Layer::Choose(list)),
            Decision::Prompt(prompt) => out.open(Layer::Prompt(prompt)),
            Decision::Close => drop(self.layers.pop()),
            Decision::Do(effects) => {
                self.layers.pop();
                out.effects.extend(effects);
            }
            Decision::Act(action) => {
                self.layers.pop();
                self.act(action, out);
            }
            Decision::Filter(text) => self.on_screen(|screen| screen.set_filter(&text, out)),
            Decision::FilterBack(text) => {
                self.layers.pop();
                self.on_screen(|screen| screen.set_filter(&text, out));
            }
            Decision::Typed(ask, text) => {
                let taken = self.screen_mut().map_or(Ok(()), |screen| screen.typed(ask, &text, out));
                match (taken, self.layers.last_mut()) {
                    (Err(reason), Some(Layer::Prompt(prompt))) => prompt.refuse(reason),
                    _ => drop(self.layers.pop()),
                }
            }
            Decision::SecretTyped(ask, secret) => {
                let taken = self.screen_mut().map_or(Ok(()), |screen| screen.secret_typed(ask, secret, out));
                match (taken, self.layers.last_mut()) {
                    (Err(reason), Some(Layer::SecretPrompt(prompt))) => prompt.refuse(reason),
                    _ => drop(self.layers.pop()),
                }
            }
            Decision::Chosen(choice) => {
                self.layers.pop();
                match (choice, self.layers.last_mut()) {
                    (Choice::Plans(choice), Some(Layer::PlanForm(form))) => {
                        let decision = form.chosen(choice);
                        self.decide(decision, out);
                    }
                    (choice, _) => self.on_screen(|screen| screen.chosen(&choice, out)),
                }
            }
            Decision::ChosenMany(choice) => {
                self.layers.pop();
                self.on_screen(|screen| screen.chosen_many(&choice, out));
            }
            Decision::Show(details) => out.open(Layer::Details(details)),
            Decision::KeepReview => {
                if let Some(Layer::Review(layer)) = self.layers.last() {
                    self.sheets.ask_name(&layer.review, out);
                }
            }
            Decision::ReadMapped(path, mapping) => {
                self.layers.pop();
                self.sheets.read(path, Some(mapping), out);
            }
            Decision::SaveMapping(mapping) => self.sheets.ask_mapping_name(mapping, out),
            Decision::File(path) => {
                self.layers.pop();
                self.on_screen(|screen| screen.file(path, out));
            }
            Decision::ExportTo(path) => {
                self.layers.pop();
                if let Some(screen) = self.screen() {
                    out.effect(Effect::Export { path, table: screen.export() });
                }
            }
            Decision::Apply => self.apply(out),
            Decision::OpenConflict(of) => {
                if let Some(Layer::Preview(layer)) = self.layers.last()
                    && let Some(conflict) = layer.conflict(&of)
                {
                    self.layers.push(Layer::Conflict(conflict));
                }
            }
            Decision::Settle(of, keep_ours) => self.settle(&of, keep_ours, out),
        }
    }
}
