//! The form's keys.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use rust_decimal::Decimal;

use super::{Field, Part, PlanForm, Question};
use crate::domain::text::printable;
use crate::jobs::plans::Created;
use crate::ui::action::Action;
use crate::ui::commands::{Context, lookup};
use crate::ui::effect::Effect;
use crate::ui::keys::Key;
use crate::ui::layers::Decision;
use crate::ui::messages::plans::PlansEffect;
use crate::ui::widgets::grid::Move;
use crate::ui::widgets::input::{Line, PASTE_TOO_LONG};

impl PlanForm {
    /// Takes a key.
    pub fn key(&mut self, key: KeyEvent) -> Decision {
        if let Some(question) = self.question.take() {
            return self.answer(question, key);
        }
        if self.saving {
            return Decision::Say("the plan is being written");
        }
        let decision = self.plain_key(key);
        self.changed(decision)
    }

    fn plain_key(&mut self, key: KeyEvent) -> Decision {
        self.note = None;
        let action = lookup(Context::PlanForm, Key::of(key));
        let in_price = matches!(self.at, Field::Cycle(_)) && self.part != Part::Tick;
        match action {
            Some(Action::Close) => return self.leave(),
            Some(Action::Save) => return self.save(),
            Some(Action::EditCell) => return self.enter(),
            Some(Action::Go(Move::Down)) => self.step(true),
            Some(Action::Go(Move::Up)) => self.step(false),
            Some(Action::Go(step @ (Move::PageDown | Move::PageUp))) => {
                (0..self.window.height().max(2) / 2).for_each(|_| self.step(step == Move::PageDown));
            }
            Some(Action::Go(Move::Right)) if matches!(self.at, Field::Cycle(_)) => {
                self.part = if self.part == Part::Tick { Part::Price } else { Part::Renewal };
            }
            Some(Action::Go(Move::Left)) if matches!(self.at, Field::Cycle(_)) => {
                self.part = if self.part == Part::Renewal { Part::Price } else { Part::Tick };
            }
            Some(Action::Tick) if matches!(self.at, Field::Cycle(_)) => self.tick(),
            _ => {
                let control = key.modifiers.contains(KeyModifiers::CONTROL);
                if matches!(self.at, Field::Cycle(_))
                    && !in_price
                    && matches!(key.code, KeyCode::Char('0'..='9' | '.'))
                {
                    self.part = Part::Price;
                }
                // Letters are no part of a number, so that a slip of the finger does not spoil one.
                let numbers = matches!(self.at, Field::Margin | Field::Reseller | Field::Cycle(_));
                let is_letter =
                    matches!(key.code, KeyCode::Char(c) if !c.is_ascii_digit() && !".,-% ".contains(c));
                if numbers && is_letter && !control {
                    return Decision::Say("a number is expected here");
                }
                if let Some(line) = self.line() {
                    line.key(key);
                    self.chosen_by_price();
                } else if matches!(key.code, KeyCode::Char(_)) && !control {
                    return Decision::Say("Enter chooses here");
                }
            }
        }
        Decision::Stay
    }

    /// A cycle with a price by hand is meant to be sold.
    fn chosen_by_price(&mut self) {
        if let Field::Cycle(at) = self.at
            && let Some(line) = self.cycles.get_mut(at)
            && !(line.price.text().is_empty() && line.renewal.text().is_empty())
        {
            line.chosen = true;
        }
    }

    /// The text under the cursor.
    pub(super) fn line(&mut self) -> Option<&mut Line> {
        match self.at {
            Field::Name => Some(&mut self.name),
            Field::Kind => Some(&mut self.kind),
            Field::Margin => Some(&mut self.margin),
            Field::Reseller => Some(&mut self.reseller),
            Field::Cycle(at) => match self.part {
                Part::Tick => None,
                Part::Price => self.cycles.get_mut(at).map(|line| &mut line.price),
                Part::Renewal => self.cycles.get_mut(at).map(|line| &mut line.renewal),
            },
            Field::Sheet
            | Field::Segment
            | Field::Market
            | Field::Product
            | Field::Rounding
            | Field::Save => None,
        }
    }

    /// To the next or the previous field.
    pub(super) fn step(&mut self, forward: bool) {
        let fields = self.fields();
        let now = fields.iter().position(|field| *field == self.at).unwrap_or(0);
        let next = if forward { (now + 1).min(fields.len() - 1) } else { now.saturating_sub(1) };
        self.at = fields.get(next).copied().unwrap_or(Field::Name);
    }

