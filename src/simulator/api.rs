//! All routes, and who may call the API.

use super::answers::{self, Refusal};
use super::faults;
use super::tokens::Caller;
use super::{Shared, customers, login, pricing, profiles, relationships, subscriptions};
use axum::Router;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware;
use axum::response::Response;
use axum::routing::{get, post};
use std::sync::Arc;
use std::time::Instant;

/// All that the simulator answers.
pub(super) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/{tenant}/oauth2/authorize", get(login::authorize))
        .route("/{tenant}/oauth2/token", post(login::token_v1))
        .route("/{tenant}/oauth2/v2.0/authorize", get(login::authorize_v2))
        .route("/{tenant}/oauth2/v2.0/token", post(login::token_v2))
        .route("/{tenant}/oauth2/v2.0/devicecode", post(login::device_code))
        .route("/v1/profiles/organization", get(profiles::organization))
        .route("/v1/profiles/mpn", get(profiles::mpn))
        .route("/v1/customers", get(customers::list))
        .route("/v1/customers/{id}", get(customers::get))
        .route("/v1/customers/{id}/subscriptions", get(subscriptions::list))
        .route("/v1/customers/{id}/relationships", get(relationships::of_customer))
        .route("/v1/relationships", get(relationships::of_partner))
        .route("/v1.0/sales/{resource}/$value", get(pricing::value))
        .fallback(unknown_resource)
        .layer(middleware::from_fn_with_state(Arc::clone(&shared), faults::layer))
        .with_state(shared)
}

async fn unknown_resource() -> Response {
    answers::error(StatusCode::NOT_FOUND, 1000, "The requested resource was not found.")
}

impl FromRequestParts<Arc<Shared>> for Caller {
    type Rejection = Response;

    /// Who calls, by the access token. No token, a foreign one and an expired one answer 401, each with another
    /// kind of body.
    async fn from_request_parts(parts: &mut Parts, shared: &Arc<Shared>) -> Result<Caller, Response> {
        let Some(token) = bearer(parts) else {
            let mut response = answers::empty(StatusCode::UNAUTHORIZED);
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"partnercenter\""));
            return Err(response);
        };
        let access = shared.tokens().access(token);
        let Some(access) = access else {
            return Err(answers::html(
                StatusCode::UNAUTHORIZED,
                "401 - Unauthorized",
                "Access is denied due to invalid credentials.",
            ));
        };
        if !login::is_partner_center(&access.audience, &shared.base_url) {
            return Err(answers::error(
                StatusCode::UNAUTHORIZED,
                900_420,
                "The audience of the access token is not accepted by Partner Center.",
            ));
        }
        if access.expires <= Instant::now() {
            return Err(answers::error(
                StatusCode::UNAUTHORIZED,
                "400",
                "Access denied. The access token has expired.",
            ));
        }
        Ok(access.caller)
    }
}

/// The token that a request carries.
pub(super) fn bearer(parts: &Parts) -> Option<&str> {
    let value = parts.headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("Bearer").then(|| token.trim())
}

/// Some resources are for a signed-in user only.
///
/// # Errors
/// The 403 that an app on its own gets.
pub(super) fn user_only(caller: Caller) -> Result<(), Refusal> {
    match caller {
        Caller::User => Ok(()),
        Caller::App => Err(Refusal::new(
            StatusCode::FORBIDDEN,
            900_329,
            "The request is not supported with App only authentication.",
        )),
    }
}
