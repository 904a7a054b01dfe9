//! Who may read prices, and how the pricing API refuses.

use crate::simulator::bearer::{self, Denied};
use crate::simulator::caller::Caller;
use crate::simulator::users::User;
use crate::simulator::{Shared, audiences};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use uuid::Uuid;

use crate::simulator::answers;

/// A refusal in the form of this API, which is not that of Partner Center.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: String,
    target: &'static str,
}

impl Refusal {
    fn new(status: StatusCode, code: &'static str, message: &str, target: &'static str) -> Refusal {
        Refusal { status, code, message: message.to_owned(), target }
    }

    /// The request can't be understood.
    pub(super) fn invalid(message: &str, target: &'static str) -> Refusal {
        Refusal::new(StatusCode::BAD_REQUEST, "invalidRequest", message, target)
    }

    /// There is no such sheet.
    pub(super) fn not_found(message: &str, target: &'static str) -> Refusal {
        Refusal::new(StatusCode::NOT_FOUND, "itemNotFound", message, target)
    }

    /// A failure of the service.
    pub(super) fn failed() -> Refusal {
        let message = "An unspecified error has occurred.";
        Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "generalException", message, "pricesheets")
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = json!({
            "error": {
                "code": self.code,
                "message": self.message,
                "target": self.target,
                "innerError": { "code": self.code, "message": self.message },
            },
        });
        answers::json(self.status, &body)
    }
}

/// Lets a signed-in user with a token of this API through. A token of Partner Center's own API is refused with 401, as
/// has been seen; an app on its own and a user without the role with 400, as is documented.
pub(super) fn check(shared: &Shared, parts: &Parts) -> Result<(), Refusal> {
    let unauthenticated =
        |message| Refusal::new(StatusCode::UNAUTHORIZED, "unauthenticated", message, "pricesheets");
    let caller = bearer::caller(shared, &parts.headers, audiences::is_pricing).map_err(|denied| {
        unauthenticated(match denied {
            Denied::Missing | Denied::Unknown => "Unauthorized: Missing or invalid Authorization header",
            Denied::Audience => "Unauthorized: Invalid Authorization header",
            Denied::Expired => "Unauthorized: The access token has expired",
        })
    })?;
    if caller == Caller::User(User::NoMfa) {
        return Err(unauthenticated("Unauthorized: Multi-factor authentication is required"));
    }
    if caller != Caller::User(User::Admin) || shared.faults().deny_price_sheets {
        return Err(Refusal::invalid("The caller does not have the rights for this request.", "pricesheets"));
    }
    check_request_id(&parts.headers)
}

fn check_request_id(headers: &HeaderMap) -> Result<(), Refusal> {
    let id = headers.get("client-request-id").and_then(|value| value.to_str().ok());
    match id.map(Uuid::parse_str) {
        Some(Ok(_)) => Ok(()),
        _ => Err(Refusal::invalid("The header client-request-id must be a GUID.", "client-request-id")),
    }
}
