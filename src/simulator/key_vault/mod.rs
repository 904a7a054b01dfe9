//! An Azure Key Vault with secrets, in memory. Its address is the simulator's own.

mod access;
mod refusal;
mod vault;

pub(super) use vault::Vault;

use super::form::Fields;
use super::{Shared, answers, locked};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use refusal::Refusal;
use serde_json::{Value, json};
use std::sync::{Arc, MutexGuard};
use vault::{Secret, Version};

/// Where this API begins.
pub(super) const ROOTS: [&str; 2] = ["/secrets/", "/deletedsecrets/"];

const LONGEST_NAME: usize = 127;
const LARGEST_VALUE: usize = 25 * 1024;
const LARGEST_PAGE: usize = 25;
const RECOVERABLE_DAYS: i64 = 90;

/// What the vault answers.
pub(super) fn router(shared: &Arc<Shared>) -> Router<Arc<Shared>> {
    Router::new()
        .route("/secrets/{name}", get(current).put(set).delete(delete))
        // The libraries ask for the newest version with an empty one.
        .route("/secrets/{name}/", get(current))
        .route("/secrets/{name}/versions", get(versions))
        .route("/secrets/{name}/{version}", get(version))
        .route("/deletedsecrets/{name}", get(deleted).delete(purge))
        .route("/deletedsecrets/{name}/recover", post(recover))
        .route_layer(middleware::from_fn_with_state(Arc::clone(shared), access::layer))
}

/// The answer of this API when it fails.
pub(super) fn failure() -> Response {
    let message = "The request could not be completed.";
    Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError", message).into_response()
}

/// The answer of this API when it is asked too often.
pub(super) fn throttled(message: &str) -> Response {
    Refusal::new(StatusCode::TOO_MANY_REQUESTS, "Throttled", message).into_response()
}

fn vault(shared: &Shared) -> MutexGuard<'_, Vault> {
    locked(&shared.vault)
}

async fn current(State(shared): State<Arc<Shared>>, Path(name): Path<String>) -> Result<Response, Refusal> {
    let vault = vault(&shared);
    let secret = vault.secret(&name).ok_or_else(|| Refusal::not_found(&name))?;
    value_of(&shared, secret, secret.current())
}

async fn version(
    State(shared): State<Arc<Shared>>,
    Path((name, version)): Path<(String, String)>,
) -> Result<Response, Refusal> {
    let vault = vault(&shared);
    let secret = vault.secret(&name).ok_or_else(|| Refusal::not_found(&name))?;
    value_of(&shared, secret, secret.version(&version))
}

fn value_of(shared: &Shared, secret: &Secret, version: Option<&Version>) -> Result<Response, Refusal> {
    let version = version.ok_or_else(|| Refusal::not_found(&secret.name))?;
    if !version.enabled || shared.faults().vault_disabled {
        return Err(Refusal::disabled());
    }
    let mut bundle = bundle(shared, secret, version);
    bundle["value"] = json!(version.value);
    Ok(answers::json(StatusCode::OK, &bundle))
}

async fn set(
    State(shared): State<Arc<Shared>>,
    Path(name): Path<String>,
    body: Bytes,
) -> Result<Response, Refusal> {
    if name.len() > LONGEST_NAME || !name.chars().all(|it| it.is_ascii_alphanumeric() || it == '-') {
        return Err(Refusal::invalid(&format!("The request URI contains an invalid name: {name}")));
    }
    let version = read_version(&body)?;
    let mut vault = vault(&shared);
    let secret = vault.set(&name, version).map_err(|_| Refusal::deleted(&name))?;
    let version = secret.current().ok_or_else(|| Refusal::not_found(&name))?;
    let mut bundle = bundle(&shared, secret, version);
    bundle["value"] = json!(version.value);
    Ok(answers::json(StatusCode::OK, &bundle))
}

fn read_version(body: &[u8]) -> Result<Version, Refusal> {
    let body: Value = serde_json::from_slice(body)
        .map_err(|_| Refusal::invalid("The body of the request is not valid JSON."))?;
    let value = body["value"].as_str().ok_or_else(|| Refusal::invalid("Property value is required."))?;
    if value.len() > LARGEST_VALUE {
        return Err(Refusal::invalid("The value of the secret is larger than 25k bytes."));
    }
    let attributes = &body["attributes"];
    Ok(Version {
        enabled: attributes["enabled"].as_bool().unwrap_or(true),
        not_before: attributes["nbf"].as_i64(),
        expires: attributes["exp"].as_i64(),
        content_type: body["contentType"].as_str().map(str::to_owned),
        tags: body["tags"].as_object().cloned(),
        ..Version::new(value)
    })
}

