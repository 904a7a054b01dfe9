//! One attempt at a partner's consent: a person signs in at Microsoft with a browser, on this machine or any other, and the
//! app gets a refresh token (authorization code with PKCE, or a device code). It knows neither store nor screen.

mod address;
mod device;
mod exchange;
mod grant;
mod loopback;
mod options;
mod page;
mod redirect;

use std::fmt;
use std::sync::Arc;

use oauth2::{CsrfToken, PkceCodeChallenge, PkceCodeVerifier};
use url::Url;

pub use device::DeviceCode;
pub use grant::Grant;
pub use loopback::{Arrived, Loopback, Reply};
pub use options::ConsentOptions;
pub use page::Page;
pub use redirect::{AuthCode, RedirectError};

use super::base::Base;
use super::error::ApiError;
use super::login::Login;
use super::transport::Transport;
use exchange::Exchange;

/// See the module. Its state and its proof (PKCE) are its own: what belongs to another attempt is refused.
pub struct Consent {
    exchange: Arc<Exchange>,
    redirect: Url,
    address: String,
    state: CsrfToken,
    verifier: PkceCodeVerifier,
}

impl Consent {
    /// Begins an attempt; nothing is sent yet.
    ///
    /// # Errors
    /// [`ApiError::BadOption`].
    pub fn begin(options: ConsentOptions) -> Result<Self, ApiError> {
        options.check()?;
        let redirect = options.redirect()?;
        let login = Login::new(Transport::new(options.line())?, &options.login, &options.tenant);
        let audience = Base::new(&options.partner_center)?.audience();
        let scope = format!("{audience}/user_impersonation offline_access");
        let state = CsrfToken::new_random();
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let address = address::of(&login.endpoint("authorize"), &options, &scope, &state, &challenge);
        let exchange = Arc::new(Exchange { login, scope, options });
        Ok(Self { exchange, redirect, address, state, verifier })
    }

    /// The address at which the browser signs in.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Where the browser is sent in the end.
    #[must_use]
    pub fn redirect_uri(&self) -> &str {
        &self.exchange.options.redirect_uri
    }

    /// The same as it must be registered for the app.
    fn registered_uri(&self) -> &str {
        &self.exchange.options.registered_uri
    }

    /// Reads where the browser was sent in the end: the whole address, its query alone, or the body of a posted form.
    ///
    /// # Errors
    /// Why it is no answer to this attempt.
    pub fn read_redirect(&self, text: &str) -> Result<AuthCode, RedirectError> {
        redirect::read(self, text)
    }

    /// Exchanges the code for a grant. It works once.
    ///
    /// # Errors
    /// [`ApiError::TokenRejected`], [`ApiError::CodeSpent`] when nobody knows whether it was used,
    /// [`ApiError::NoRefreshToken`], or any other of a sign-in.
    pub async fn redeem(&self, code: &AuthCode) -> Result<Grant, ApiError> {
        self.exchange.redeem(code, self.verifier.secret()).await
    }

    /// Asks for a code that a person types at Microsoft's page in any browser.
    ///
    /// # Errors
    /// Any of a sign-in.
    pub async fn device_code(&self) -> Result<DeviceCode, ApiError> {
        device::ask(&self.exchange).await
    }

    /// Waits until somebody has signed in with the code, through faults of the network, for as long as the code lives. It may be
    /// dropped and called again with the same code.
    ///
    /// # Errors
    /// [`ApiError::TokenRejected`] when the code expired, was declined or is not known, or any other of a sign-in.
    pub async fn wait_for_device(&self, code: &DeviceCode) -> Result<Grant, ApiError> {
        device::wait(&self.exchange, code).await
    }
}

impl fmt::Debug for Consent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Consent").field("redirect", &self.redirect_uri()).finish_non_exhaustive()
    }
}
