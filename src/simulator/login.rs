//! The login: `/{tenant}/oauth2/..`, in its older form (`resource`) and its newer one (`v2.0`, `scope`).

use super::aadsts::LoginError;
use super::answers;
use super::grants::{self, Fields};
use super::tokens::{Code, DEVICE_CODE_LIFE};
use super::{APP_ID, PARTNER_DOMAIN, PARTNER_TENANT, Shared};
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::json;
use std::sync::Arc;
use url::Url;

/// The audience of Partner Center's API.
pub(super) const PARTNER_CENTER: &str = "https://api.partnercenter.microsoft.com";
/// The audience of the pricing API.
const PRICING: &str = "https://api.partner.microsoft.com";
/// What a refresh token is exchanged for when the client doesn't say.
pub(super) const DEFAULT_SCOPE: &str = "https://api.partnercenter.microsoft.com/.default offline_access";
// Partner Center's app id stands for its address, too.
const PARTNER_CENTER_APP: &str = "fa3d9a0c-3fb0-42cc-9193-47c7ecd2edbd";
// Other services that the app may get tokens for. Partner Center accepts none of these.
const OTHER_AUDIENCES: &[&str] =
    &[PRICING, "https://graph.microsoft.com", "https://graph.windows.net", "https://vault.azure.net"];
const NATIVE_CLIENT: &str = "https://login.microsoftonline.com/common/oauth2/nativeclient";

/// Which form of the login is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    V1,
    V2,
}

/// Whether Partner Center accepts tokens for this audience: its own address, or the simulator's.
pub(super) fn is_partner_center(audience: &str, base_url: &str) -> bool {
    [PARTNER_CENTER, PARTNER_CENTER_APP].contains(&audience) || is_simulator(audience, base_url)
}

/// Whether the pricing API accepts tokens for this audience: its own address, or the simulator's.
pub(super) fn is_pricing(audience: &str, base_url: &str) -> bool {
    audience == PRICING || is_simulator(audience, base_url)
}

fn is_simulator(audience: &str, base_url: &str) -> bool {
    audience.replace("//localhost:", "//127.0.0.1:") == base_url
}

/// # Errors
/// When there is no such service.
pub(super) fn check_audience(audience: &str, base_url: &str) -> Result<(), LoginError> {
    if is_partner_center(audience, base_url) || OTHER_AUDIENCES.contains(&audience) {
        Ok(())
    } else {
        Err(LoginError::new(500_011))
    }
}

/// # Errors
/// When `tenant` is neither the partner's tenant nor one of the names that stand for any.
pub(super) fn check_tenant(tenant: &str) -> Result<(), LoginError> {
    let known = [PARTNER_TENANT, PARTNER_DOMAIN, "organizations", "common"];
    if known.iter().any(|known| known.eq_ignore_ascii_case(tenant)) {
        Ok(())
    } else {
        Err(LoginError::new(90_002))
    }
}

/// The one audience that a list of scopes is about.
///
/// # Errors
/// When it is about none, or about several.
pub(super) fn audience_of(scopes: &str) -> Result<String, LoginError> {
    let mut audiences: Vec<&str> = scopes
        .split_whitespace()
        .filter_map(|scope| scope.rsplit_once('/'))
        .map(|(audience, _)| audience.trim_end_matches('/'))
        .collect();
    audiences.dedup();
    match audiences.as_slice() {
        [audience] => Ok((*audience).to_owned()),
        _ => Err(LoginError::new(70_011)),
    }
}

/// `POST /{tenant}/oauth2/token`
pub(super) async fn token_v1(
    State(shared): State<Arc<Shared>>,
    Path(tenant): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    token(&shared, &tenant, Version::V1, &headers, &body)
}

/// `POST /{tenant}/oauth2/v2.0/token`
pub(super) async fn token_v2(
    State(shared): State<Arc<Shared>>,
    Path(tenant): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    token(&shared, &tenant, Version::V2, &headers, &body)
}

fn token(shared: &Shared, tenant: &str, version: Version, headers: &HeaderMap, body: &[u8]) -> Response {
    let form = Fields::parse(body);
    let mut response = match grants::token(shared, tenant, version, headers, &form) {
        Ok(body) => answers::json(StatusCode::OK, &body),
        Err(error) => error.response(),
    };
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

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
    let mut target = redirect.clone();
    match checked_request(shared, version, &query) {
        Ok(code) => {
            let code = shared.tokens().issue_code(Code {
                redirect_uri: query.get("redirect_uri").unwrap_or_default().to_owned(),
                ..code
            });
            target
                .query_pairs_mut()
                .append_pair("code", &code)
                .append_pair("session_state", &uuid::Uuid::new_v4().to_string());
        }
        Err(error) => {
            target
                .query_pairs_mut()
                .append_pair("error", error.error())
                .append_pair("error_description", &error.description());
        }
    }
    if let Some(state) = query.get("state") {
        target.query_pairs_mut().append_pair("state", state);
    }
    let mut response = answers::empty(StatusCode::FOUND);
    if let Ok(location) = HeaderValue::try_from(target.as_str()) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
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

fn checked_request(shared: &Shared, version: Version, query: &Fields) -> Result<Code, LoginError> {
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
    Ok(Code { redirect_uri: String::new(), challenge: challenge.map(str::to_owned), scope: scope.to_owned() })
}

/// `POST /{tenant}/oauth2/v2.0/devicecode`
pub(super) async fn device_code(
    State(shared): State<Arc<Shared>>,
    Path(tenant): Path<String>,
    body: Bytes,
) -> Response {
    let form = Fields::parse(&body);
    match device_code_for(&shared, &tenant, &form) {
        Ok(body) => answers::json(StatusCode::OK, &body),
        Err(error) => error.response(),
    }
}

fn device_code_for(shared: &Shared, tenant: &str, form: &Fields) -> Result<serde_json::Value, LoginError> {
    check_tenant(tenant)?;
    if !form.need("client_id")?.eq_ignore_ascii_case(APP_ID) {
        return Err(LoginError::new(700_016));
    }
    let scope = form.need("scope")?;
    check_audience(&audience_of(scope)?, &shared.base_url)?;
    let device_code = shared.tokens().issue_device_code(scope.to_owned());
    let letters = device_code.chars().filter(char::is_ascii_alphanumeric);
    let user_code: String = letters.skip(1).take(9).collect::<String>().to_uppercase();
    let page = "https://microsoft.com/devicelogin";
    Ok(json!({
        "user_code": user_code,
        "device_code": device_code,
        "verification_uri": page,
        "expires_in": DEVICE_CODE_LIFE,
        "interval": 1,
        "message": format!(
            "To sign in, use a web browser to open the page {page} and enter the code {user_code} to authenticate. (The simulator signs in by itself.)"
        ),
    }))
}
