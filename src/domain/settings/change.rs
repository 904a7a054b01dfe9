//! What an operator has typed over the settings, while others may change them.

use std::collections::BTreeMap;

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

impl SettingsChange {
    /// Nothing typed yet, over these settings.
    #[must_use]
    pub fn over(base: Settings) -> Self {
        Self { base, typed: BTreeMap::new() }
    }

    /// With what was typed earlier; what does not fit any more is left out.
    #[must_use]
    pub fn with(base: Settings, typed: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut change = Self::over(base);
        for (key, text) in typed {
            if let Some(setting) = Setting::of_key(&key) {
                // A draft of another version of the program may hold what this one does not take.
                drop(change.type_in(setting, &text));
            }
        }
        change
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

    /// What is typed, by key.
    pub fn typed(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.typed.iter().map(|(setting, text)| (setting.key(), text.as_str()))
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
