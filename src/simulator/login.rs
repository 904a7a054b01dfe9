//! The login: `/{tenant}/oauth2/..`, in its older form (`resource`) and its newer one (`v2.0`, `scope`). It gives tokens
//! for whatever the app may ask for.

use super::aadsts::LoginError;
use super::answers;
use super::grants::{self, Fields};
use super::{PARTNER_DOMAIN, PARTNER_TENANT, Shared};
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use std::sync::Arc;

/// The app's name, as pages show it.
pub(super) const APP_NAME: &str = "cspdeck";
/// The audience of Partner Center's API.
pub(super) const PARTNER_CENTER: &str = "https://api.partnercenter.microsoft.com";
/// The audience of the pricing API.
const PRICING: &str = "https://api.partner.microsoft.com";
/// What a refresh token is exchanged for when the client doesn't say.
pub(super) const DEFAULT_SCOPE: &str = "https://api.partnercenter.microsoft.com/.default offline_access";
// Partner Center's app id stands for its address, too.
const PARTNER_CENTER_APP: &str = "fa3d9a0c-3fb0-42cc-9193-47c7ecd2edbd";
/// The audience of Graph.
pub(super) const GRAPH: &str = "https://graph.microsoft.com";
/// The audience of Key Vault.
pub(super) const KEY_VAULT: &str = "https://vault.azure.net";
// Other services that the app may get tokens for. Partner Center accepts none of these.
const OTHER_AUDIENCES: &[&str] = &[PRICING, GRAPH, "https://graph.windows.net", KEY_VAULT];

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

/// Whether Graph accepts tokens for this audience: its own address, or the simulator's.
pub(super) fn is_graph(audience: &str, base_url: &str) -> bool {
    audience == GRAPH || is_simulator(audience, base_url)
}

/// Whether Graph alone is meant: by its own address, or by the simulator's other name.
pub(super) fn is_graph_alone(audience: &str, base_url: &str) -> bool {
    audience == GRAPH || (audience != base_url && is_simulator(audience, base_url))
}

/// Whether Key Vault accepts tokens for this audience: its own address, or the simulator's.
pub(super) fn is_key_vault(audience: &str, base_url: &str) -> bool {
    audience == KEY_VAULT || is_simulator(audience, base_url)
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
