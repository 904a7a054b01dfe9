//! The CSP settings of a store: which partner, which app, which tier, where its secrets are, and how it sells.

mod change;
mod parse;
mod setting;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

pub use change::{Clash, SettingsChange, TypedSetting};
pub use parse::{SettingError, is_domain, is_guid};
pub use setting::{Choice, Kind, Setting};

use super::country::asked_for_registration_id;

/// How the partner buys from Microsoft.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// Tier 1: a direct-bill partner, which sells to customers.
    #[default]
    Direct,
    /// Tier 2: an indirect provider, which sells through resellers.
    Indirect,
}

/// Where the secrets of the multi-factor sign-in are kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MfaMethod {
    /// In the store, encrypted; somebody typed them or a consent brought them.
    #[default]
    Manual,
    /// In Azure Key Vault, which Microsoft recommends
    /// (<https://learn.microsoft.com/partner-center/developer/enable-secure-app-model>).
    KeyVault,
}

/// Which rate the usage of an Azure plan is charged at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AzureBilling {
    /// The partner's unit price.
    #[default]
    UnitPrice,
    /// The unit price after partner-earned credit.
    EffectiveUnitPrice,
    /// The price that a customer pays who buys from Microsoft.
    RetailPrice,
}

/// As whom Azure Key Vault is asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum KeyVaultIdentity {
    /// The managed identity that Azure gave this machine.
    #[default]
    Managed,
    /// The user-assigned managed identity with this client id.
    ManagedOf(String),
    /// The CPV app by client credentials. Its own secret is in the store then, for it opens the vault.
    App,
    /// Another app by client credentials, with a secret of its own in the store.
    AppOf(String),
}

impl fmt::Display for KeyVaultIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Managed => f.write_str("managed"),
            Self::ManagedOf(id) => write!(f, "managed:{id}"),
            Self::App => f.write_str("app"),
            Self::AppOf(id) => write!(f, "app:{id}"),
        }
    }
}

impl From<KeyVaultIdentity> for String {
    fn from(identity: KeyVaultIdentity) -> Self {
        identity.to_string()
    }
}

/// The settings that are no secret. Keys in `settings set` are these names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// The application's id in Entra.
    pub cpv_app_id: Option<String>,
    /// Where the secrets are.
    pub mfa_method: MfaMethod,
    /// The vault's address, where the secrets are in one.
    pub key_vault_url: Option<String>,
    /// As whom it is asked.
    pub key_vault_identity: KeyVaultIdentity,
    /// What the app's secret is called in the vault.
    pub key_vault_name_cpv_app_secret: String,
    /// What the refresh token is called in the vault.
    pub key_vault_name_refresh_token: String,
    /// What the password of the mail server is called in the vault.
    pub key_vault_name_smtp_password: String,
    /// Tier 1 or Tier 2.
    pub tier: Tier,
    /// The partner's tenant.
    pub microsoft_id: Option<String>,
    /// The user who gives the consent: a user name (`admin@contoso.com`) or an object id.
    pub csp_user_id: Option<String>,
    /// The partner's domain, such as `fabrikam-csp.onmicrosoft.com`.
    pub csp_domain: Option<String>,
    /// Whether a new customer's domain is looked up before it is ordered.
    pub check_domain_availability: bool,
    /// Whether the Microsoft Customer Agreement is confirmed for new customers.
    pub enable_mca: bool,
    /// After so many days the refresh token is renewed, 1 to 89: it lapses after 90 without use.
    pub refresh_token_regeneration_days: u32,
    /// Which rate Azure usage is charged at.
    pub azure_billing_calculation: AzureBilling,
    /// Countries (ISO 3166 alpha-2) whose customers are asked for their company registration ID.
    pub registration_id_countries: BTreeSet<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            cpv_app_id: None,
            mfa_method: MfaMethod::default(),
            key_vault_url: None,
            key_vault_identity: KeyVaultIdentity::default(),
            key_vault_name_cpv_app_secret: "cspdeck-cpv-app-secret".to_owned(),
            key_vault_name_refresh_token: "cspdeck-refresh-token".to_owned(),
            key_vault_name_smtp_password: "cspdeck-smtp-password".to_owned(),
            tier: Tier::default(),
            microsoft_id: None,
            csp_user_id: None,
            csp_domain: None,
            check_domain_availability: true,
            enable_mca: true,
            refresh_token_regeneration_days: 89,
            azure_billing_calculation: AzureBilling::default(),
            registration_id_countries: asked_for_registration_id().map(str::to_owned).collect(),
        }
    }
}

/// Problems of settings in a sentence, each behind the setting's name.
#[must_use]
pub fn told(problems: &[(Setting, &'static str)]) -> String {
    problems.iter().map(|(setting, why)| format!("{}: {why}", setting.label())).collect::<Vec<_>>().join("; ")
}

impl Settings {
    /// The tenant to sign in to: the Microsoft ID, else the domain.
    #[must_use]
    pub fn tenant(&self) -> Option<&str> {
        self.microsoft_id.as_deref().or(self.csp_domain.as_deref())
    }

    /// What is wrong with the settings as a whole, each with the one to change; nothing of that shows in one alone.
    #[must_use]
    pub fn problems(&self) -> Vec<(Setting, &'static str)> {
        let mut problems = Vec::new();
        if self.mfa_method == MfaMethod::KeyVault {
            if self.key_vault_url.is_none() {
                problems.push((
                    Setting::KeyVaultUrl,
                    "the secrets are in Azure Key Vault: its address is needed",
                ));
            }
            let names = [
                (Setting::VaultAppSecret, &self.key_vault_name_cpv_app_secret),
                (Setting::VaultRefreshToken, &self.key_vault_name_refresh_token),
                (Setting::VaultSmtpPassword, &self.key_vault_name_smtp_password),
            ];
            for (at, (setting, name)) in names.iter().enumerate() {
                if names.iter().take(at).any(|(_, other)| other.eq_ignore_ascii_case(name)) {
                    problems.push((*setting, "another secret has that name in the vault already"));
                }
            }
        }
        problems
    }
}
