//! From a typed text to a setting's value.

use url::Url;

use super::{AzureBilling, KeyVaultIdentity, MfaMethod, Setting, Settings, Tier};
use crate::domain::address::is_loopback;
use crate::domain::country::{asked_for_registration_id, name_of};
use crate::domain::text::printable;

/// Why a setting can't be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingError {
    /// No such key.
    #[error("there is no setting \"{key}\"; there are: {}", Setting::ALL.map(Setting::key).join(", "))]
    UnknownKey {
        /// As typed.
        key: String,
    },
    /// The value does not fit.
    #[error("{key} can't be \"{value}\": {expected} is expected")]
    BadValue {
        /// The setting.
        key: &'static str,
        /// As typed.
        value: String,
        /// What fits.
        expected: String,
    },
}

/// Longest value that an error repeats, in characters.
const SHOWN: usize = 60;

impl Settings {
    /// Sets one by its key; an empty value takes the setting away, or back to its default where it can't be empty.
    ///
    /// # Errors
    /// See [`SettingError`].
    pub fn set(&mut self, key: &str, value: &str) -> Result<(), SettingError> {
        match Setting::of_key(key) {
            Some(setting) => self.put(setting, value),
            None => {
                let key = printable(key).chars().take(SHOWN).collect();
                Err(SettingError::UnknownKey { key })
            }
        }
    }

    /// As [`Settings::set`].
    ///
    /// # Errors
    /// [`SettingError::BadValue`].
    pub fn put(&mut self, setting: Setting, value: &str) -> Result<(), SettingError> {
        let value = value.trim();
        let bad = |expected: String| SettingError::BadValue {
            key: setting.key(),
            value: printable(value).chars().take(SHOWN).collect(),
            expected,
        };
        if value.is_empty() {
            return self.put_default(setting);
        }
        match setting {
            Setting::CpvAppId => self.cpv_app_id = Some(guid(value).map_err(bad)?),
            Setting::MicrosoftId => self.microsoft_id = Some(guid(value).map_err(bad)?),
            Setting::CspDomain => self.csp_domain = Some(domain(value).map_err(bad)?),
            Setting::CspUserId => self.csp_user_id = Some(user(value).map_err(bad)?),
            Setting::KeyVaultUrl => self.key_vault_url = Some(vault(value).map_err(bad)?),
            Setting::KeyVaultIdentity => {
                self.key_vault_identity = KeyVaultIdentity::try_from(value.to_owned()).map_err(bad)?;
            }
            Setting::VaultAppSecret => self.key_vault_name_cpv_app_secret = vault_name(value).map_err(bad)?,
            Setting::VaultRefreshToken => {
                self.key_vault_name_refresh_token = vault_name(value).map_err(bad)?
            }
            Setting::VaultSmtpPassword => {
                self.key_vault_name_smtp_password = vault_name(value).map_err(bad)?
            }
            Setting::MfaMethod => {
                let known = [("manual", MfaMethod::Manual), ("key_vault", MfaMethod::KeyVault)];
                self.mfa_method = one_of(value, &known).map_err(bad)?;
            }
            Setting::Tier => {
                let known = [("direct", Tier::Direct), ("indirect", Tier::Indirect)];
                self.tier = one_of(value, &known).map_err(bad)?;
            }
            Setting::AzureBilling => {
                let known = [
                    ("unit_price", AzureBilling::UnitPrice),
                    ("effective_unit_price", AzureBilling::EffectiveUnitPrice),
                    ("retail_price", AzureBilling::RetailPrice),
                ];
                self.azure_billing_calculation = one_of(value, &known).map_err(bad)?;
            }
            Setting::CheckDomain => self.check_domain_availability = flag(value).map_err(bad)?,
            Setting::EnableMca => self.enable_mca = flag(value).map_err(bad)?,
            Setting::RegenerationDays => {
                let days = value.parse().ok().filter(|days| (1..=89).contains(days));
                self.refresh_token_regeneration_days =
                    days.ok_or_else(|| bad("a number of days from 1 to 89".to_owned()))?;
            }
            Setting::RegistrationCountries => {
                self.registration_id_countries = match value.to_ascii_lowercase().as_str() {
                    "none" => Default::default(),
                    "default" => asked_for_registration_id().map(str::to_owned).collect(),
                    _ => value
                        .split([',', ' ', ';'])
                        .filter(|code| !code.is_empty())
                        .map(country)
                        .collect::<Result<_, _>>()
                        .map_err(bad)?,
                };
            }
        }
        Ok(())
    }

