//! What the login has issued: authorization codes and access tokens.

use super::caller::Caller;
use super::claims::{self, EXPIRES_IN, opaque};
use super::refresh_tokens::{self, RefreshToken};
use super::users::User;
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// How long an authorization code may be handed in.
pub(super) const CODE_LIFE: Duration = Duration::from_secs(600);

/// What an access token is good for.
#[derive(Clone)]
pub(super) struct Access {
    pub audience: String,
    pub caller: Caller,
    pub expires: Instant,
}

/// What an authorization code was issued for.
#[derive(Clone)]
pub(super) struct Code {
    pub redirect_uri: String,
    /// The PKCE challenge (S256); the older endpoint goes without.
    pub challenge: Option<String>,
    pub scope: String,
    /// Who has signed in.
    pub user: User,
    /// How long it may be handed in.
    pub life: Duration,
}

/// What became of an authorization code that was handed in.
pub(super) enum Redeemed {
    Unknown,
    Used,
    Expired,
    Granted(Code),
}

struct IssuedCode {
    code: Code,
    issued: Instant,
    used: bool,
}

/// What this simulator has issued and must remember.
#[derive(Default)]
pub(super) struct Tokens {
    access: HashMap<String, Access>,
    codes: HashMap<String, IssuedCode>,
    /// Refresh tokens up to this time are revoked.
    revoked: Option<i64>,
}

impl Tokens {
    /// A new access token that the API accepts for `life`.
    pub(super) fn issue_access(&mut self, audience: &str, caller: Caller, life: Option<Duration>) -> String {
        let now = Instant::now();
        let forgotten = Duration::from_secs(EXPIRES_IN);
        self.access.retain(|_, access| access.expires + forgotten > now);
        let token = claims::token(audience, caller);
        let access = Access {
            audience: audience.to_owned(),
            caller,
            expires: now + life.unwrap_or(Duration::from_secs(EXPIRES_IN)),
        };
        self.access.insert(token.clone(), access);
        token
    }

    /// What `token` is good for, if it was issued here.
    pub(super) fn access(&self, token: &str) -> Option<Access> {
        self.access.get(token).cloned()
    }

    /// A new authorization code.
    pub(super) fn issue_code(&mut self, code: Code) -> String {
        self.codes.retain(|_, issued| issued.issued.elapsed() < 2 * CODE_LIFE);
        let text = format!("1.AXoA{}", opaque());
        let issued = IssuedCode { code, issued: Instant::now(), used: false };
        self.codes.insert(text.clone(), issued);
        text
    }

    /// Takes an authorization code in, once.
    pub(super) fn redeem_code(&mut self, text: &str) -> Redeemed {
        let Some(issued) = self.codes.get_mut(text) else {
            return Redeemed::Unknown;
        };
        if std::mem::replace(&mut issued.used, true) {
            Redeemed::Used
        } else if issued.issued.elapsed() >= issued.code.life {
            Redeemed::Expired
        } else {
            Redeemed::Granted(issued.code.clone())
        }
    }

    /// Revokes all refresh tokens issued up to now.
    pub(super) fn revoke_refresh_tokens(&mut self) {
        self.revoked = Some(refresh_tokens::now());
    }

    /// Whether this refresh token was issued before the last revocation.
    pub(super) fn is_revoked(&self, token: RefreshToken) -> bool {
        self.revoked.is_some_and(|revoked| token.issued <= revoked)
    }
}
