//! The exchange of a code, of either kind, for tokens.

use std::time::{Duration, SystemTime};

use oauth2::basic::BasicTokenResponse;
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use reqwest::{Method, Request, StatusCode};
use secrecy::ExposeSecret;
use tokio::time::sleep;
use url::form_urlencoded::Serializer;

use super::super::aadsts::During;
use super::super::error::ApiError;
use super::super::login::Login;
use super::super::retry;
use super::super::sign_in::{self, SignInFailure};
use super::super::transport::Answer;
use super::super::{Call, Refusal};
use super::{AuthCode, ConsentOptions, Grant};

const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");

/// Longest wait between two attempts: a person looks on, and a code lives for some minutes.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// Fields of a form.
pub(super) type Form<'a> = Vec<(&'static str, &'a str)>;

/// What an exchange needs.
pub(super) struct Exchange {
    pub(super) login: Login,
    pub(super) scope: String,
    pub(super) options: ConsentOptions,
}

impl Exchange {
    /// Exchanges the code that the redirect brought. It is sent again only where it surely was not used.
    pub(super) async fn redeem(&self, code: &AuthCode, verifier: &str) -> Result<Grant, ApiError> {
        let secrets = [code.expose(), verifier];
        let mut form = self.app();
        form.extend([
            ("client_secret", self.options.client_secret.expose_secret()),
            ("grant_type", "authorization_code"),
            ("code", code.expose()),
            ("code_verifier", verifier),
            ("redirect_uri", &self.options.redirect_uri),
        ]);
        let mut attempts = 0;
        loop {
            let failure = match self.tokens(&form, &secrets).await {
                Ok(grant) => return Ok(grant),
                Err(failure) => failure,
            };
            attempts += 1;
            if !failure.again {
                return Err(failure.error);
            }
            if !is_unspent(&failure.error) {
                return Err(spent(failure.error));
            }
            self.wait(failure, attempts).await?;
        }
    }

    /// Waits for the next attempt, if there is to be one.
    pub(super) async fn wait(&self, failure: SignInFailure, attempts: u32) -> Result<(), ApiError> {
        let wait = failure.wait.unwrap_or_else(|| retry::backoff(attempts));
        if !failure.again || attempts >= self.options.max_attempts || wait > LONGEST_WAIT {
            return Err(failure.error);
        }
        sleep(wait).await;
        Ok(())
    }

    /// The fields that each request has.
    pub(super) fn app(&self) -> Form<'_> {
        vec![("client_id", self.options.client_id.trim()), ("scope", &self.scope)]
    }

    /// One request for tokens.
    pub(super) async fn tokens(&self, form: &Form<'_>, secrets: &[&str]) -> Result<Grant, SignInFailure> {
        let mut call = self.login.call("the consent");
        let answer = self.post("token", form, &mut call).await?;
        let mut secrets = secrets.to_vec();
        secrets.push(self.options.client_secret.expose_secret());
        let accepted = sign_in::accept(answer, call.clone(), During::Consent, &secrets, SystemTime::now())
            .map_err(|failure| self.naming_the_redirect(failure))?;
        let tokens: BasicTokenResponse = serde_json::from_slice(accepted.body())
            // Its text may hold the body, and that may hold tokens.
            .map_err(|_| SignInFailure::unreadable(call.clone(), "the answer is not that of a sign-in"))?;
        Grant::of(&tokens, call).map_err(SignInFailure::last)
    }

    /// Posts a form to an endpoint of the login.
    pub(super) async fn post(
        &self,
        endpoint: &str,
        form: &Form<'_>,
        call: &mut Call,
    ) -> Result<Answer, SignInFailure> {
        let mut request = Request::new(Method::POST, self.login.endpoint(endpoint));
        request.headers_mut().insert(CONTENT_TYPE, FORM);
        let body = Serializer::new(String::new()).extend_pairs(form).finish();
        *request.body_mut() = Some(body.into());
        self.login.send(request, call).await.map_err(|broken| SignInFailure::broken(broken, call.clone()))
    }

    /// Where Microsoft finds fault with the redirect address, it helps to see which it was.
    fn naming_the_redirect(&self, mut failure: SignInFailure) -> SignInFailure {
        let number = failure.refused.as_ref().and_then(|refused| refused.number);
        if let ApiError::TokenRejected { meaning, .. } = &mut failure.error {
            name_redirect(meaning, number, &self.options.registered_uri);
        }
        failure
    }
}

/// Adds the redirect address to the meaning of a refusal that is about it.
pub(super) fn name_redirect(meaning: &mut String, number: Option<u32>, redirect: &str) {
    if matches!(number, Some(50_011 | 500_112)) {
        meaning.push_str(&format!(": {redirect}"));
    }
}

/// Whether the request came to nothing for sure: there was no connection, or the login would not look at it.
fn is_unspent(error: &ApiError) -> bool {
    let unheard =
        [StatusCode::TOO_MANY_REQUESTS, StatusCode::SERVICE_UNAVAILABLE].map(|status| status.as_u16());
    match error {
        ApiError::NetworkDown { .. } => true,
        ApiError::ServerError { refusal, .. } => {
            unheard.contains(&refusal.status) || says_unavailable(refusal)
        }
        _ => false,
    }
}

fn says_unavailable(refusal: &Refusal) -> bool {
    refusal.code.as_deref() == Some("temporarily_unavailable")
}

/// The same failure, where the code may be used up.
fn spent(error: ApiError) -> ApiError {
    match error {
        ApiError::Stalled { call, reason } | ApiError::CutShort { call, reason } => {
            ApiError::CodeSpent { call, reason }
        }
        ApiError::ServerError { call, refusal } => ApiError::CodeSpent { call, reason: refusal.to_string() },
        other => other,
    }
}