    fn put_default(&mut self, setting: Setting) -> Result<(), SettingError> {
        let default = Self::default();
        match setting {
            Setting::CpvAppId => self.cpv_app_id = None,
            Setting::MicrosoftId => self.microsoft_id = None,
            Setting::CspDomain => self.csp_domain = None,
            Setting::CspUserId => self.csp_user_id = None,
            Setting::KeyVaultUrl => self.key_vault_url = None,
            Setting::RegistrationCountries => self.registration_id_countries.clear(),
            other => return self.put(other, &default.text(other)),
        }
        Ok(())
    }
}

impl TryFrom<String> for KeyVaultIdentity {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let id = |text: &str| guid(text).ok();
        let identity = match text.trim().split_once(':') {
            None if text.trim() == "managed" => Some(Self::Managed),
            None if text.trim() == "app" => Some(Self::App),
            Some(("managed", client)) => id(client).map(Self::ManagedOf),
            Some(("app", client)) => id(client).map(Self::AppOf),
            _ => None,
        };
        identity.ok_or_else(|| "managed, managed:GUID, app or app:GUID".to_owned())
    }
}

fn one_of<T: Copy>(value: &str, known: &[(&'static str, T)]) -> Result<T, String> {
    known.iter().find(|(word, _)| *word == value).map(|(_, value)| *value).ok_or_else(|| {
        let words: Vec<&str> = known.iter().map(|(word, _)| *word).collect();
        words.join(" or ")
    })
}

fn flag(value: &str) -> Result<bool, String> {
    match value.to_ascii_lowercase().as_str() {
        "true" | "yes" => Ok(true),
        "false" | "no" => Ok(false),
        _ => Err("true or false".to_owned()),
    }
}

fn guid(value: &str) -> Result<String, String> {
    if is_guid(value) { Ok(value.to_lowercase()) } else { Err("a GUID".to_owned()) }
}

fn domain(value: &str) -> Result<String, String> {
    if is_domain(value) {
        Ok(value.to_lowercase())
    } else {
        Err("a domain such as contoso.onmicrosoft.com".to_owned())
    }
}

fn user(value: &str) -> Result<String, String> {
    let is_name = |text: &str| {
        text.split_once('@').is_some_and(|(name, domain)| {
            let plain = |c: char| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
            (1..=64).contains(&name.chars().count()) && name.chars().all(plain) && is_domain(domain)
        })
    };
    if is_guid(value) || is_name(value) {
        Ok(value.to_lowercase())
    } else {
        Err("a user name such as admin@contoso.com, or an object id".to_owned())
    }
}

/// Secrets are sent there, so it is `https`, but for this very machine.
fn vault(value: &str) -> Result<String, String> {
    let expected = || "an address such as https://contoso.vault.azure.net".to_owned();
    let url = Url::parse(value).map_err(|_| expected())?;
    let is_safe = url.scheme() == "https" || url.scheme() == "http" && is_loopback(&url);
    let is_bare = matches!(url.path(), "" | "/")
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    if is_safe && is_bare && url.has_host() {
        Ok(url.as_str().trim_end_matches('/').to_owned())
    } else {
        Err(expected())
    }
}

/// The names that Azure takes (<https://learn.microsoft.com/rest/api/keyvault/secrets/set-secret/set-secret>).
fn vault_name(value: &str) -> Result<String, String> {
    let fits =
        (1..=127).contains(&value.len()) && value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if fits { Ok(value.to_owned()) } else { Err("a name of letters, digits and -".to_owned()) }
}

fn country(code: &str) -> Result<String, String> {
    let code = code.to_ascii_uppercase();
    match name_of(&code) {
        Some(_) => Ok(code),
        None => Err("a list of country codes such as AE,IN,PL (or none, or default)".to_owned()),
    }
}

/// Whether a text has the form of a GUID.
#[must_use]
pub fn is_guid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(i, b)| match i {
            8 | 13 | 18 | 23 => b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
}

/// Whether a text has the form of a domain name.
#[must_use]
pub fn is_domain(text: &str) -> bool {
    text.len() <= 253
        && text.contains('.')
        && text.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        })
}
