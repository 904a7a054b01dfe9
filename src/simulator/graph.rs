//! Graph, as far as it tells whether its partner billing may be read: an export is taken, and ends without data.

use super::bearer::{self, Denied};
use super::caller::Caller;
use super::users::User;
use super::{Shared, answers, audiences, locked};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{FromRequestParts, Path, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use axum::routing::{get, post};
use serde_json::{Value, json};
use std::sync::Arc;
use uuid::Uuid;

/// Where this API begins.
pub(super) const ROOT: &str = "/v1.0/reports/";

const OPERATIONS: &str = "/v1.0/reports/partners/billing/operations";

/// What Graph answers.
pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/v1.0/reports/partners/billing/operations/{id}", get(operation))
        .route("/v1.0/reports/partners/billing/reconciliation/billed/export", post(export_billed))
}

/// Proof that the caller may read partner billing.
struct Reader;

impl FromRequestParts<Arc<Shared>> for Reader {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, shared: &Arc<Shared>) -> Result<Reader, Response> {
        let caller = bearer::caller(shared, &parts.headers, audiences::is_graph).map_err(|denied| {
            let message = match denied {
                Denied::Missing => "Access token is empty.",
                Denied::Unknown => "IDX14100: JWT is not well formed.",
                Denied::Audience => "Access token validation failure. Invalid audience.",
                Denied::Expired => "Lifetime validation failed, the token is expired.",
            };
            error(StatusCode::UNAUTHORIZED, "InvalidAuthenticationToken", message)
        })?;
        let may_read = matches!(caller, Caller::App | Caller::User(User::Admin | User::NoMfa));
        if may_read && !shared.faults().deny_graph {
            Ok(Reader)
        } else {
            Err(error(
                StatusCode::FORBIDDEN,
                "Authorization_RequestDenied",
                "Insufficient privileges to complete the operation.",
            ))
        }
    }
}

async fn export_billed(State(shared): State<Arc<Shared>>, _reader: Reader, body: Bytes) -> Response {
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    if body["invoiceId"].as_str().is_none_or(str::is_empty) {
        return error(StatusCode::BAD_REQUEST, "BadRequest", "The property invoiceId is missing.");
    }
    let id = Uuid::new_v4();
    locked(&shared.operations).insert(id);
    let mut response = answers::empty(StatusCode::ACCEPTED);
    if let Ok(location) = HeaderValue::try_from(format!("{}{OPERATIONS}/{id}", shared.base_url)) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

async fn operation(State(shared): State<Arc<Shared>>, Path(id): Path<String>, _reader: Reader) -> Response {
    let is_known = Uuid::parse_str(&id).is_ok_and(|id| locked(&shared.operations).contains(&id));
    if !is_known {
        return error(StatusCode::NOT_FOUND, "NotFound", "The operation was not found.");
    }
    let body = json!({
        "@odata.type": "#microsoft.graph.partners.billing.exportFailedOperation",
        "id": id,
        "status": "failed",
        "error": { "code": "5000", "message": "No data available" },
    });
    answers::json(StatusCode::OK, &body)
}

/// The answer of this API when it fails.
pub(super) fn failure() -> Response {
    error(StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError", "The request could not be completed.")
}

/// The answer of this API when it is asked too often.
pub(super) fn throttled(message: &str) -> Response {
    error(StatusCode::TOO_MANY_REQUESTS, "TooManyRequests", message)
}

fn error(status: StatusCode, code: &str, message: &str) -> Response {
    let body = json!({
        "error": {
            "code": code,
            "message": message,
            "innerError": {
                "date": jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S").to_string(),
                "request-id": Uuid::new_v4().to_string(),
            },
        },
    });
    answers::json(status, &body)
}
