//! What Microsoft has against a sign-in.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The code of a refusal that is our own finding: Partner Center takes no token without multi-factor authentication
/// (<https://learn.microsoft.com/partner-center/security/partner-security-requirements-mandating-mfa>).
pub const MFA_MISSING: &str = "mfa_missing";

/// Microsoft refused a sign-in with the stored token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// When, UTC.
    pub at: Timestamp,
    /// OAuth's error, with Microsoft's number where it gave one: `invalid_grant, AADSTS700082`; or [`MFA_MISSING`].
    pub code: String,
}

/// Of what kind a refusal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// The token has expired: it was not used in time.
    Expired,
    /// Somebody revoked it, or changed the password.
    Revoked,
    /// It was obtained without multi-factor authentication, or that must be repeated.
    MfaMissing,
    /// Conditional Access ends sessions after a time.
    SignInFrequency,
    /// Conditional Access blocks the sign-in from this machine, or asks for another device.
    Blocked,
    /// The user who gave the consent is disabled, gone, or not assigned to the app.
    User,
    /// The token is refused for another reason.
    Token,
    /// The tenant of the settings is not known.
    Tenant,
    /// The app or its secret is refused; the token may be good.
    App,
}

impl Refusal {
    /// Whether the same holds for all that the token is exchanged for.
    #[must_use]
    pub fn outlives_renewal(&self) -> bool {
        self.code == MFA_MISSING
    }

    /// Whether it says nothing of token or app, and ends by itself: Microsoft saw the client in a loop of requests.
    #[must_use]
    pub fn passes_by_itself(&self) -> bool {
        self.code.ends_with(", AADSTS50196")
    }

    /// Whether any exchange that brings a new token disproves it: one for another audience says nothing of what this one may lack.
    #[must_use]
    pub fn is_disproved_by_renewal(&self) -> bool {
        self.holds_everywhere() && !self.outlives_renewal()
    }

    /// Whether it holds whatever the token is exchanged for, and not only for one audience, as a consent that is missing does.
    #[must_use]
    pub fn holds_everywhere(&self) -> bool {
        match self.trouble() {
            Trouble::Expired
            | Trouble::Revoked
            | Trouble::MfaMissing
            | Trouble::SignInFrequency
            | Trouble::User
            | Trouble::Tenant => true,
            Trouble::App => self.code.starts_with("invalid_client") || self.code.ends_with(", AADSTS700016"),
            Trouble::Blocked | Trouble::Token => false,
        }
    }

    /// Of what kind it is. Microsoft warns that its numbers may change, so OAuth's error decides what is refused, and the number
    /// only why (<https://learn.microsoft.com/entra/identity-platform/reference-error-codes>).
    #[must_use]
    pub fn trouble(&self) -> Trouble {
        let (error, number) = match self.code.split_once(", AADSTS") {
            Some((error, number)) => (error, number.parse::<u32>().ok()),
            None => (self.code.as_str(), None),
        };
        if error == MFA_MISSING {
            return Trouble::MfaMissing;
        }
        let is_of_the_grant = matches!(
            error,
            "invalid_grant"
                | "interaction_required"
                | "login_required"
                | "consent_required"
                | "access_denied"
        );
        match number {
            Some(90_002) if is_of_the_grant || error == "invalid_request" => Trouble::Tenant,
            _ if !is_of_the_grant => Trouble::App,
            Some(700_082 | 70_008 | 700_084) => Trouble::Expired,
            Some(50_173 | 50_132 | 50_133 | 50_055) => Trouble::Revoked,
            Some(50_076 | 50_078 | 50_079) => Trouble::MfaMissing,
            Some(70_043 | 70_044) => Trouble::SignInFrequency,
            Some(53_003 | 53_000 | 53_001 | 530_003 | 50_097 | 50_131) => Trouble::Blocked,
            Some(50_057 | 50_034 | 50_105) => Trouble::User,
            _ => Trouble::Token,
        }
    }
}

impl Trouble {
    /// A word for scripts.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::Revoked => "revoked",
            Self::MfaMissing => MFA_MISSING,
            Self::SignInFrequency => "sign_in_frequency",
            Self::Blocked => "blocked",
            Self::User => "user_refused",
            Self::Token => "refused",
            Self::Tenant => "tenant_unknown",
            Self::App => "app_refused",
        }
    }

    /// A few words for the header.
    #[must_use]
    pub fn headline(self) -> &'static str {
        match self {
            Self::Expired => "token expired",
            Self::Revoked => "token revoked",
            Self::MfaMissing => "token lacks MFA",
            Self::SignInFrequency => "session ended",
            Self::Blocked => "sign-in blocked",
            Self::User => "user refused",
            Self::Token => "token refused",
            Self::Tenant => "tenant unknown",
            Self::App => "sign-in refused",
        }
    }

    /// What it means and what to do.
    #[must_use]
    pub fn advice(self) -> &'static str {
        match self {
            Self::Expired => "Microsoft says that the refresh token has expired: redo the consent",
            Self::Revoked => {
                "Microsoft says that the refresh token was revoked, by an admin, a sign-out everywhere or a new password: redo the \
                 consent"
            }
            Self::MfaMissing => {
                "The token was obtained without multi-factor authentication, or Microsoft wants that again: register it for the user, \
                 and redo the consent"
            }
            Self::SignInFrequency => {
                "Conditional Access ended the session by its sign-in frequency: exempt the service account, then redo the consent"
            }
            Self::Blocked => {
                "Conditional Access blocks the sign-in from this machine: have the policy allow it, then renew the token"
            }
            Self::User => {
                "Microsoft refuses the user who gave the consent: enable that user and assign them to the app, then renew the token, or \
                 redo the consent as another"
            }
            Self::Token => "Microsoft refuses the refresh token: redo the consent",
            Self::Tenant => {
                "Microsoft does not know the tenant: correct the CSP Microsoft ID (or the CSP domain, where that is not set), then renew the token"
            }
            Self::App => "Microsoft refuses the app: check its id and the value of its secret",
        }
    }
}
