//! Access tokens for the vault: by an app's secret at the login that the vault names, or by the managed identity of the machine
//! (<https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token>).

use std::time::{Duration, SystemTime};

use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderName, HeaderValue};
use reqwest::{Method, Request, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Mutex;
use url::{Url, form_urlencoded};
use uuid::Uuid;

use super::challenge::{self, Challenge};
use super::error::VaultError;
use super::options::{Access, KeyVaultOptions};
use super::patience::{Failure, patiently};
use super::refused;
use crate::partner_center::aadsts::During;
use crate::partner_center::body;
use crate::partner_center::call::{Call, Operation, Service};
use crate::partner_center::error::ApiError;
use crate::partner_center::json::{Fields, read_count};
use crate::partner_center::refusal::Refusal;
use crate::partner_center::retry;
use crate::partner_center::sign_in;
use crate::partner_center::timeouts::Timeouts;
use crate::partner_center::token::AccessToken;
use crate::partner_center::transport::{Answer, Broken, Intake, Line, Transport};

/// Longest time until the managed identity is there. It is on the link, or not at all.
const ON_THE_LINK: Duration = Duration::from_secs(2);

/// The client's own id of an attempt.
pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-ms-client-request-id");

const METADATA: HeaderName = HeaderName::from_static("metadata");

/// Tokens for one vault.
pub(super) struct Tokens {
    vault: Url,
    login: Url,
    audience: Url,
    managed_identity: Url,
    access: Access,
    transport: Transport,
    /// To the managed identity, which no proxy can reach.
    machine: Transport,
    max_attempts: u32,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    token: Option<AccessToken>,
    made: u64,
}

impl Tokens {
    pub(super) fn new(options: &KeyVaultOptions, transport: Transport) -> Result<Self, VaultError> {
        let timeouts = Timeouts { connect: options.timeouts.connect.min(ON_THE_LINK), ..options.timeouts };
        Ok(Self {
            vault: options.vault.clone(),
            login: options.login.clone(),
            audience: options.audience.clone(),
            managed_identity: options.managed_identity.clone(),
            access: options.access.clone(),
            transport,
            machine: Transport::new(Line { timeouts, spare: 0, is_local: true })?,
            max_attempts: options.max_attempts,
            state: Mutex::default(),
        })
    }

    /// Who signs in, as errors name it.
    pub(super) fn identity(&self) -> &'static str {
        match self.access {
            Access::Managed { client_id: None } => "the managed identity of this machine",
            Access::Managed { client_id: Some(_) } => "the user-assigned managed identity",
            Access::App { .. } => "the app",
        }
    }

    /// A token: the one at hand, or a new one. `asked` is what it is wanted for.
    pub(super) async fn access(&self, asked: &Url) -> Result<AccessToken, VaultError> {
        self.obtain(asked, None).await
    }

    /// A token other than the one that was refused; if another caller has renewed it meanwhile, that one.
    pub(super) async fn renew(&self, asked: &Url, refused: &AccessToken) -> Result<AccessToken, VaultError> {
        self.obtain(asked, Some(refused.number())).await
    }

    async fn obtain(&self, asked: &Url, refused: Option<u64>) -> Result<AccessToken, VaultError> {
        let mut state = self.state.lock().await;
        if let Some(token) = &state.token
            && token.is_fresh()
            && Some(token.number()) != refused
        {
            return Ok(token.clone());
        }
        state.token = None;
        let number = state.made + 1;
        // The vault is asked each time: it may have moved to another tenant.
        let challenge = patiently(self.max_attempts, || self.challenge(asked)).await?;
        let token = match &self.access {
            Access::Managed { client_id } => {
                let url = self.managed_identity_url(&challenge, client_id.as_deref());
                patiently(self.max_attempts, || self.by_machine(&url, client_id.as_deref(), number)).await?
            }
            Access::App { client_id, client_secret } => {
                patiently(self.max_attempts, || self.by_app(&challenge, client_id, client_secret, number))
                    .await?
            }
        };
        state.made = number;
        state.token = Some(token.clone());
        Ok(token)
    }

    /// Asks without a token, so that the vault tells who gives one.
    async fn challenge(&self, asked: &Url) -> Result<Challenge, Failure> {
        let operation = Operation::key_vault("the request for its login");
        let mut call = operation.attempt(self.vault.host_str().unwrap_or_default());
        let request = prepared(asked.clone(), &call);
        let Answer { status, headers, body } = match self.transport.exchange(request, Intake::DOCUMENT).await
        {
            Ok(answer) => answer,
            Err(broken) => return Err(Failure::broken(broken, call)),
        };
        call.heard(&headers);
        if status == StatusCode::UNAUTHORIZED {
            return challenge::verified(&headers, &self.vault, &self.login, &self.audience).map_err(
                |reason| Failure::last(VaultError::ForeignChallenge { call: Box::new(call), reason }),
            );
        }
        if status.is_success() {
            let reason = "it answers without a sign-in, which no vault does".to_owned();
            return Err(Failure::last(VaultError::ForeignChallenge { call: Box::new(call), reason }));
        }
        if matches!(status, StatusCode::NOT_FOUND | StatusCode::BAD_REQUEST) {
            let reason = Refusal::read(status, &body, &[]).to_string();
            return Err(Failure::last(ApiError::BadBody { call: Box::new(call), reason }));
        }
        let wait = retry::retry_after(&headers, SystemTime::now());
        Err(refused::by_vault(status, &body, call, wait, self.identity(), &[]))
    }

    async fn by_app(
        &self,
        challenge: &Challenge,
        client_id: &str,
        client_secret: &SecretString,
        number: u64,
    ) -> Result<AccessToken, Failure> {
        let mut url = self.login.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend([challenge.tenant.as_str(), "oauth2", "v2.0", "token"]);
        }
        let id = Uuid::new_v4().to_string();
        let vault = self.vault.host_str().unwrap_or_default().to_owned();
        let mut call = Call {
            what: format!("the sign-in for {vault}"),
            host: url.host_str().unwrap_or_default().to_owned(),
            request_id: id.clone(),
            correlation_id: id,
            service: Service::Login,
        };
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "client_credentials")
            .append_pair("client_id", client_id.trim())
            .append_pair("client_secret", client_secret.expose_secret())
            .append_pair("scope", &format!("{}/.default", challenge.resource))
            .finish();
        let mut request = Request::new(Method::POST, url);
        let headers = request.headers_mut();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        *request.body_mut() = Some(form.into());
        let answer = match self.transport.exchange(request, Intake::DOCUMENT).await {
            Ok(answer) => answer,
            Err(broken) => return Err(lost(broken, call)),
        };
        call.heard(&answer.headers);
        accepted(answer, call, &[client_secret.expose_secret()], number).map_err(|failure| match failure {
            Refused { error: ApiError::TokenRejected { call, code, meaning, advice }, .. } => {
                Failure::last(VaultError::AppRefused { call, vault, code, meaning, advice })
            }
            other => other.into(),
        })
    }

    fn managed_identity_url(&self, challenge: &Challenge, client_id: Option<&str>) -> Url {
        let mut url = self.managed_identity.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(["metadata", "identity", "oauth2", "token"]);
        }
        let mut query = url.query_pairs_mut();
        query.clear().append_pair("api-version", "2018-02-01").append_pair("resource", &challenge.resource);
        if let Some(client_id) = client_id {
            query.append_pair("client_id", client_id.trim());
        }
        drop(query);
        url
    }

    async fn by_machine(
        &self,
        url: &Url,
        client_id: Option<&str>,
        number: u64,
    ) -> Result<AccessToken, Failure> {
        let operation = Operation::key_vault("the managed identity of this machine");
        let mut call = operation.attempt(url.host_str().unwrap_or_default());
        let mut request = prepared(url.clone(), &call);
        request.headers_mut().insert(METADATA, HeaderValue::from_static("true"));
        let answer = match self.machine.exchange(request, Intake::DOCUMENT).await {
            Ok(answer) => answer,
            Err(Broken::Unreachable(reason)) => {
                return Err(Failure::last(VaultError::NoManagedIdentity { call: Box::new(call), reason }));
            }
            Err(broken) => return Err(lost(broken, call)),
        };
        call.heard(&answer.headers);
        let status = answer.status;
        if status == StatusCode::OK {
            return accepted(answer, call, &[], number).map_err(Failure::from);
        }
        let refusal = Refusal::read(status, &answer.body, &[]);
        let call = Box::new(call);
        // 410 means that it is being updated.
        if status == StatusCode::GONE || retry::is_retriable(status) {
            let wait = retry::retry_after(&answer.headers, SystemTime::now());
            return Err(Failure::again(ApiError::ServerError { call, refusal }, wait));
        }
        let reason = refusal.to_string();
        let is_not_found = reason.to_lowercase().contains("identity not found");
        Err(Failure::last(match client_id.filter(|_| is_not_found) {
            Some(id) => VaultError::NotThisIdentity { call, client_id: id.to_owned(), reason },
            None => VaultError::NoManagedIdentity { call, reason },
        }))
    }
}

