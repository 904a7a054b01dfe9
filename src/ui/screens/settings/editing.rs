//! Editing: what a row takes, and what is typed into it.

use super::SettingsScreen;
use super::rows::{Row, secret_label};
use crate::domain::country;
use crate::domain::settings::{Kind, Setting};
use crate::store::{SecretName, SecretPlace};
use crate::ui::effect::Effect;
use crate::ui::layers::{Choose, ChooseMany, Confirm, Layer, Prompt, PromptFor, SecretPrompt};
use crate::ui::messages::settings::{Reveal, SettingsAsk, SettingsChoice, SettingsEffect};
use crate::ui::messages::{Ask, Choice, ManyChoice, SecretAsk};
use crate::ui::out::Out;
use crate::ui::widgets::grid::Move;

impl SettingsScreen {
    pub(super) fn edit(&mut self, out: &mut Out) {
        if self.overview.is_none() {
            return;
        }
        let settings = self.change.settings();
        match self.at {
            Row::Secret(name) => {
                let label = format!("{}: ", secret_label(name));
                out.open(Layer::SecretPrompt(SecretPrompt::new(SecretAsk::Settings(name), label)));
            }
            Row::Setting(setting) => match setting.kind() {
                Kind::Text => {
                    let ask = Ask::Settings(SettingsAsk::Setting(setting));
                    let label = format!("{}: ", setting.label());
                    out.open(Layer::Prompt(Prompt::new(
                        PromptFor::Value(ask),
                        label,
                        &settings.text(setting),
                    )));
                }
                Kind::Flag => self.toggle(out),
                Kind::Choice(choices) => {
                    let text = settings.text(setting);
                    let now = choices.iter().position(|choice| choice.word == text).unwrap_or(0);
                    let listed = choices.iter().map(|choice| {
                        let chosen = SettingsChoice::Setting(setting, choice.word);
                        (choice.title.to_owned(), Choice::Settings(chosen))
                    });
                    out.open(Layer::Choose(Choose::new(setting.label().to_owned(), listed.collect(), now)));
                }
                Kind::Countries => {
                    let named = country::all().map(|(code, name)| (name.to_owned(), code.to_owned()));
                    out.open(Layer::ChooseMany(ChooseMany::new(
                        "Company registration ID in",
                        named.collect(),
                        &settings.registration_id_countries,
                        ManyChoice::RegistrationIdCountries,
                    )));
                }
            },
        }
    }

    /// Turns a yes into a no.
    pub(super) fn toggle(&mut self, out: &mut Out) {
        let Row::Setting(setting) = self.at else { return self.edit(out) };
        if setting.kind() != Kind::Flag {
            return self.edit(out);
        }
        let turned = if self.change.settings().text(setting) == "true" { "false" } else { "true" };
        // Either is taken.
        drop(self.change.type_in(setting, turned));
        self.keep(out);
    }

    /// Takes a typed value, and goes on to the next row.
    pub(super) fn type_in(&mut self, setting: Setting, text: &str, out: &mut Out) -> Result<(), String> {
        self.change.type_in(setting, text).map_err(|error| error.to_string())?;
        self.clashes.retain(|clash| clash.setting != setting || self.change.is_typed(setting));
        self.keep(out);
        self.go(Move::Down);
        Ok(())
    }

    /// Gives up what is typed in the row under the cursor.
    pub(super) fn take_back(&mut self, out: &mut Out) {
        match self.at {
            Row::Setting(setting) if self.change.is_typed(setting) => {
                self.change.take_theirs(setting);
                self.clashes.retain(|clash| clash.setting != setting);
                self.keep(out);
            }
            Row::Secret(name) if self.secrets.remove(&name).is_some() => {
                self.typed_over.remove(&name);
            }
            _ => out.done("nothing is typed in this row"),
        }
    }

    /// Has what is typed kept for a session that ends; secrets are not.
    pub(super) fn keep(&self, out: &mut Out) {
        let mut typed: Vec<_> = self.change.typed().collect();
        // What is not settled yet is asked about in the next session too.
        for clash in &self.clashes {
            if let Some(typed) = typed.iter_mut().find(|typed| typed.key == clash.setting.key()) {
                typed.before.clone_from(&clash.before);
            }
        }
        out.effect(Effect::Settings(SettingsEffect::Keep(typed)));
    }

    pub(super) fn copy(&self, out: &mut Out) {
        match self.at {
            Row::Setting(setting) => {
                out.effect(Effect::Copy(self.change.settings().text(setting)));
                out.done(format!("{} is copied", setting.label()));
            }
            Row::Secret(SecretName::RefreshToken) => {
                if self.has_token(out) {
                    out.effect(Effect::Settings(SettingsEffect::Reveal(Reveal::Copy)));
                }
            }
            Row::Secret(name) => out.done(format!("{} can be set, not read", secret_label(name))),
        }
    }

    pub(super) fn forget(&self, out: &mut Out) {
        let Row::Secret(name) = self.at else {
            return out.done("d forgets a secret; a setting is emptied by Enter and an empty text");
        };
        let Some(overview) = &self.overview else { return };
        match overview.secret(name).map(|info| &info.place) {
            None => return out.done(format!("{} is not set", secret_label(name))),
            Some(SecretPlace::KeyVault { .. }) => {
                return out.error(format!(
                    "{} is in the key vault: only there can it be deleted (az keyvault secret delete)",
                    secret_label(name)
                ));
            }
            Some(SecretPlace::Store) => {}
        }
        out.open(Layer::Confirm(Confirm::new(
            format!("Forget: {}", secret_label(name)),
            vec!["It is removed from the store. Forget it?".to_owned()],
            vec![Effect::Settings(SettingsEffect::Forget(name))],
        )));
    }
}
