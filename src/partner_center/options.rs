//! What the client must know. It reads no configuration itself.

use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::base::{Base, checked};
use super::error::ApiError;
use super::timeouts::Timeouts;
use super::transport::Line;
use crate::domain::address::is_loopback;

/// How to reach Partner Center, as whom, and how gently.
#[derive(Debug, Clone)]
pub struct Options {
    /// The login authority, such as `https://login.microsoftonline.com`.
    pub login: Url,
    /// The base of the API, such as `https://api.partnercenter.microsoft.com`.
    pub partner_center: Url,
    /// The base of the API for prices, such as `https://api.partner.microsoft.com`.
    pub pricing: Url,
    /// The base of Microsoft Graph, such as `https://graph.microsoft.com`.
    pub graph: Url,
    /// The partner's own tenant: its id or one of its domains.
    pub tenant: String,
    /// The app's id.
    pub client_id: String,
    /// The app's secret.
    pub client_secret: SecretString,
    /// The refresh token that the consent gave, or the last one that was kept.
    pub refresh_token: SecretString,
    /// Most requests in any minute. Microsoft allows 500 for a tenant.
    pub requests_per_minute: u32,
    /// Most requests at the same time.
    pub concurrency: usize,
    /// Longest time until a connection stands.
    pub connect_timeout: Duration,
    /// Longest silence while an answer is awaited or read.
    pub read_timeout: Duration,
    /// Longest time for one attempt as a whole.
    pub request_timeout: Duration,
    /// How often a request is tried before it counts as failed, the first attempt included.
    pub max_attempts: u32,
    /// Customers asked for in one page; 0 leaves it to Microsoft.
    pub page_size: u32,
}

/// Why a refresh token can't be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotKept {
    /// Why.
    pub reason: String,
    /// Whether the same may well succeed later, with nothing changed here.
    pub passes: bool,
}

impl From<String> for NotKept {
    fn from(reason: String) -> Self {
        Self { reason, passes: false }
    }
}

/// Who keeps the refresh token. It is called on a blocking thread.
pub trait TokenKeeper: Send + Sync {
    /// Stores the renewed refresh token durably, before the access token that came with it is used. `is_own`: that is one for Partner
    /// Center itself, and not for another audience.
    ///
    /// # Errors
    /// Why it can't be stored: that becomes [`ApiError::TokenNotKept`], and the refresh token before it stays in use.
    fn keep(&self, renewed: &SecretString, is_own: bool) -> Result<(), NotKept>;

    /// Hears that Microsoft's login refused the sign-in, with the code of [`ApiError::TokenRejected`], or that Partner Center
    /// finds no multi-factor authentication in it: [`MFA_MISSING`](crate::domain::token::MFA_MISSING).
    fn refused(&self, _code: &str) {}

    /// Hears that the login took the refresh token, but gave no new one.
    fn accepted(&self) {}

    /// Hears that Partner Center finds multi-factor authentication in the sign-in.
    fn has_mfa(&self) {}
}

impl<F: Fn(&SecretString) -> Result<(), String> + Send + Sync> TokenKeeper for F {
    fn keep(&self, renewed: &SecretString, _: bool) -> Result<(), NotKept> {
        self(renewed).map_err(NotKept::from)
    }
}

/// A keeper that the client's tasks share.
pub type KeepToken = Arc<dyn TokenKeeper>;

impl Options {
    /// Refuses what can't work before anything is sent.
    pub(super) fn check(&self) -> Result<(), ApiError> {
        Base::new(&self.partner_center)?;
        Base::pricing(&self.pricing)?;
        Base::graph(&self.graph)?;
        checked("login endpoint", &self.login)?;
        check_app(&self.tenant, &self.client_id, &self.client_secret)?;
        if self.refresh_token.expose_secret().trim().is_empty() {
            return bad("refresh token", "there is none: give the consent first");
        }
        check_not_zero(&[
            ("limit requests_per_minute", self.requests_per_minute == 0),
            ("limit concurrency", self.concurrency == 0),
            ("limit of attempts", self.max_attempts == 0),
        ])?;
        self.line().check()
    }

    /// How its connections are made.
    pub(super) fn line(&self) -> Line {
        Line {
            timeouts: Timeouts {
                connect: self.connect_timeout,
                read: self.read_timeout,
                request: self.request_timeout,
            },
            spare: self.concurrency,
            is_local: [&self.login, &self.partner_center].into_iter().all(is_loopback),
        }
    }
}

impl Line {
    /// Refuses timeouts that leave no time.
    pub(super) fn check(&self) -> Result<(), ApiError> {
        check_not_zero(&[
            ("connect timeout", self.timeouts.connect.is_zero()),
            ("read timeout", self.timeouts.read.is_zero()),
            ("request timeout", self.timeouts.request.is_zero()),
        ])
    }
}

/// Refuses an app that can't sign in to this tenant.
pub(super) fn check_app(tenant: &str, client_id: &str, client_secret: &SecretString) -> Result<(), ApiError> {
    let tenant = tenant.trim();
    let in_tenant = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_');
    if tenant.is_empty() {
        bad("partner's tenant", "it is empty")
    } else if !tenant.bytes().all(in_tenant) || tenant.bytes().all(|b| b == b'.') {
        bad("partner's tenant", "it is neither an id nor a domain")
    } else if client_id.trim().is_empty() {
        bad("app id", "it is empty")
    } else if client_secret.expose_secret().trim().is_empty() {
        bad("app secret", "it is empty")
    } else {
        Ok(())
    }
}

/// Refuses the first of these options that is 0.
pub(super) fn check_not_zero(options: &[(&'static str, bool)]) -> Result<(), ApiError> {
    match options.iter().find(|(_, is_zero)| *is_zero) {
        Some((option, _)) => bad(option, "it must be more than 0"),
        None => Ok(()),
    }
}

fn bad(option: &'static str, reason: &str) -> Result<(), ApiError> {
    Err(ApiError::BadOption { option, reason: reason.to_owned() })
}
