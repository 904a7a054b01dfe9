//! What the tab Settings shows: the settings, what is known of the secrets, and how far a new user has come.

use super::settings::set_by_somebody;
use super::token;
use crate::domain::record::Versioned;
use crate::domain::settings::Settings;
use crate::domain::token::Token;
use crate::store::{LastCheck, ReadTxn, SecretInfo, SecretName, Store, StoreError};

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overview {
    /// The settings, with their revision.
    pub settings: Versioned<Settings>,
    /// What is known of each secret that is set.
    pub secrets: Vec<(SecretName, SecretInfo)>,
    /// How the refresh token stands.
    pub token: Token,
    /// How the last check ended.
    pub last_check: Option<LastCheck>,
    /// Whether there is a price sheet.
    pub has_sheets: bool,
    /// Whether there is a plan.
    pub has_plans: bool,
    /// Whether CSP data was read.
    pub has_data: bool,
}

impl Overview {
    /// What is known of a secret, if it is set.
    #[must_use]
    pub fn secret(&self, name: SecretName) -> Option<&SecretInfo> {
        self.secrets.iter().find(|(known, _)| *known == name).map(|(_, info)| info)
    }

    /// Whether the last check passed, and nothing was changed since.
    #[must_use]
    pub fn is_checked(&self) -> bool {
        self.last_check.as_ref().is_some_and(|check| {
            let settings_changed = self.settings.revision > 0 && self.settings.updated_at > check.at;
            // A renewal is no change: the check itself brings one.
            let is_changed = |info: &SecretInfo| {
                set_by_somebody(info) > check.at
                    || info.refused.as_ref().is_some_and(|refused| refused.at > check.at)
            };
            let secrets_changed = self.secrets.iter().any(|(_, info)| is_changed(info));
            check.failed.is_empty() && !settings_changed && !secrets_changed
        })
    }
}

/// Reads it at one moment of the store.
///
/// # Errors
/// When the store can't be read.
pub fn read(store: &Store) -> Result<Overview, StoreError> {
    store.read(of)
}

fn of(txn: &ReadTxn) -> Result<Overview, StoreError> {
    let mut secrets = Vec::new();
    for name in SecretName::ALL {
        secrets.extend(txn.secret_info(name)?.map(|info| (name, info)));
    }
    Ok(Overview {
        settings: txn.settings()?,
        secrets,
        token: token::standing(txn)?,
        last_check: txn.last_check()?,
        has_sheets: !txn.sheets()?.is_empty(),
        has_plans: !txn.plans()?.is_empty(),
        has_data: txn.snapshot()?.is_some(),
    })
}
