//! What can go wrong with a consent beside the sign-in itself.

use crate::partner_center::consent::RedirectError;

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConsentError {
    /// No domain of a partner.
    #[error("{0}")]
    Domain(String),
    /// An operator cancelled it.
    #[error("cancelled; nothing was stored, and what was before stays as it is")]
    Cancelled,
    /// Nobody signed in in time.
    #[error(
        "nobody signed in in time. Begin again; consent.minutes in the configuration is how long is waited"
    )]
    TimeOver,
    /// Neither a listener nor an operator is there.
    #[error(
        "nothing listens for the browser here, and standard input has ended, so that nobody can paste where it ended. Free the port, \
         or begin again with --device-code"
    )]
    NoWayBack,
    /// Microsoft or the person said no.
    #[error(transparent)]
    Refused(RedirectError),
    /// The configured address is none.
    #[error(
        "the redirect address {address} can't be used: {reason}. Correct consent.redirect_uri in the configuration"
    )]
    BadRedirect {
        /// The address.
        address: String,
        /// What is wrong.
        reason: String,
    },
    /// The browser would not come to where is listened.
    #[error(
        "the redirect address {address} has a port of its own, so that nobody would come to port {port}. Leave that port out (--port, \
         consent.port), or have consent.redirect_uri in the configuration be http://localhost"
    )]
    OtherPort {
        /// The address.
        address: String,
        /// The port to listen at.
        port: u16,
    },
    /// The user signed in without multi-factor authentication.
    #[error(
        "the sign-in of {user} was without multi-factor authentication, and Partner Center takes no such token. Register it for that user \
         (or require it by Conditional Access), then give the consent again. Nothing was stored"
    )]
    NoMfa {
        /// Who signed in.
        user: String,
    },
    /// The user belongs to another partner.
    #[error(
        "the sign-in of {user} was to the tenant {found}, but the settings have the CSP Microsoft ID {expected}. Sign in with a user of that \
         partner, or correct the Microsoft ID. Nothing was stored"
    )]
    OtherTenant {
        /// Who signed in.
        user: String,
        /// Their tenant.
        found: String,
        /// That of the settings.
        expected: String,
    },
    /// The user has no right.
    #[error(
        "the user {user} may not use Partner Center: {reason}. {}Give that user the role Admin Agent (Partner Center > Account settings > \
         User management), then give the consent again. Nothing was stored", instead_of(.partner.as_deref())
    )]
    NoRole {
        /// Who signed in.
        user: String,
        /// The partner's domain, where the user has another one.
        partner: Option<String>,
        /// What Partner Center said.
        reason: String,
    },
    /// The consent was given in vain.
    #[error(
        "the consent was given, but the refresh token could not be stored: {reason}. The token before stays: put that right, then give \
         the consent again"
    )]
    NotKept {
        /// Why, in the words of store or vault.
        reason: String,
    },
}

/// A tenant has several domains, so that a user has another one proves nothing.
fn instead_of(partner: Option<&str>) -> String {
    partner.map_or_else(String::new, |partner| {
        format!("If that is not a user of the partner {partner}, sign in with one who is. Otherwise: ")
    })
}

impl ConsentError {
    /// A name for programs.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Domain(_) => "wrong_use",
            Self::Cancelled => "cancelled",
            Self::TimeOver => "time_over",
            Self::NoWayBack => "no_way_back",
            Self::Refused(_) => "consent_refused",
            Self::BadRedirect { .. } => "bad_redirect",
            Self::OtherPort { .. } => "wrong_use",
            Self::NoMfa { .. } => "mfa_missing",
            Self::OtherTenant { .. } => "other_tenant",
            Self::NoRole { .. } => "no_role",
            Self::NotKept { .. } => "token_not_kept",
        }
    }
}
