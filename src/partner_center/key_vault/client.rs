//! One request to the vault: sign-in, retries, one renewal of the sign-in, and lists that come in pages.

use std::collections::HashSet;
use std::time::SystemTime;

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use reqwest::{Method, Request};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use url::Url;
use zeroize::Zeroizing;

use super::access::{REQUEST_ID, Tokens};
use super::error::VaultError;
use super::options::KeyVaultOptions;
use super::patience::{Failure, patiently};
use super::refused;
use super::secret::{self, NewSecret, VersionInfo};
use crate::partner_center::body::{self, NotJson};
use crate::partner_center::call::{Call, Operation};
use crate::partner_center::error::ApiError;
use crate::partner_center::retry;
use crate::partner_center::token::AccessToken;
use crate::partner_center::transport::{Answer, Intake, Line, Transport};

/// The version of the API, which every vault in every cloud has.
const API_VERSION: (&str, &str) = ("api-version", "7.4");

/// Most pages of a list. With 25 versions in each, this is one a day for 27 years.
const MOST_PAGES: usize = 400;

/// Longest link to a next page that is followed, in bytes.
const LINK_LENGTH: usize = 8 * 1024;

/// Connections that are kept open between calls.
const IDLE: usize = 2;

/// Something to ask the vault for.
pub(super) struct Ask {
    operation: Operation,
    method: Method,
    url: Url,
    body: Option<Zeroizing<Vec<u8>>>,
    /// To be left out of any text.
    secret: Option<SecretString>,
}

impl Ask {
    pub(super) fn read(what: &str, url: Url) -> Self {
        let operation = Operation::key_vault(what);
        Self { operation, method: Method::GET, url, body: None, secret: None }
    }

    pub(super) fn write(what: &str, url: Url, NewSecret { body, value }: NewSecret) -> Self {
        Self { method: Method::PUT, body: Some(body), secret: Some(value), ..Self::read(what, url) }
    }

    fn request(&self, token: &AccessToken, call: &Call) -> Request {
        let mut request = Request::new(self.method.clone(), self.url.clone());
        let headers = request.headers_mut();
        headers.insert(AUTHORIZATION, token.header());
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        if let Ok(id) = HeaderValue::from_str(&call.request_id) {
            headers.insert(REQUEST_ID, id);
        }
        if let Some(body) = &self.body {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            *request.body_mut() = Some(body.to_vec().into());
        }
        request
    }
}

/// All that a call needs.
pub(super) struct Client {
    vault: Url,
    transport: Transport,
    tokens: Tokens,
    max_attempts: u32,
}

impl Client {
    pub(super) fn new(options: &KeyVaultOptions) -> Result<Self, VaultError> {
        options.check()?;
        let transport =
            Transport::new(Line { timeouts: options.timeouts, spare: IDLE, is_local: options.is_here() })?;
        Ok(Self {
            vault: options.vault.clone(),
            tokens: Tokens::new(options, transport.clone())?,
            transport,
            max_attempts: options.max_attempts,
        })
    }

    /// The vault's host, as errors name it.
    pub(super) fn host(&self) -> &str {
        self.vault.host_str().unwrap_or_default()
    }

    /// The vault's name, as commands of Azure take it.
    pub(super) fn vault_name(&self) -> String {
        self.host().split('.').next().unwrap_or_default().to_owned()
    }

    /// These segments of the vault, each escaped.
    pub(super) fn address(&self, segments: &[&str]) -> Url {
        let mut url = self.vault.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.clear().extend(segments);
        }
        url.query_pairs_mut().append_pair(API_VERSION.0, API_VERSION.1);
        url
    }

    /// Asks, with retries, and one renewal of the sign-in if the token is refused.
    pub(super) async fn ask(&self, ask: &Ask) -> Result<(Value, Call), VaultError> {
        let token = self.tokens.access(&ask.url).await?;
        match patiently(self.max_attempts, || self.once(ask, &token)).await {
            Err(VaultError::NotSignedIn { .. }) => {
                let token = self.tokens.renew(&ask.url, &token).await?;
                patiently(self.max_attempts, || self.once(ask, &token)).await
            }
            other => other,
        }
    }

    async fn once(&self, ask: &Ask, token: &AccessToken) -> Result<(Value, Call), Failure> {
        let mut call = ask.operation.attempt(self.host());
        let request = ask.request(token, &call);
        let path = request.url().path().to_owned();
        let Answer { status, headers, body } = match self.transport.exchange(request, Intake::DOCUMENT).await
        {
            Ok(answer) => answer,
            Err(broken) => return Err(Failure::broken(broken, call)),
        };
        call.heard(&headers);
        tracing::debug!(path, status = status.as_u16(), request_id = call.correlation_id, "vault");
        // The body of a success holds the secret, so nothing of it is ever shown.
        let body = Zeroizing::new(body);
        if status.is_success() {
            return match body::parse(&body) {
                Ok(document) => Ok((document, call)),
                Err(NotJson::Incomplete) => {
                    let reason = format!("the JSON ends too early, after {} bytes", body.len());
                    Err(Failure::again(ApiError::CutShort { call: Box::new(call), reason }, None))
                }
                Err(NotJson::Other) => {
                    let reason = "it is no JSON".to_owned();
                    Err(Failure::last(ApiError::BadBody { call: Box::new(call), reason }))
                }
            };
        }
        let secrets = [token.expose(), ask.secret.as_ref().map_or("", |value| value.expose_secret())];
        let wait = retry::retry_after(&headers, SystemTime::now());
        Err(refused::by_vault(status, &body, call, wait, self.tokens.identity(), &secrets))
    }

    /// Reads a list of versions to its end, and sorts it: newest first.
    pub(super) async fn list(&self, what: &str, segments: &[&str]) -> Result<Vec<VersionInfo>, VaultError> {
        let mut ask = Ask::read(what, self.address(segments));
        let (mut versions, mut followed) = (Vec::new(), HashSet::new());
        for _ in 0..MOST_PAGES {
            let (document, call) = self.ask(&ask).await?;
            let page = secret::read_page(&document, &call)?;
            versions.extend(page.versions);
            let Some(link) = page.next else {
                versions.sort_by_key(|version| std::cmp::Reverse(version.created));
                return Ok(versions);
            };
            let foreign = |reason| VaultError::ForeignLink { call: Box::new(call.clone()), reason };
            let next = self.next(&ask.url, &link).map_err(foreign)?;
            if !followed.insert(next.clone()) {
                return Err(foreign("it leads back to a page that was already taken".to_owned()));
            }
            ask.url = next;
        }
        let call = Box::new(ask.operation.attempt(self.host()));
        Err(VaultError::EndlessList { call, pages: MOST_PAGES })
    }

    /// The address of a next page, if it is one of the same list.
    fn next(&self, list: &Url, link: &str) -> Result<Url, String> {
        if link.len() > LINK_LENGTH {
            return Err(format!("it has {} bytes", link.len()));
        }
        let url = Url::parse(link).map_err(|_| "it is no address".to_owned())?;
        let own_user = url.username().is_empty() && url.password().is_none();
        if url.origin() != self.vault.origin() || !own_user {
            return Err(format!("it leads to another host than {}", self.host()));
        }
        match url.path().trim_end_matches('/') == list.path().trim_end_matches('/') {
            true => Ok(url),
            false => Err("it leads to another list".to_owned()),
        }
    }
}
