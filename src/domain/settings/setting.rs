//! Every setting: its key, what it is called, where an operator finds its value, and of what kind that is.

use super::{AzureBilling, MfaMethod, Settings, Tier};

/// One of the CSP settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the table below gives each its key and its meaning")]
pub enum Setting {
    CpvAppId,
    MfaMethod,
    KeyVaultUrl,
    KeyVaultIdentity,
    VaultAppSecret,
    VaultRefreshToken,
    VaultSmtpPassword,
    Tier,
    MicrosoftId,
    CspUserId,
    CspDomain,
    CheckDomain,
    EnableMca,
    RegenerationDays,
    AzureBilling,
    RegistrationCountries,
}

/// What a setting's value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A text that is typed.
    Text,
    /// Yes or no.
    Flag,
    /// One of these.
    Choice(&'static [Choice]),
    /// Any number of countries.
    Countries,
}

/// A value of a setting that has few.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    /// As `settings set` takes it.
    pub word: &'static str,
    /// For people.
    pub title: &'static str,
}

const MFA_METHODS: &[Choice] = &[
    Choice { word: "manual", title: "manual (here, encrypted)" },
    Choice { word: "key_vault", title: "Azure Key Vault (advised)" },
];

const TIERS: &[Choice] = &[
    Choice { word: "direct", title: "Tier 1, direct bill" },
    Choice { word: "indirect", title: "Tier 2, indirect provider" },
];

const AZURE_RATES: &[Choice] = &[
    Choice { word: "unit_price", title: "unit price" },
    Choice { word: "effective_unit_price", title: "unit price after earned credit" },
    Choice { word: "retail_price", title: "retail price" },
];

impl Setting {
    /// Every setting, in the order of the form.
    pub const ALL: [Self; 16] = [
        Self::CpvAppId,
        Self::MfaMethod,
        Self::KeyVaultUrl,
        Self::KeyVaultIdentity,
        Self::VaultAppSecret,
        Self::VaultRefreshToken,
        Self::VaultSmtpPassword,
        Self::Tier,
        Self::MicrosoftId,
        Self::CspUserId,
        Self::CspDomain,
        Self::CheckDomain,
        Self::EnableMca,
        Self::RegenerationDays,
        Self::AzureBilling,
        Self::RegistrationCountries,
    ];

    /// Its name in `settings set` and in JSON.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::CpvAppId => "cpv_app_id",
            Self::MfaMethod => "mfa_method",
            Self::KeyVaultUrl => "key_vault_url",
            Self::KeyVaultIdentity => "key_vault_identity",
            Self::VaultAppSecret => "key_vault_name_cpv_app_secret",
            Self::VaultRefreshToken => "key_vault_name_refresh_token",
            Self::VaultSmtpPassword => "key_vault_name_smtp_password",
            Self::Tier => "tier",
            Self::MicrosoftId => "microsoft_id",
            Self::CspUserId => "csp_user_id",
            Self::CspDomain => "csp_domain",
            Self::CheckDomain => "check_domain_availability",
            Self::EnableMca => "enable_mca",
            Self::RegenerationDays => "refresh_token_regeneration_days",
            Self::AzureBilling => "azure_billing_calculation",
            Self::RegistrationCountries => "registration_id_countries",
        }
    }

    /// The setting with that key.
    #[must_use]
    pub fn of_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|setting| setting.key() == key)
    }

    /// Its name in the form.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::CpvAppId => "CPV App ID",
            Self::MfaMethod => "MFA method",
            Self::KeyVaultUrl => "Key Vault",
            Self::KeyVaultIdentity => "Vault access",
            Self::VaultAppSecret => "Name of app secret",
            Self::VaultRefreshToken => "Name of token",
            Self::VaultSmtpPassword => "Name of SMTP pw",
            Self::Tier => "Tier",
            Self::MicrosoftId => "CSP Microsoft ID",
            Self::CspUserId => "CSP user ID",
            Self::CspDomain => "CSP domain",
            Self::CheckDomain => "Check domain",
            Self::EnableMca => "Enable MCA",
            Self::RegenerationDays => "Renew token after",
            Self::AzureBilling => "Azure billing",
            Self::RegistrationCountries => "Registration ID in",
        }
    }

    /// What it is for and where its value is found, in a line or two.
    #[must_use]
    pub fn hint(self) -> &'static str {
        match self {
            Self::CpvAppId => {
                "Partner Center > Account settings > App management, or Entra > App registrations: the application (client) ID"
            }
            Self::MfaMethod => {
                "where the app's secret and the refresh token are kept: in the store, encrypted, or in Azure Key Vault, as Microsoft recommends"
            }
            Self::KeyVaultUrl => {
                "Azure portal > your key vault > Overview > Vault URI, such as https://contoso.vault.azure.net"
            }
            Self::KeyVaultIdentity => {
                "managed, managed:CLIENT-ID, app (the CPV app) or app:CLIENT-ID; it needs the role Key Vault Secrets Officer on the vault"
            }
            Self::VaultAppSecret => "the name that the app's secret has in the vault: letters, digits and -",
            Self::VaultRefreshToken => {
                "the name that the refresh token has in the vault: letters, digits and -"
            }
            Self::VaultSmtpPassword => {
                "the name that the mail server's password has in the vault: letters, digits and -"
            }
            Self::Tier => {
                "Partner Center > Account settings > Organization profile > Programs: direct bill partner, or indirect provider with resellers"
            }
            Self::MicrosoftId => {
                "Partner Center > Account settings > Organization profile > Identifiers > CSP: Microsoft ID, a GUID"
            }
            Self::CspUserId => {
                "who gives the consent, an Admin Agent: the user name such as admin@contoso.com, or Entra > Users > Object ID"
            }
            Self::CspDomain => {
                "Partner Center > Account settings > Organization profile > Default domain, such as contoso.onmicrosoft.com"
            }
            Self::CheckDomain => {
                "whether a new customer's domain is looked up at Microsoft before it is ordered"
            }
            Self::EnableMca => {
                "whether the Microsoft Customer Agreement is confirmed for new customers; Microsoft sells nothing without it"
            }
            Self::RegenerationDays => {
                "days, 1 to 89: the refresh token is renewed at this age, and whenever it is used; it lapses after 90 days without use"
            }
            Self::AzureBilling => {
                "which rate Azure usage is charged at: unit price, unit price after partner-earned credit, or retail price"
            }
            Self::RegistrationCountries => {
                "countries whose customers need a company registration ID; those that Microsoft asks it for are ticked at first"
            }
        }
    }

    /// What its value is.
    #[must_use]
    pub fn kind(self) -> Kind {
        match self {
            Self::CheckDomain | Self::EnableMca => Kind::Flag,
            Self::MfaMethod => Kind::Choice(MFA_METHODS),
            Self::Tier => Kind::Choice(TIERS),
            Self::AzureBilling => Kind::Choice(AZURE_RATES),
            Self::RegistrationCountries => Kind::Countries,
            _ => Kind::Text,
        }
    }

    /// Whether it matters only where the secrets are in a vault.
    #[must_use]
    pub fn is_of_key_vault(self) -> bool {
        matches!(
            self,
            Self::KeyVaultUrl
                | Self::KeyVaultIdentity
                | Self::VaultAppSecret
                | Self::VaultRefreshToken
                | Self::VaultSmtpPassword
        )
    }
}

