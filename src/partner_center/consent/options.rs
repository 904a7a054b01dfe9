//! What a consent must know.

use secrecy::SecretString;
use url::Url;

use super::super::base::{Base, checked};
use super::super::error::ApiError;
use super::super::options::{check_app, check_not_zero};
use super::super::timeouts::Timeouts;
use super::super::transport::Line;
use crate::domain::address::is_loopback;

/// Longest redirect address. Microsoft registers none that is longer.
const REDIRECT_LENGTH: usize = 256;

/// Whose consent to ask for, for which app, and how to reach Microsoft's login.
#[derive(Debug, Clone)]
pub struct ConsentOptions {
    /// The login authority, such as `https://login.microsoftonline.com`.
    pub login: Url,
    /// The base of the API that the consent is for, such as `https://api.partnercenter.microsoft.com`.
    pub partner_center: Url,
    /// The partner's own tenant: its id or one of its domains.
    pub tenant: String,
    /// The app's id.
    pub client_id: String,
    /// The app's secret.
    pub client_secret: SecretString,
    /// Where the browser is sent in the end: `http://localhost:8400`.
    pub redirect_uri: String,
    /// The same letter by letter as it is registered for the app, where the port of `http://localhost` does not count. Refusals
    /// that are about it name it so.
    pub registered_uri: String,
    /// Bounds on the time of one attempt.
    pub timeouts: Timeouts,
    /// How often a request is tried before it counts as failed, the first attempt included.
    pub max_attempts: u32,
}

impl ConsentOptions {
    /// Refuses what can't work before anybody signs in.
    pub(super) fn check(&self) -> Result<(), ApiError> {
        Base::new(&self.partner_center)?;
        checked("login endpoint", &self.login)?;
        check_app(&self.tenant, &self.client_id, &self.client_secret)?;
        self.redirect()?;
        check_not_zero(&[("limit of attempts", self.max_attempts == 0)])?;
        self.line().check()
    }

    /// The redirect address, parsed.
    pub(super) fn redirect(&self) -> Result<Url, ApiError> {
        let bad =
            |reason: &str| ApiError::BadOption { option: "redirect address", reason: reason.to_owned() };
        if self.redirect_uri.len() > REDIRECT_LENGTH {
            return Err(bad("it is too long"));
        }
        let url = Url::parse(&self.redirect_uri)
            .map_err(|_| bad("it is no address (the usual one is http://localhost)"))?;
        checked("redirect address", &url)
    }

    /// How connections to the login are made.
    pub(super) fn line(&self) -> Line {
        Line { timeouts: self.timeouts, spare: 1, is_local: is_loopback(&self.login) }
    }
}