/// A request without a token.
fn prepared(url: Url, call: &Call) -> Request {
    let mut request = Request::new(Method::GET, url);
    request.headers_mut().insert(ACCEPT, HeaderValue::from_static("application/json"));
    if let Ok(id) = HeaderValue::from_str(&call.request_id) {
        request.headers_mut().insert(REQUEST_ID, id);
    }
    request
}

/// No answer from another than the vault.
fn lost(broken: Broken, call: Call) -> Failure {
    match broken.into_error(call) {
        (error, true) => Failure::again(error, None),
        (error, false) => Failure::last(error),
    }
}

/// A sign-in that did not succeed.
type Refused = sign_in::SignInFailure;

impl From<Refused> for Failure {
    fn from(Refused { error, again, wait, .. }: Refused) -> Self {
        match again {
            true => Self::again(error, wait),
            false => Self::last(error),
        }
    }
}

/// The token that an answer brings.
fn accepted(answer: Answer, call: Call, secrets: &[&str], number: u64) -> Result<AccessToken, Refused> {
    let unreadable = |reason| Refused::unreadable(call.clone(), reason);
    let normal =
        sign_in::accept(answer, call.clone(), During::Vault, secrets, SystemTime::now())?.into_body();
    let document = body::parse(&normal).map_err(|_| unreadable("the answer is no JSON"))?;
    let fields = Fields::of(&document).ok_or_else(|| unreadable("the answer is no object"))?;
    let life = fields.text("expires_in").map(|life| Duration::from_secs(read_count(&life).0.into()));
    let token = fields.get("access_token").and_then(|token| token.as_str()).unwrap_or_default();
    AccessToken::new(token, life, number)
        .ok_or_else(|| unreadable("the access token can't be sent in a header"))
}
