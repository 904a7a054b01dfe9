//! Saving, and what is heard of it and of what others save.

use secrecy::SecretString;

use super::rows::Row;
use super::{Saving, SettingsScreen};
use crate::domain::settings::{Setting, SettingsChange, told};
use crate::domain::text::counted;
use crate::domain::token::Token;
use crate::jobs::overview::Overview;
use crate::jobs::settings::{Saved, moves_secrets, takes_from_vault};
use crate::store::SecretName;
use crate::ui::effect::Effect;
use crate::ui::layers::{Choose, Confirm, Layer, RevealLayer};
use crate::ui::messages::Choice;
use crate::ui::messages::settings::{
    Hidden, Reveal, SettingsChoice, SettingsEffect, SettingsEvent, TypedSettings,
};
use crate::ui::out::Out;

impl SettingsScreen {
    pub(super) fn save(&mut self, out: &mut Out) {
        let Some(overview) = &self.overview else { return };
        if self.change.is_empty() && self.secrets.is_empty() {
            return out.done("nothing is changed");
        }
        if let Some(clash) = self.clashes.first() {
            let setting = clash.setting;
            let choice = |keep| Choice::Settings(SettingsChoice::Clash { setting, keep });
            let choices = vec![
                (format!("keep yours: {}", clash.ours), choice(true)),
                (format!("take theirs: {}", clash.theirs), choice(false)),
            ];
            let heading = format!("{} was changed by another operator", setting.label());
            return out.open(Layer::Choose(Choose::new(heading, choices, 0)));
        }
        let settings = self.change.settings();
        let problems = settings.problems();
        if let Some((setting, _)) = problems.first() {
            self.at = Row::Setting(*setting);
            return out.error(told(&problems));
        }
        let hidden = |(name, secret): (&SecretName, &SecretString)| (*name, Hidden(secret.clone()));
        let save = |leaves_secrets| {
            Effect::Settings(SettingsEffect::Save {
                before: Box::new(overview.settings.clone()),
                settings: Box::new(settings.clone()),
                secrets: self.secrets.iter().map(hidden).collect(),
                typed_over: self.typed_over.iter().map(|(name, at)| (*name, *at)).collect(),
                leaves_secrets,
            })
        };
        let before = &overview.settings.value;
        if !moves_secrets(before, &settings) {
            return out.effect(save(false));
        }
        let question = Confirm::new(
            "Where the secrets are kept",
            vec![
                "App secret, refresh token and mail password move to their new place:".to_owned(),
                "into the key vault, or out of it into the store. Newer ones in the vault".to_owned(),
                "take the place of those here, which are gone then.".to_owned(),
                "Nothing is deleted in the vault. Save?".to_owned(),
            ],
            vec![save(false)],
        );
        let question = if takes_from_vault(before, &settings) {
            let text = "leave behind what the vault does not give; it is to be set anew";
            question.with_option('l', "leave", text, vec![save(true)])
        } else {
            question
        };
        out.open(Layer::Confirm(question));
    }

    /// A clash is settled; the next one is asked, and after the last one all is saved.
    pub(super) fn settle(&mut self, setting: Setting, keep: bool, out: &mut Out) {
        self.clashes.retain(|clash| clash.setting != setting);
        if !keep {
            self.change.take_theirs(setting);
        }
        self.keep(out);
        self.save(out);
    }

    /// Hears of what was done or read.
    pub fn heard(&mut self, event: SettingsEvent, out: &mut Out) {
        match event {
            SettingsEvent::Read(overview, typed) => self.read(*overview, typed, out),
            SettingsEvent::Saved(saved) => self.saved(&saved, out),
            SettingsEvent::Conflict(who) => {
                self.saving = Saving::Idle;
                out.effect(Effect::Settings(SettingsEffect::Read));
                out.error(format!("nothing was saved: {who}. Look at what is marked ! and save again"));
            }
            SettingsEvent::NotSaved(reason) => {
                self.saving = Saving::Idle;
                out.effect(Effect::Settings(SettingsEffect::Read));
                out.error(format!("nothing was saved: {reason}"));
            }
            SettingsEvent::Revealed(Reveal::Show, token) => {
                out.open(Layer::Reveal(RevealLayer::new(token.0)))
            }
            SettingsEvent::Revealed(Reveal::Copy, token) => {
                out.effect(Effect::CopySecret(token));
                out.done("the refresh token is copied, and that is noted in the audit record");
            }
            // Those are the layers'.
            SettingsEvent::Step(_)
            | SettingsEvent::Checked(_)
            | SettingsEvent::Consent(..)
            | SettingsEvent::Consented(..) => {}
        }
    }

    fn read(&mut self, overview: Overview, typed: Option<TypedSettings>, out: &mut Out) {
        if self.saving == Saving::Stored {
            self.saving = Saving::Idle;
        }
        let stored = overview.settings.value.clone();
        if let Some(typed) = typed {
            (self.change, self.clashes) = SettingsChange::taken_up(stored, typed);
            let count = counted(self.change.typed().count(), "setting");
            if !self.clashes.is_empty() {
                out.error(format!(
                    "{count}, typed before the last session ended, not saved; another operator has changed {} of them \
                     meanwhile: see Settings",
                    self.clashes.len()
                ));
            } else if !self.change.is_empty() {
                out.done(format!("{count}, typed before the last session ended, not saved: see Settings"));
            }
        } else {
            let clashes = self.change.rebase(stored);
            self.clashes.retain(|old| self.change.is_typed(old.setting));
            for clash in clashes {
                self.clashes.retain(|old| old.setting != clash.setting);
                self.clashes.push(clash);
            }
        }
        self.overview = Some(overview);
        if !self.rows().contains(&self.at) {
            self.at = Row::Setting(Setting::MfaMethod);
        }
    }

    /// What is read next has the new revision; until then nothing more is saved.
    fn saved(&mut self, saved: &Saved, out: &mut Out) {
        self.saving = Saving::Stored;
        self.change = SettingsChange::over(self.change.settings());
        self.secrets.clear();
        self.typed_over.clear();
        self.clashes.clear();
        self.keep(out);
        out.effect(Effect::Settings(SettingsEffect::Read));
        let moved: Vec<&str> = saved.moved.iter().map(|name| name.as_str()).collect();
        let moved = if moved.is_empty() { String::new() } else { format!("; moved: {}", moved.join(", ")) };
        match saved.remarks.as_slice() {
            [] => out.done(format!("saved{moved}")),
            remarks => out.error(format!("saved{moved}; {}", remarks.join("; "))),
        }
    }

    /// The token that is shown stands otherwise.
    pub fn token_moved(&mut self, out: &mut Out) {
        out.effect(Effect::Settings(SettingsEffect::Read));
    }

    /// Renews the token by itself once it is due.
    pub fn renew_if_due(&mut self, token: &Token, out: &mut Out) {
        let Token::Held(held) = token else { return };
        if held.is_to_be_renewed(self.now, self.renewed_at) {
            self.renewed_at = Some(self.now);
            out.effect(Effect::Settings(SettingsEffect::Renew { asked: false }));
        }
    }
}
