//! The names of the secrets.

/// See the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SecretName {
    /// The application's secret.
    CpvAppSecret,
    /// What stays signed in to Partner Center.
    RefreshToken,
    /// The password of the mail server.
    SmtpPassword,
    /// The secret of the app that opens the key vault, where that is not the CPV app.
    KeyVaultSecret,
}

impl SecretName {
    /// Every secret.
    pub const ALL: [Self; 4] =
        [Self::CpvAppSecret, Self::RefreshToken, Self::SmtpPassword, Self::KeyVaultSecret];

    /// No secret is longer, in bytes; what is has been given by mistake.
    pub const LONGEST: usize = 64 << 10;

    /// The name, as in `settings secret NAME`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CpvAppSecret => "cpv_app_secret",
            Self::RefreshToken => "refresh_token",
            Self::SmtpPassword => "smtp_password",
            Self::KeyVaultSecret => "key_vault_secret",
        }
    }

    /// The secret of that name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|name| name.as_str() == text)
    }
}
