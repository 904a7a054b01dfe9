//! All routes, and who may call the API.

use super::answers::{self, Refusal};
use super::bearer::{self, Denied};
use super::caller::Caller;
use super::users::User;
use super::{
    Shared, application_consents, audiences, authorize, customers, device_login, graph, key_vault, layer,
    login, managed_identity, pricing, profiles, relationships, subscriptions,
};
use axum::Router;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use std::sync::Arc;

/// All that the simulator answers.
pub(super) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/{tenant}/oauth2/authorize", get(authorize::authorize))
        .route("/{tenant}/oauth2/token", post(login::token_v1))
        .route("/{tenant}/oauth2/v2.0/authorize", get(authorize::authorize_v2))
        .route("/{tenant}/oauth2/v2.0/token", post(login::token_v2))
        .route("/{tenant}/oauth2/v2.0/devicecode", post(device_login::device_code))
        .route("/devicelogin", get(device_login::page).post(device_login::chosen))
        .route("/metadata/identity/oauth2/token", get(managed_identity::token))
        .route("/v1/profiles/organization", get(profiles::organization))
        .route("/v1/profiles/mpn", get(profiles::mpn))
        .route("/v1/customers", get(customers::list))
        .route("/v1/customers/{id}", get(customers::get))
        .route("/v1/customers/{id}/subscriptions", get(subscriptions::list))
        .route("/v1/customers/{id}/relationships", get(relationships::of_customer))
        .route("/v1/customers/{id}/applicationconsents", post(application_consents::give))
        .route("/v1/customers/{id}/applicationconsents/{app}", delete(application_consents::take_back))
        .route("/v1/relationships", get(relationships::of_partner))
        .route("/v1.0/sales/{resource}/$value", get(pricing::value))
        .merge(graph::router())
        .merge(key_vault::router(&shared))
        .fallback(unknown_resource)
        .layer(middleware::from_fn_with_state(Arc::clone(&shared), layer::layer))
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
        let caller =
            bearer::caller(shared, &parts.headers, audiences::is_partner_center).map_err(|denied| {
                match denied {
                    Denied::Missing => {
                        let mut response = answers::empty(StatusCode::UNAUTHORIZED);
                        let challenge = HeaderValue::from_static("Bearer realm=\"partnercenter\"");
                        response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
                        response
                    }
                    Denied::Unknown => answers::html(
                        StatusCode::UNAUTHORIZED,
                        "401 - Unauthorized",
                        "Access is denied due to invalid credentials.",
                    ),
                    Denied::Audience => answers::error(
                        StatusCode::UNAUTHORIZED,
                        900_420,
                        "The audience of the access token is not accepted by Partner Center.",
                    ),
                    Denied::Expired => answers::error(
                        StatusCode::UNAUTHORIZED,
                        "400",
                        "Access denied. The access token has expired.",
                    ),
                }
            })?;
        admit(caller).map_err(IntoResponse::into_response)
    }
}

// Who may call at all. What an app on its own may not is for each resource to say.
fn admit(caller: Caller) -> Result<Caller, Refusal> {
    match caller {
        Caller::App | Caller::User(User::Admin) => Ok(caller),
        Caller::User(User::NoMfa) => Err(Refusal::new(
            StatusCode::UNAUTHORIZED,
            900_421,
            "MFA required: the access token does not show that the user has completed multi-factor authentication.",
        )),
        Caller::User(User::NoRole) | Caller::Identity => Err(Refusal::new(
            StatusCode::FORBIDDEN,
            900_308,
            "The caller has insufficient privileges to perform this operation.",
        )),
        Caller::User(User::OtherTenant) => Err(Refusal::new(
            StatusCode::FORBIDDEN,
            900_150,
            "The tenant of the caller has no right to perform this operation.",
        )),
    }
}
