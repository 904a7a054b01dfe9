//! What an operator has typed over the settings, while others may change them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Setting, SettingError, Settings};

/// Typed values over the settings that they were typed over.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SettingsChange {
    base: Settings,
    typed: BTreeMap<Setting, String>,
}

/// A setting that somebody else has changed since it was typed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clash {
    /// Which one.
    pub setting: Setting,
    /// As it was when it was typed over.
    pub before: String,
    /// As it is stored now.
    pub theirs: String,
    /// As it is typed.
    pub ours: String,
}

/// A typed value, for a later session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TypedSetting {
    /// The setting's key.
    pub key: String,
    /// As it was when it was typed over.
    pub before: String,
    /// As it is typed.
    pub text: String,
}

impl SettingsChange {
    /// Nothing typed yet, over these settings.
    #[must_use]
    pub fn over(base: Settings) -> Self {
        Self { base, typed: BTreeMap::new() }
    }

    /// What was typed in an earlier session, over the settings as they are stored now, with what somebody else has changed of that
    /// since; what does not fit any more is left out.
    #[must_use]
    pub fn taken_up(stored: Settings, typed: impl IntoIterator<Item = TypedSetting>) -> (Self, Vec<Clash>) {
        let of_key = |typed: TypedSetting| Setting::of_key(&typed.key).map(|setting| (setting, typed));
        let typed: Vec<(Setting, TypedSetting)> = typed.into_iter().filter_map(of_key).collect();
        let mut base = stored.clone();
        for (setting, TypedSetting { before, .. }) in &typed {
            // A draft of another version of the program may hold what this one does not take.
            drop(base.put(*setting, before));
        }
        let mut change = Self::over(base);
        for (setting, TypedSetting { text, .. }) in &typed {
            drop(change.type_in(*setting, text));
        }
        let clashes = change.rebase(stored);
        (change, clashes)
    }

    /// The settings with what is typed.
    #[must_use]
    pub fn settings(&self) -> Settings {
        let mut settings = self.base.clone();
        for (setting, text) in &self.typed {
            // It was taken when it was typed.
            drop(settings.put(*setting, text));
        }
        settings
    }

    /// Takes a typed value; one that is as stored is no change.
    ///
    /// # Errors
    /// When it does not fit.
    pub fn type_in(&mut self, setting: Setting, text: &str) -> Result<(), SettingError> {
        let mut changed = self.base.clone();
        changed.put(setting, text)?;
        if changed.text(setting) == self.base.text(setting) {
            self.typed.remove(&setting);
        } else {
            self.typed.insert(setting, changed.text(setting));
        }
        Ok(())
    }

    /// Whether a setting is typed over.
    #[must_use]
    pub fn is_typed(&self, setting: Setting) -> bool {
        self.typed.contains_key(&setting)
    }

    /// Whether nothing is typed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.typed.is_empty()
    }

    /// What is typed, and over what.
    pub fn typed(&self) -> impl Iterator<Item = TypedSetting> {
        self.typed.iter().map(|(setting, text)| TypedSetting {
            key: setting.key().to_owned(),
            before: self.base.text(*setting),
            text: text.clone(),
        })
    }

    /// Takes the settings as they are stored now, keeping what is typed; returns what somebody else has changed of that.
    pub fn rebase(&mut self, stored: Settings) -> Vec<Clash> {
        let before = std::mem::replace(&mut self.base, stored);
        let base = &self.base;
        let mut clashes = Vec::new();
        self.typed.retain(|setting, ours| {
            let (before, theirs) = (before.text(*setting), base.text(*setting));
            let same = theirs == *ours;
            if !same && theirs != before {
                clashes.push(Clash { setting: *setting, before, theirs, ours: ours.clone() });
            }
            !same
        });
        clashes
    }

    /// Gives up what is typed for a setting.
    pub fn take_theirs(&mut self, setting: Setting) {
        self.typed.remove(&setting);
    }

    /// Gives up all that is typed.
    pub fn clear(&mut self) {
        self.typed.clear();
    }
}
