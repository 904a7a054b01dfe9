//! The rows of the form: settings and secrets in their order.

use std::borrow::Cow;

use super::SettingsScreen;
use crate::domain::settings::{KeyVaultIdentity, MfaMethod, Setting, Settings};
use crate::domain::text::printable;
use crate::store::{SecretInfo, SecretName, SecretPlace};
use crate::ui::widgets::field_list::{Field, Mark, Value};

/// One row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Row {
    Setting(Setting),
    Secret(SecretName),
}

/// The rows that matter by these settings.
pub(super) fn rows(settings: &Settings) -> Vec<Row> {
    let in_vault = settings.mfa_method == MfaMethod::KeyVault;
    let mut rows = Vec::new();
    for setting in Setting::ALL {
        if setting.is_of_key_vault() && !in_vault {
            continue;
        }
        rows.push(Row::Setting(setting));
        match setting {
            Setting::CpvAppId => rows.push(Row::Secret(SecretName::CpvAppSecret)),
            Setting::MfaMethod if !in_vault => rows.push(Row::Secret(SecretName::RefreshToken)),
            Setting::KeyVaultIdentity
                if matches!(settings.key_vault_identity, KeyVaultIdentity::AppOf(_)) =>
            {
                rows.push(Row::Secret(SecretName::KeyVaultSecret));
            }
            Setting::VaultSmtpPassword => rows.push(Row::Secret(SecretName::RefreshToken)),
            Setting::RegistrationCountries => rows.push(Row::Secret(SecretName::SmtpPassword)),
            _ => {}
        }
    }
    rows
}

/// What a secret is called in the form.
pub(super) fn secret_label(name: SecretName) -> &'static str {
    match name {
        SecretName::CpvAppSecret => "CPV App Secret",
        SecretName::RefreshToken => "Refresh token",
        SecretName::SmtpPassword => "Mail password",
        SecretName::KeyVaultSecret => "Vault app's secret",
    }
}

/// What a secret is for and where its value is found.
fn secret_hint(name: SecretName) -> &'static str {
    match name {
        SecretName::CpvAppSecret => {
            "Entra > App registrations > your app > Certificates & secrets: the secret's Value (not its ID), shown once when it is made"
        }
        SecretName::RefreshToken => {
            "c gets one by the partner consent; V shows it, y copies it without showing it, n renews it. One that you have can be typed in"
        }
        SecretName::SmtpPassword => {
            "the password of smtp.user at the mail server of the configuration; none is needed without"
        }
        SecretName::KeyVaultSecret => {
            "the secret of the app that opens the key vault; it is kept here, encrypted, as it can't be in the vault"
        }
    }
}

impl Row {
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Setting(setting) => setting.label(),
            Self::Secret(name) => secret_label(name),
        }
    }

    pub(super) fn hint(self) -> &'static str {
        match self {
            Self::Setting(setting) => setting.hint(),
            Self::Secret(name) => secret_hint(name),
        }
    }
}

impl SettingsScreen {
    /// A row as the form draws it.
    pub(super) fn field(&self, row: Row, settings: &Settings) -> Field<'static> {
        let (value, mark) = match row {
            Row::Setting(setting) => {
                let clashes = self.clashes.iter().any(|clash| clash.setting == setting);
                let mark = match (clashes, self.change.is_typed(setting)) {
                    (true, _) => Mark::Wrong,
                    (false, true) => Mark::Edited,
                    (false, false) => Mark::None,
                };
                (Value::Chosen(Cow::Owned(settings.shown(setting))), mark)
            }
            Row::Secret(name) => {
                let info = self.overview.as_ref().and_then(|overview| overview.secret(name));
                match (self.secrets.contains_key(&name), info) {
                    (true, _) => (Value::Secret(Cow::Borrowed("typed, not saved")), Mark::Edited),
                    (false, Some(info)) => {
                        let mark = if info.refused.is_some() { Mark::Wrong } else { Mark::None };
                        (Value::Secret(Cow::Owned(about(name, info))), mark)
                    }
                    (false, None) => (Value::Chosen(Cow::Borrowed("-")), Mark::None),
                }
            }
        };
        Field { label: row.label(), value, mark, note: "" }
    }
}

/// Since when a secret is there, and where.
fn about(name: SecretName, info: &SecretInfo) -> String {
    let day = info.set_at.strftime("%Y-%m-%d");
    let place = match info.place {
        SecretPlace::Store => "",
        SecretPlace::KeyVault { .. } => " in the vault",
    };
    if name == SecretName::RefreshToken && info.obtained.as_ref().is_some_and(|o| o.at != info.set_at) {
        return format!("renewed {day}{place}");
    }
    format!("{day}{place} by {}", printable(&info.set_by))
}
