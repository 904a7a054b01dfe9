//! Answers of the login endpoint. The v1 endpoint writes its numbers as text, and some authorities add fields of any form, so a
//! success is brought into the form of RFC 6749, and a refusal is explained.

use std::time::{Duration, SystemTime};

use reqwest::StatusCode;
use serde_json::{Value, json};

use super::aadsts::{self, During};
use super::body::{self, NotJson};
use super::call::{Call, clean};
use super::error::ApiError;
use super::json::{Fields, read_count, text_of};
use super::refusal::Refusal;
use super::retry;
use super::scrub::{cut, excerpt};
use super::transport::{Answer, Broken};

/// What the login says where consent or service are missing for one audience alone
/// (<https://learn.microsoft.com/entra/identity-platform/reference-error-codes>).
const NOT_CONSENTED: [&str; 3] = ["AADSTS65001", "AADSTS500011", "AADSTS650057"];

/// Where the login gives no token for an audience beside Partner Center, the remedy is another than for Partner Center: the
/// sign-in as such is good, but was not consented to for this one.
pub(super) fn told_for(error: ApiError, meaning: &str, advice: &'static str) -> ApiError {
    match error {
        ApiError::TokenRejected { call, code, .. } if NOT_CONSENTED.iter().any(|it| code.ends_with(it)) => {
            ApiError::TokenRejected { call, code, meaning: meaning.to_owned(), advice }
        }
        other => other,
    }
}

/// A sign-in that did not succeed.
#[derive(Debug, thiserror::Error)]
#[error("{error}")]
pub(super) struct SignInFailure {
    pub(super) error: ApiError,
    /// Whether another attempt may help.
    pub(super) again: bool,
    /// The wait that the server asks for.
    pub(super) wait: Option<Duration>,
    /// What the login said, where it refused.
    pub(super) refused: Option<Box<Refused>>,
}

/// A refusal in OAuth's terms.
#[derive(Debug, Clone)]
pub(super) struct Refused {
    /// OAuth's `error`.
    pub(super) error: String,
    /// The AADSTS number.
    pub(super) number: Option<u32>,
}

impl SignInFailure {
    pub(super) fn last(error: ApiError) -> Self {
        Self { error, again: false, wait: None, refused: None }
    }

    fn passing(error: ApiError, wait: Option<Duration>) -> Self {
        Self { error, again: true, wait, refused: None }
    }

    pub(super) fn broken(broken: Broken, call: Call) -> Self {
        let (error, again) = broken.into_error(call);
        Self { error, again, wait: None, refused: None }
    }

    pub(super) fn unreadable(call: Call, reason: &str) -> Self {
        Self::last(ApiError::BadBody { call: Box::new(call), reason: reason.to_owned() })
    }
}

/// A success in the form that the `oauth2` crate reads, or why there is none.
pub(super) fn accept(
    answer: Answer,
    mut call: Call,
    during: During,
    secrets: &[&str],
    now: SystemTime,
) -> Result<oauth2::HttpResponse, SignInFailure> {
    let Answer { status, headers, body: raw } = answer;
    if status == StatusCode::OK {
        // What can't be read is never shown here: it may hold tokens.
        return match body::parse(&raw).as_ref().map(normal_form) {
            Ok(Some(body)) => Ok(oauth2::HttpResponse::new(body)),
            Ok(None) => Err(SignInFailure::unreadable(call, "there is no access token in the answer")),
            Err(NotJson::Incomplete) => {
                let error =
                    ApiError::CutShort { call: Box::new(call), reason: "the JSON ends too early".to_owned() };
                Err(SignInFailure::passing(error, None))
            }
            Err(NotJson::Other) => Err(SignInFailure::unreadable(call, "the answer is no JSON")),
        };
    }
    let refusal = Refusal::read(status, &raw, secrets);
    if status.is_redirection() {
        return Err(SignInFailure::last(ApiError::Redirected { call: Box::new(call), refusal }));
    }
    let document = body::parse(&raw).unwrap_or(Value::Null);
    let fields = Fields::of(&document);
    let oauth_error = fields.and_then(|f| f.get("error")?.as_str().map(|e| excerpt(e, secrets)));
    if retry::is_retriable(status) || oauth_error.as_deref() == Some("temporarily_unavailable") {
        let wait = retry::retry_after(&headers, now);
        let error = ApiError::ServerError { call: Box::new(call), refusal };
        return Err(SignInFailure::passing(error, wait));
    }
    let (Some(fields), Some(oauth_error)) = (fields, oauth_error) else {
        return Err(SignInFailure::unreadable(call, &refusal.to_string()));
    };
    let id = |name| fields.text(name).as_deref().and_then(clean);
    call.request_id = id("trace_id").unwrap_or(call.request_id);
    call.correlation_id = id("correlation_id").unwrap_or(call.correlation_id);
    let description = fields.text("error_description").unwrap_or_default();
    let number = fields
        .array("error_codes")
        .and_then(|codes| text_of(codes.first()?)?.parse().ok())
        .or_else(|| aadsts::number_in(&description));
    let refused = Refused { error: oauth_error, number };
    let Told { code, meaning, advice } = refused.told(during, &description, secrets);
    let error = ApiError::TokenRejected { call: Box::new(call), code, meaning, advice };
    Err(SignInFailure { error, again: false, wait: None, refused: Some(Box::new(refused)) })
}

