//! The login: `/{tenant}/oauth2/..`, in its older form (`resource`) and its newer one (`v2.0`, `scope`). It gives tokens
//! for whatever the app may ask for.

use super::Shared;
use super::answers;
use super::form::Fields;
use super::grants::{self, Version};
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use std::sync::Arc;

/// The app's name, as pages show it.
pub(super) const APP_NAME: &str = "cspdeck";
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
