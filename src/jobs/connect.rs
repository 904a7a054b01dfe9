//! From settings and secrets to a client for Partner Center.

use std::sync::Arc;
use std::time::Duration;

use url::Url;

use super::error::{JobError, blocking};
use super::token::StoredToken;
use crate::domain::settings::Settings;
use crate::partner_center::{Options, PartnerCenter};
use crate::store::{SecretName, Store};

/// Where Partner Center is, and how gently it is asked.
#[derive(Debug, Clone)]
pub struct Reach {
    /// The login authority.
    pub login: Url,
    /// The API.
    pub partner_center: Url,
    /// Price sheets.
    pub pricing: Url,
    /// Billing exports.
    pub graph: Url,
    /// Most requests in a minute.
    pub requests_per_minute: u32,
    /// Most requests at the same time.
    pub concurrency: usize,
    /// Longest time until a connection stands.
    pub connect_timeout: Duration,
    /// Longest silence.
    pub read_timeout: Duration,
    /// Longest attempt.
    pub request_timeout: Duration,
    /// Attempts for each request.
    pub max_attempts: u32,
    /// Customers in a page.
    pub page_size: u32,
}

/// Signs in with what the store holds; the rotated refresh token goes back there at once,
/// unless another one was set there meanwhile.
///
/// # Errors
/// [`JobError::NotSetUp`] names what is missing and how to set it.
pub async fn partner_center(store: &Store, reach: &Reach) -> Result<(PartnerCenter, Settings), JobError> {
    let reader = store.clone();
    let (settings, secret, token) = blocking(move || {
        let settings = reader.read(|txn| txn.settings())?.value;
        let secret = reader.secret(SecretName::CpvAppSecret)?;
        let token = StoredToken::read(&reader)?;
        Ok((settings, secret, token))
    })
    .await?;
    let missing = |missing, remedy| JobError::NotSetUp { missing, remedy };
    let client_id = settings
        .cpv_app_id
        .clone()
        .ok_or_else(|| missing("the CPV App ID", "cspdeck settings set cpv_app_id=GUID"))?;
    let tenant = settings
        .tenant()
        .map(str::to_owned)
        .ok_or_else(|| missing("the CSP domain", "cspdeck settings set csp_domain=YOURS.onmicrosoft.com"))?;
    let client_secret = secret.ok_or_else(|| {
        missing("the CPV App Secret", "cspdeck settings secret cpv_app_secret (value on stdin)")
    })?;
    let (refresh_token, stored_token) = token.ok_or_else(|| {
        missing("the refresh token", "cspdeck settings secret refresh_token (value on stdin)")
    })?;
    let options = Options {
        login: reach.login.clone(),
        partner_center: reach.partner_center.clone(),
        pricing: reach.pricing.clone(),
        graph: reach.graph.clone(),
        tenant,
        client_id,
        client_secret,
        refresh_token,
        requests_per_minute: reach.requests_per_minute,
        concurrency: reach.concurrency,
        connect_timeout: reach.connect_timeout,
        read_timeout: reach.read_timeout,
        request_timeout: reach.request_timeout,
        max_attempts: reach.max_attempts,
        page_size: reach.page_size,
    };
    Ok((PartnerCenter::new(options, Arc::new(stored_token))?, settings))
}
