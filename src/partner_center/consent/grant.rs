//! What a consent brings.

use std::time::Duration;

use oauth2::TokenResponse;
use oauth2::basic::BasicTokenResponse;
use secrecy::SecretString;

use super::super::call::Call;
use super::super::claims::Claims;
use super::super::error::ApiError;

/// A partner's consent. Nothing of it is stored yet.
#[derive(Debug)]
pub struct Grant {
    /// By which the app signs in from now on.
    pub refresh_token: SecretString,
    /// How long the access token lives that came with it, where the answer tells.
    pub life: Option<Duration>,
    /// Who signed in, and how.
    pub claims: Claims,
}

impl Grant {
    pub(super) fn of(tokens: &BasicTokenResponse, call: Call) -> Result<Self, ApiError> {
        let Some(refresh_token) = tokens.refresh_token() else {
            return Err(ApiError::NoRefreshToken { call: Box::new(call) });
        };
        Ok(Self {
            refresh_token: SecretString::from(refresh_token.secret().as_str()),
            life: tokens.expires_in(),
            claims: Claims::of(tokens.access_token().secret()),
        })
    }
}
