//! Every command of the tab Settings and of its layers, and every key on them.

use std::collections::BTreeSet;

use super::settings::{attempt, code, consent, desk, new_desk};
use crate::jobs::check::{Outcome, Step, StepResult};
use crate::ui::action::Action;
use crate::ui::commands::{Context, all};
use crate::ui::event::Event;
use crate::ui::layers::Layer;
use crate::ui::messages::settings::SettingsEvent;
use crate::ui::widgets::grid::Move;

/// What a command may do: ask for something, open or close a layer, say something, or change what is drawn.
#[test]
fn no_command_is_silent() {
    for command in all() {
        let mut desk = desk();
        match command.context {
            Context::Settings => {}
            Context::Consent => {
                consent(&mut desk);
                if command.action == Action::Qr {
                    let event = SettingsEvent::Consent(attempt(&desk), code());
                    desk.event(Event::Settings(event));
                }
                if command.action == Action::Retry {
                    let event = SettingsEvent::Consented(attempt(&desk), Err(Some("no".to_owned())));
                    desk.event(Event::Settings(event));
                }
            }
            Context::Check => {
                desk.press("t");
                let text = "word ".repeat(2000);
                let result = StepResult { step: Step::Token, outcome: Outcome::Failed, text };
                desk.event(Event::Settings(SettingsEvent::Step(result)));
                desk.event(Event::Settings(SettingsEvent::Checked(Ok(()))));
            }
            _ => continue,
        }
        let is_long = command.context == Context::Consent && matches!(command.action, Action::Go(_));
        let (width, height) = if is_long { (60, 15) } else { (120, 40) };
        desk.frame(width, height);
        if matches!(command.action, Action::Go(Move::Up | Move::PageUp | Move::Top)) {
            desk.press("j");
        }
        let before = desk.frame(width, height);
        let layers = desk.app.layers.len();
        let effects = desk.press(command.keys[0]);
        let after = desk.frame(width, height);
        assert!(
            !effects.is_empty() || before != after || layers != desk.app.layers.len(),
            "{} ({}) does nothing and says nothing in {:?}",
            command.keys[0],
            command.title,
            command.context
        );
    }
}

#[test]
fn every_key_is_harmless_everywhere() {
    let keys: BTreeSet<&str> = all().flat_map(|c| c.keys.iter().copied()).collect();
    for before in ["", "c", "t", "V", "Enter", "j Enter", "j j Enter", "G k Enter"] {
        for name in &keys {
            for mut desk in [desk(), new_desk()] {
                desk.press(before);
                desk.press(name);
                desk.press(name);
                desk.frame(60, 15);
            }
        }
    }
    let mut desk = desk();
    consent(&mut desk);
    for name in &keys {
        if desk.app.layers.iter().any(|layer| matches!(layer, Layer::Consent(_))) {
            desk.press(name);
            desk.frame(60, 15);
        } else {
            consent(&mut desk);
        }
    }
}