impl Settings {
    /// A setting as `settings set` takes it; empty where it is not set.
    #[must_use]
    pub fn text(&self, setting: Setting) -> String {
        let optional = |text: &Option<String>| text.clone().unwrap_or_default();
        match setting {
            Setting::CpvAppId => optional(&self.cpv_app_id),
            Setting::MfaMethod => match self.mfa_method {
                MfaMethod::Manual => "manual".to_owned(),
                MfaMethod::KeyVault => "key_vault".to_owned(),
            },
            Setting::KeyVaultUrl => optional(&self.key_vault_url),
            Setting::KeyVaultIdentity => self.key_vault_identity.to_string(),
            Setting::VaultAppSecret => self.key_vault_name_cpv_app_secret.clone(),
            Setting::VaultRefreshToken => self.key_vault_name_refresh_token.clone(),
            Setting::VaultSmtpPassword => self.key_vault_name_smtp_password.clone(),
            Setting::Tier => match self.tier {
                Tier::Direct => "direct".to_owned(),
                Tier::Indirect => "indirect".to_owned(),
            },
            Setting::MicrosoftId => optional(&self.microsoft_id),
            Setting::CspUserId => optional(&self.csp_user_id),
            Setting::CspDomain => optional(&self.csp_domain),
            Setting::CheckDomain => self.check_domain_availability.to_string(),
            Setting::EnableMca => self.enable_mca.to_string(),
            Setting::RegenerationDays => self.refresh_token_regeneration_days.to_string(),
            Setting::AzureBilling => match self.azure_billing_calculation {
                AzureBilling::UnitPrice => "unit_price".to_owned(),
                AzureBilling::EffectiveUnitPrice => "effective_unit_price".to_owned(),
                AzureBilling::RetailPrice => "retail_price".to_owned(),
            },
            Setting::RegistrationCountries => {
                let countries: Vec<&str> =
                    self.registration_id_countries.iter().map(String::as_str).collect();
                countries.join(",")
            }
        }
    }

    /// A setting for people: a choice by its title, a flag as yes or no, `-` where it is not set.
    #[must_use]
    pub fn shown(&self, setting: Setting) -> String {
        let text = self.text(setting);
        match setting.kind() {
            Kind::Choice(choices) => {
                let choice = choices.iter().find(|choice| choice.word == text);
                choice.map_or(text, |choice| choice.title.to_owned())
            }
            Kind::Flag => if text == "true" { "yes" } else { "no" }.to_owned(),
            Kind::Countries if text.is_empty() => "no country".to_owned(),
            Kind::Countries => text.replace(',', " "),
            Kind::Text if text.is_empty() => "-".to_owned(),
            Kind::Text if setting == Setting::RegenerationDays => format!("{text} days"),
            Kind::Text => text,
        }
    }
}
