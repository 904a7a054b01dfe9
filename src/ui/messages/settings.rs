//! What the tab Settings asks of the world, and what it hears back.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

use crate::domain::record::Versioned;
use crate::domain::settings::{Setting, Settings, TypedSetting};
use crate::jobs::check::StepResult;
use crate::jobs::consent::{Consented, Stage};
use crate::jobs::overview::Overview;
use crate::jobs::settings::{Saved, TypedOver};
use crate::store::SecretName;

/// A secret on its way; nothing shows it.
#[derive(Clone)]
pub struct Hidden(pub SecretString);

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hidden")
    }
}

impl PartialEq for Hidden {
    fn eq(&self, other: &Self) -> bool {
        self.0.expose_secret() == other.0.expose_secret()
    }
}

/// What a secret is read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reveal {
    /// It is shown.
    Show,
    /// It goes to the terminal's clipboard without being shown.
    Copy,
}

/// Typed values, not saved yet; no secrets.
pub type TypedSettings = Vec<TypedSetting>;

/// One request.
#[derive(Debug, PartialEq)]
pub enum SettingsEffect {
    /// Read what is shown.
    Read,
    /// Save settings and secrets.
    Save {
        /// As they were read.
        before: Box<Versioned<Settings>>,
        /// As they are to be.
        settings: Box<Settings>,
        /// Secrets that were typed.
        secrets: Vec<(SecretName, Hidden)>,
        /// When those that they were typed over had been set.
        typed_over: TypedOver,
        /// Whether secrets are left behind that the vault does not give.
        leaves_secrets: bool,
    },
    /// Keep what is typed, for a session that ends.
    Keep(TypedSettings),
    /// Forget a secret.
    Forget(SecretName),
    /// Go through the check.
    Check,
    /// Stop it.
    StopCheck,
    /// Ask for the partner consent.
    Consent {
        /// Which attempt; what is heard of another one is not this one's.
        attempt: u64,
        /// The partner's domain.
        domain: String,
    },
    /// The address that the browser ended on.
    Paste(Hidden),
    /// A device code is wanted instead.
    AskForCode,
    /// Give the consent up.
    StopConsent,
    /// Renew the refresh token. One that nobody asked for tells of failures only.
    Renew {
        /// Whether the operator asked for it.
        asked: bool,
    },
    /// Read the refresh token to show or copy it.
    Reveal(Reveal),
}

/// What was done or read.
#[derive(Debug)]
pub enum SettingsEvent {
    /// What is stored, and on the first read what was typed before the last session ended.
    Read(Box<Overview>, Option<TypedSettings>),
    /// Settings and secrets are saved.
    Saved(Saved),
    /// Somebody else was first; nothing is saved. The sentence says who.
    Conflict(String),
    /// They could not be saved; what was typed is still there.
    NotSaved(String),
    /// A step of the check ended.
    Step(StepResult),
    /// The check ended, or could not be made.
    Checked(Result<(), String>),
    /// This attempt at a consent moved.
    Consent(u64, Stage),
    /// It ended; without a reason where it was cancelled here.
    Consented(u64, Result<Consented, Option<String>>),
    /// The refresh token, for what it was asked for.
    Revealed(Reveal, Hidden),
}

/// What is typed on the tab.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettingsAsk {
    /// A setting.
    Setting(Setting),
    /// The address that the browser ended on.
    Redirect,
}

/// What is chosen on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SettingsChoice {
    /// A setting's value, as `settings set` takes it.
    Setting(Setting, &'static str),
    /// Whether what is typed stays where another operator has changed the same setting.
    Clash {
        /// Which.
        setting: Setting,
        /// Ours stays.
        keep: bool,
    },
}
