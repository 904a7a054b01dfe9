//! The CSP settings of a store: which partner, which app, which tier.

use serde::{Deserialize, Serialize};

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

/// The settings that are no secret. Keys in `settings set` are these names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// The application's id in Entra.
    pub cpv_app_id: Option<String>,
    /// Tier 1 or Tier 2.
    pub tier: Tier,
    /// The partner's tenant.
    pub microsoft_id: Option<String>,
    /// The partner's domain, such as `fabrikam-csp.onmicrosoft.com`.
    pub csp_domain: Option<String>,
}

/// Why a setting can't be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingError {
    /// No such key.
    #[error("there is no setting \"{key}\"; there are: {}", Settings::KEYS.join(", "))]
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
        expected: &'static str,
    },
}

impl Settings {
    /// Every key.
    pub const KEYS: [&'static str; 4] = ["cpv_app_id", "tier", "microsoft_id", "csp_domain"];

    /// Sets one key; an empty value takes the setting away.
    ///
    /// # Errors
    /// See [`SettingError`].
    pub fn set(&mut self, key: &str, value: &str) -> Result<(), SettingError> {
        let value = value.trim();
        let bad = |key, expected| SettingError::BadValue {
            key,
            value: super::text::printable(value).into_owned(),
            expected,
        };
        let some = (!value.is_empty()).then(|| value.to_owned());
        match key {
            "cpv_app_id" => {
                if some.is_some() && !is_guid(value) {
                    return Err(bad("cpv_app_id", "a GUID"));
                }
                self.cpv_app_id = some.map(|v| v.to_lowercase());
            }
            "microsoft_id" => {
                if some.is_some() && !is_guid(value) {
                    return Err(bad("microsoft_id", "a GUID"));
                }
                self.microsoft_id = some.map(|v| v.to_lowercase());
            }
            "csp_domain" => {
                if some.is_some() && !is_domain(value) {
                    return Err(bad("csp_domain", "a domain such as contoso.onmicrosoft.com"));
                }
                self.csp_domain = some.map(|v| v.to_lowercase());
            }
            "tier" => {
                self.tier = match value {
                    "direct" => Tier::Direct,
                    "indirect" => Tier::Indirect,
                    _ => return Err(bad("tier", "direct or indirect")),
                };
            }
            _ => {
                return Err(SettingError::UnknownKey { key: super::text::printable(key).into_owned() });
            }
        }
        Ok(())
    }

    /// The tenant to sign in to: the Microsoft ID, else the domain.
    #[must_use]
    pub fn tenant(&self) -> Option<&str> {
        self.microsoft_id.as_deref().or(self.csp_domain.as_deref())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_takes_what_fits_and_refuses_the_rest() {
        let guid = "5A1F0C3E-0000-4A4A-9C9C-1F2E3D4C5B6A";
        for (key, good, bad) in [
            ("cpv_app_id", guid, "5a1f"),
            ("microsoft_id", guid, "contoso"),
            ("csp_domain", "Contoso.onmicrosoft.com", "https://contoso.com/"),
            ("tier", "indirect", "2"),
        ] {
            let mut settings = Settings::default();
            settings.set(key, good).unwrap();
            assert_ne!(settings, Settings::default(), "{key}");
            let before = settings.clone();
            assert!(matches!(settings.set(key, bad), Err(SettingError::BadValue { .. })), "{key}");
            assert_eq!(settings, before, "{key}");
        }
        let error = Settings::default().set("teir", "direct").unwrap_err();
        assert!(error.to_string().contains("cpv_app_id, tier, microsoft_id, csp_domain"));
    }
}
