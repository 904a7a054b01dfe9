//! What a consent under way and its operator tell each other.

use std::fmt;

use jiff::Timestamp;

/// What the operator does while the sign-in is waited for.
pub enum Input {
    /// The address that the browser ended on.
    Pasted(String),
    /// A code is wanted instead of an address.
    DeviceCode,
}

impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pasted(_) => "Pasted",
            Self::DeviceCode => "DeviceCode",
        })
    }
}

/// Where a consent is.
#[derive(Clone, PartialEq, Eq)]
pub enum Stage {
    /// Somebody is to sign in at the address.
    Waiting {
        /// Microsoft's sign-in page for this attempt.
        address: String,
        /// Where the browser ends.
        redirect_uri: String,
        /// The same, as it is registered for the app: without a port that this attempt alone has.
        registered_uri: String,
        /// The port of 127.0.0.1 that is listened at.
        port: Option<u16>,
        /// The line that makes it reachable from the operator's own machine.
        tunnel: Option<String>,
        /// Why none is, where one should be.
        deaf: Option<String>,
        /// When it is given up, UTC.
        until: Timestamp,
    },
    /// Somebody is to type the code at the page.
    Code {
        /// The code.
        code: String,
        /// The page.
        page: String,
        /// When it is given up, UTC.
        until: Timestamp,
    },
    /// The code came to nothing; the address to sign in at still counts.
    NoCode {
        /// Why.
        why: String,
        /// What was told of the address.
        address: Box<Self>,
    },
    /// Something came that does not belong to this sign-in; it goes on waiting.
    NotThis(String),
    /// Somebody signed in; what that brought is being checked.
    Checking,
}

impl fmt::Debug for Stage {
    /// Without address and code: with either of them somebody else could sign in in the operator's place.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Waiting { .. } => f.write_str("Waiting"),
            Self::Code { .. } => f.write_str("Code"),
            Self::NoCode { why, .. } => f.debug_tuple("NoCode").field(why).finish(),
            Self::NotThis(why) => f.debug_tuple("NotThis").field(why).finish(),
            Self::Checking => f.write_str("Checking"),
        }
    }
}

/// A consent that is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consented {
    /// Who signed in, where the token tells.
    pub user: Option<String>,
    /// The partner's tenant.
    pub tenant: Option<String>,
    /// The company, where Partner Center told.
    pub company: Option<String>,
    /// When it was stored, UTC.
    pub at: Timestamp,
    /// Whether it is in the key vault.
    pub in_vault: bool,
    /// What to look at, a sentence each.
    pub remarks: Vec<String>,
}

impl Consented {
    /// All of it in a line.
    #[must_use]
    pub fn summary(&self) -> String {
        let who = self.user.as_deref().map(|user| format!(" by {user}")).unwrap_or_default();
        let place = if self.in_vault { "in the key vault" } else { "encrypted in the store" };
        let remarks: String = self.remarks.iter().map(|remark| format!("; {remark}")).collect();
        format!("the consent is given{who}, and the refresh token is {place}{remarks}")
    }
}
