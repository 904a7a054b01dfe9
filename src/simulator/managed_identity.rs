//! The managed identity of the machine, as Azure's metadata service gives tokens for it.

use super::caller::Caller;
use super::claims::EXPIRES_IN;
use super::form::Fields;
use super::{IDENTITY_CLIENT_ID, Shared, answers, audiences};
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::{Value, json};
use std::sync::Arc;

/// `GET /metadata/identity/oauth2/token`
pub(super) async fn token(
    State(shared): State<Arc<Shared>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let query = Fields::parse(query.unwrap_or_default().as_bytes());
    match token_for(&shared, &headers, &query) {
        Ok(body) => answers::json(StatusCode::OK, &body),
        Err((error, description)) => {
            let body = json!({ "error": error, "error_description": description });
            answers::json(StatusCode::BAD_REQUEST, &body)
        }
    }
}

// The error is its name and its description.
fn token_for(
    shared: &Shared,
    headers: &HeaderMap,
    query: &Fields,
) -> Result<Value, (&'static str, &'static str)> {
    let invalid = |description| ("invalid_request", description);
    // Both keep a web server on the machine from being talked into asking for others.
    if !headers.get("metadata").is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"true")) {
        return Err(invalid("Required metadata header not specified"));
    }
    if headers.contains_key("x-forwarded-for") {
        return Err(invalid("The request has been forwarded"));
    }
    if query.get("api-version").is_none() {
        return Err(invalid("Required query variable 'api-version' is missing"));
    }
    let Some(resource) = query.get("resource") else {
        return Err(invalid("Required query variable 'resource' is missing"));
    };
    let is_known = query.get("client_id").is_none_or(|id| id.eq_ignore_ascii_case(IDENTITY_CLIENT_ID))
        && query.get("object_id").is_none()
        && query.get("msi_res_id").is_none();
    let faults = shared.faults();
    if faults.no_managed_identity || !is_known {
        return Err(invalid("Identity not found"));
    }
    let audience = resource.trim_end_matches('/');
    if audiences::check_audience(audience, &shared.base_url).is_err() {
        return Err((
            "invalid_resource",
            "AADSTS500011: The resource principal was not found in the tenant.",
        ));
    }
    let now = jiff::Timestamp::now().as_second();
    let access_token = shared.tokens().issue_access(audience, Caller::Identity, faults.token_life);
    Ok(json!({
        "access_token": access_token,
        "client_id": IDENTITY_CLIENT_ID,
        "expires_in": EXPIRES_IN.to_string(),
        "expires_on": (now + EXPIRES_IN.cast_signed()).to_string(),
        "ext_expires_in": EXPIRES_IN.to_string(),
        "not_before": (now - 300).to_string(),
        "resource": resource,
        "token_type": "Bearer",
    }))
}