/// A refusal as it is told to the operator.
pub(super) struct Told {
    pub(super) code: String,
    pub(super) meaning: String,
    pub(super) advice: &'static str,
}

impl Refused {
    /// What it means, with the server's own words where these say more.
    pub(super) fn told(&self, during: During, description: &str, secrets: &[&str]) -> Told {
        let said = aadsts::explain(during, &self.error, self.number);
        let mut code = cut(&self.error, 60);
        if let Some(number) = self.number {
            code.push_str(&format!(", AADSTS{number}"));
        }
        let meaning = if !said.is_exact && !description.is_empty() {
            format!("{}: \"{}\"", said.meaning, excerpt(description, secrets))
        } else {
            said.meaning.to_owned()
        };
        Told { code, meaning, advice: said.advice }
    }
}

/// The fields of RFC 6749 with their types; none without an access token.
fn normal_form(answer: &Value) -> Option<Vec<u8>> {
    let fields = Fields::of(answer)?;
    let access_token = fields.get("access_token")?.as_str().filter(|token| !token.is_empty())?;
    let mut normal = json!({
        "access_token": access_token,
        "token_type": fields.text("token_type").unwrap_or_else(|| "Bearer".to_owned()),
    });
    if let Some(life) = fields.text("expires_in") {
        normal["expires_in"] = json!(read_count(&life).0);
    }
    if let Some(refresh_token) = fields.get("refresh_token").and_then(Value::as_str).filter(|t| !t.is_empty())
    {
        normal["refresh_token"] = json!(refresh_token);
    }
    serde_json::to_vec(&normal).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_of_both_versions_take_one_form() {
        for (answer, expected) in [
            (
                json!({"token_type": "Bearer", "expires_in": "3599", "expires_on": "1893456000", "access_token": "a", "refresh_token": "r"}),
                Some(
                    json!({"access_token": "a", "token_type": "Bearer", "expires_in": 3599, "refresh_token": "r"}),
                ),
            ),
            (
                json!({"Access_Token": "a", "expires_in": 3599.0, "scope": ["odd"]}),
                Some(json!({"access_token": "a", "token_type": "Bearer", "expires_in": 3599})),
            ),
            (
                json!({"access_token": "a", "expires_in": -5, "refresh_token": ""}),
                Some(json!({"access_token": "a", "token_type": "Bearer", "expires_in": 0})),
            ),
            (
                json!({"access_token": "a", "expires_in": null, "refresh_token": 5}),
                Some(json!({"access_token": "a", "token_type": "Bearer"})),
            ),
            (json!({"access_token": ""}), None),
            (json!({"access_token": 5}), None),
            (json!([]), None),
        ] {
            let normal = normal_form(&answer).map(|body| serde_json::from_slice::<Value>(&body).unwrap());
            assert_eq!(normal, expected, "{answer}");
        }
    }
}