// A page begins after so many versions as the token says.
async fn versions(
    State(shared): State<Arc<Shared>>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    let query = Fields::parse(query.unwrap_or_default().as_bytes());
    let number = |field: &str, default| query.get(field).map_or(Some(default), |text| text.parse().ok());
    let size = number("maxresults", LARGEST_PAGE).filter(|size| (1..=LARGEST_PAGE).contains(size));
    let size = size.ok_or_else(|| Refusal::invalid("maxresults must be between 1 and 25."))?;
    let start = number("$skiptoken", 0).ok_or_else(|| Refusal::invalid("$skiptoken is not valid."))?;

    let vault = vault(&shared);
    let secret = vault.secret(&name);
    let all = secret.map(Secret::versions_by_id).unwrap_or_default();
    let page = all.iter().skip(start).take(size);
    let items: Vec<Value> = secret
        .map(|secret| page.map(|version| bundle(&shared, secret, version)).collect())
        .unwrap_or_default();
    let next = (start.saturating_add(size) < all.len()).then(|| {
        let api_version = query.get("api-version").unwrap_or_default();
        let next = start + size;
        let base_url = &shared.base_url;
        format!(
            "{base_url}/secrets/{name}/versions?api-version={api_version}&$skiptoken={next}&maxresults={size}"
        )
    });
    Ok(answers::json(StatusCode::OK, &json!({ "value": items, "nextLink": next })))
}

async fn delete(State(shared): State<Arc<Shared>>, Path(name): Path<String>) -> Result<Response, Refusal> {
    let mut vault = vault(&shared);
    let secret = vault.delete(&name).ok_or_else(|| Refusal::not_found(&name))?;
    deleted_bundle(&shared, secret)
}

async fn deleted(State(shared): State<Arc<Shared>>, Path(name): Path<String>) -> Result<Response, Refusal> {
    let vault = vault(&shared);
    let secret = vault.deleted(&name).ok_or_else(|| Refusal::not_found(&name))?;
    deleted_bundle(&shared, secret)
}

async fn recover(State(shared): State<Arc<Shared>>, Path(name): Path<String>) -> Result<Response, Refusal> {
    let mut vault = vault(&shared);
    let secret = vault.recover(&name).ok_or_else(|| Refusal::not_found(&name))?;
    let version = secret.current().ok_or_else(|| Refusal::not_found(&name))?;
    Ok(answers::json(StatusCode::OK, &bundle(&shared, secret, version)))
}

async fn purge(State(shared): State<Arc<Shared>>, Path(name): Path<String>) -> Result<Response, Refusal> {
    if vault(&shared).purge(&name) {
        Ok(answers::empty(StatusCode::NO_CONTENT))
    } else {
        Err(Refusal::not_found(&name))
    }
}

// All that is said of a version, but its value.
fn bundle(shared: &Shared, secret: &Secret, version: &Version) -> Value {
    let mut bundle = json!({
        "id": format!("{}/secrets/{}/{}", shared.base_url, secret.name, version.id),
        "attributes": {
            "enabled": version.enabled && !shared.faults().vault_disabled,
            "created": version.created,
            "updated": version.created,
            "recoveryLevel": "Recoverable+Purgeable",
            "recoverableDays": RECOVERABLE_DAYS,
        },
    });
    for (name, time) in [("nbf", version.not_before), ("exp", version.expires)] {
        if let Some(time) = time {
            bundle["attributes"][name] = json!(time);
        }
    }
    if let Some(content_type) = &version.content_type {
        bundle["contentType"] = json!(content_type);
    }
    if let Some(tags) = &version.tags {
        bundle["tags"] = json!(tags);
    }
    bundle
}

fn deleted_bundle(shared: &Shared, secret: &Secret) -> Result<Response, Refusal> {
    let (Some(version), Some(deleted)) = (secret.current(), secret.deleted) else {
        return Err(Refusal::not_found(&secret.name));
    };
    let mut bundle = bundle(shared, secret, version);
    bundle["recoveryId"] = json!(format!("{}/deletedsecrets/{}", shared.base_url, secret.name));
    bundle["deletedDate"] = json!(deleted);
    bundle["scheduledPurgeDate"] = json!(deleted + RECOVERABLE_DAYS * 24 * 60 * 60);
    Ok(answers::json(StatusCode::OK, &bundle))
}