    fn enter(&mut self) -> Decision {
        match self.at {
            Field::Save => self.save(),
            Field::Cycle(_) if self.part == Part::Tick => {
                self.tick();
                Decision::Stay
            }
            _ => self.choose().unwrap_or_else(|| {
                self.step(true);
                Decision::Stay
            }),
        }
    }

    fn tick(&mut self) {
        if let Field::Cycle(at) = self.at
            && let Some(line) = self.cycles.get_mut(at)
        {
            line.chosen = !line.chosen;
            if !line.chosen {
                line.price.clear();
                line.renewal.clear();
            }
        }
    }

    /// Takes a pasted text.
    pub fn paste(&mut self, text: &str) -> Decision {
        if self.question.is_some() || self.saving {
            return Decision::Stay;
        }
        let Some(line) = self.line() else {
            return Decision::Say("a text was pasted, but this field takes none");
        };
        if !line.paste(text) {
            return Decision::Say(PASTE_TOO_LONG);
        }
        self.chosen_by_price();
        self.changed(Decision::Stay)
    }

    /// Has what was typed kept, beside what was decided.
    pub(super) fn changed(&mut self, decision: Decision) -> Decision {
        let draft = self.draft();
        if draft == self.kept || !matches!(decision, Decision::Stay) {
            return decision;
        }
        self.kept = draft.clone();
        Decision::StayAndDo(vec![Effect::Plans(PlansEffect::KeepForm(Some(Box::new(draft))))])
    }

    fn leave(&mut self) -> Decision {
        if self.draft() == self.begun {
            return Decision::Do(vec![Effect::Plans(PlansEffect::KeepForm(None))]);
        }
        self.question = Some(Question::Leave);
        Decision::Stay
    }

    fn save(&mut self) -> Decision {
        let (form, wrong) = self.form();
        if let Some((field, text)) = wrong {
            self.at = field;
            self.note = Some(text);
            return Decision::Stay;
        }
        self.note = None;
        let is_negative = |margin: Decimal| margin < Decimal::ZERO;
        if is_negative(form.margin_percent) || is_negative(form.reseller_margin_percent) {
            self.question = Some(Question::BelowCost);
            return Decision::Stay;
        }
        self.write(false)
    }

    fn write(&mut self, duplicates_too: bool) -> Decision {
        let (form, _) = self.form();
        let effect = match &self.changes {
            None => PlansEffect::Create { forms: vec![form], duplicates_too },
            Some((id, revision)) => match form.plan(id.clone()) {
                Ok(mut plan) => {
                    plan.prices.extend(self.kept_prices().cloned());
                    PlansEffect::Change(vec![(*revision, plan)])
                }
                Err(error) => {
                    self.note = Some(error.to_string());
                    return Decision::Stay;
                }
            },
        };
        self.saving = true;
        Decision::StayAndDo(vec![Effect::Plans(effect)])
    }

    fn answer(&mut self, question: Question, key: KeyEvent) -> Decision {
        match (key.code, question) {
            (KeyCode::Char('y' | 'Y'), Question::Leave) => {
                Decision::Do(vec![Effect::Plans(PlansEffect::KeepForm(None))])
            }
            (KeyCode::Char('y' | 'Y'), Question::BelowCost) => self.write(false),
            (KeyCode::Char('y' | 'Y'), Question::Duplicate(_)) => self.write(true),
            (KeyCode::Char('n' | 'N' | 'q') | KeyCode::Esc, _) => Decision::Stay,
            (_, question) => {
                self.question = Some(question);
                Decision::Stay
            }
        }
    }

    /// Something of it was made; whether the form is done. Where a plan sells the same already, it asks.
    pub fn created(&mut self, created: &Created) -> bool {
        self.saving = false;
        if created.written.is_empty() {
            let of = created.duplicates.iter().flat_map(|line| line.duplicate_of.iter());
            self.question = Some(Question::Duplicate(of.map(|name| printable(name).into_owned()).collect()));
        }
        !created.written.is_empty()
    }

    /// It was not written.
    pub fn not_written(&mut self, reason: String) {
        self.saving = false;
        self.note = Some(reason);
    }
}
