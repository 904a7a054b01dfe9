//! The authorization endpoint: where a browser begins to sign in, and what it is sent back with.

use super::aadsts::LoginError;
use super::audiences::{PARTNER_CENTER, audience_of, check_audience, check_tenant};
use super::form::Fields;
use super::grants::Version;
use super::login::APP_NAME;
use super::tokens::CODE_LIFE;
use super::tokens::Code;
use super::users::SignIn;
use super::{APP_ID, Shared, answers, sign_in_page};
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

const NATIVE_CLIENT: &str = "https://login.microsoftonline.com/common/oauth2/nativeclient";

/// `GET /{tenant}/oauth2/authorize`
pub(super) async fn authorize(
    State(shared): State<Arc<Shared>>,
    Path(tenant): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    authorized(&shared, &tenant, Version::V1, query)
}

/// `GET /{tenant}/oauth2/v2.0/authorize`
pub(super) async fn authorize_v2(
    State(shared): State<Arc<Shared>>,
    Path(tenant): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    authorized(&shared, &tenant, Version::V2, query)
}

fn authorized(shared: &Shared, tenant: &str, version: Version, query: Option<String>) -> Response {
    let query = Fields::parse(query.unwrap_or_default().as_bytes());
    let redirect = match checked_redirect(tenant, &query) {
        Ok(redirect) => redirect,
        // Nobody knows where to send these to: the login shows them itself.
        Err(error) => {
            return answers::html(StatusCode::BAD_REQUEST, "Sign in to your account", &error.description());
        }
    };
    let answer = checked_request(shared, version, &query).and_then(|request| {
        let sign_in = match (shared.sign_in_page, query.get("sign_in_as").and_then(SignIn::named)) {
            (false, _) => shared.faults().sign_in_as,
            (true, Some(chosen)) => chosen,
            (true, None) => return Ok(None),
        };
        issue_code(shared, request, sign_in).map(Some)
    });
    match answer {
        Ok(None) => sign_in_page::choices(APP_NAME, "get", &query.all()),
        Ok(Some(code)) => {
            let session = uuid::Uuid::new_v4().to_string();
            sent_back(redirect, &query, &[("code", &code), ("session_state", &session)])
        }
        Err(error) => {
            let description = error.description();
            sent_back(redirect, &query, &[("error", error.error()), ("error_description", &description)])
        }
    }
}

fn sent_back(mut redirect: Url, query: &Fields, parameters: &[(&str, &str)]) -> Response {
    redirect.query_pairs_mut().extend_pairs(parameters);
    if let Some(state) = query.get("state") {
        redirect.query_pairs_mut().append_pair("state", state);
    }
    let mut response = answers::empty(StatusCode::FOUND);
    if let Ok(location) = HeaderValue::try_from(redirect.as_str()) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

fn issue_code(shared: &Shared, request: Request, sign_in: SignIn) -> Result<String, LoginError> {
    let user = sign_in.user().ok_or_else(|| LoginError::new(65_004))?;
    let life = match sign_in {
        SignIn::ExpiredCode => Duration::ZERO,
        _ => shared.faults().code_life.unwrap_or(CODE_LIFE),
    };
    let Request { redirect_uri, challenge, scope } = request;
    Ok(shared.tokens().issue_code(Code { redirect_uri, challenge, scope, user, life }))
}

fn checked_redirect(tenant: &str, query: &Fields) -> Result<Url, LoginError> {
    check_tenant(tenant)?;
    if !query.need("client_id")?.eq_ignore_ascii_case(APP_ID) {
        return Err(LoginError::new(700_016));
    }
    let redirect = query.need("redirect_uri")?;
    let url = Url::parse(redirect).map_err(|_| LoginError::new(50_011))?;
    let is_loopback =
        url.scheme() == "http" && matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    if is_loopback || redirect == NATIVE_CLIENT { Ok(url) } else { Err(LoginError::new(50_011)) }
}

/// What a code is asked for.
struct Request {
    redirect_uri: String,
    challenge: Option<String>,
    scope: String,
}

fn checked_request(shared: &Shared, version: Version, query: &Fields) -> Result<Request, LoginError> {
    if query.need("response_type")? != "code" {
        return Err(LoginError::missing("response_type=code"));
    }
    if query.get("response_mode").is_some_and(|mode| mode != "query") {
        return Err(LoginError::missing("response_mode=query"));
    }
    query.need("state")?;
    let challenge = match (version, query.get("code_challenge")) {
        (Version::V1, challenge) => challenge,
        (Version::V2, None) => return Err(LoginError::missing("code_challenge")),
        (Version::V2, Some(challenge)) => {
            let method = query.get("code_challenge_method");
            if method != Some("S256") || challenge.len() != 43 {
                return Err(LoginError::missing("code_challenge_method=S256"));
            }
            Some(challenge)
        }
    };
    let scope = match version {
        Version::V1 => query.get("resource").unwrap_or(PARTNER_CENTER),
        Version::V2 => query.need("scope")?,
    };
    let audience = match version {
        Version::V1 => scope.to_owned(),
        Version::V2 => audience_of(scope)?,
    };
    check_audience(&audience, &shared.base_url)?;
    Ok(Request {
        redirect_uri: query.need("redirect_uri")?.to_owned(),
        challenge: challenge.map(str::to_owned),
        scope: scope.to_owned(),
    })
}
