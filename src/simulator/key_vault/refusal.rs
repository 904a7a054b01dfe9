//! How the vault refuses.

use crate::simulator::answers;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// A refusal in the form of this API.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: String,
    /// The code in the inner error, if there is one.
    inner: Option<&'static str>,
    challenge: Option<String>,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, code: &'static str, message: &str) -> Refusal {
        Refusal { status, code, message: message.to_owned(), inner: None, challenge: None }
    }

    fn with_inner(self, inner: &'static str) -> Refusal {
        Refusal { inner: Some(inner), ..self }
    }

    /// No good token; the challenge says where to get one.
    pub(super) fn unauthorized(message: &str, challenge: String) -> Refusal {
        let refusal = Refusal::new(StatusCode::UNAUTHORIZED, "Unauthorized", message);
        Refusal { challenge: Some(challenge), ..refusal }
    }

    /// The request can't be understood.
    pub(super) fn invalid(message: &str) -> Refusal {
        Refusal::new(StatusCode::BAD_REQUEST, "BadParameter", message)
    }

    /// The caller has no role that allows this.
    pub(super) fn by_role() -> Refusal {
        let message = "Caller is not authorized to perform action on resource.\r\nIf role assignments, deny assignments or role definitions were changed recently, please observe propagation time.";
        Refusal::new(StatusCode::FORBIDDEN, "Forbidden", message).with_inner("ForbiddenByRbac")
    }

    /// The caller's address isn't let in.
    pub(super) fn by_firewall() -> Refusal {
        let message = "Client address is not authorized and caller is not a trusted service.\r\nClient address: 127.0.0.1";
        Refusal::new(StatusCode::FORBIDDEN, "Forbidden", message).with_inner("ForbiddenByFirewall")
    }

    /// The secret must not be read.
    pub(super) fn disabled() -> Refusal {
        let message = "Operation get is not allowed on a disabled secret.";
        Refusal::new(StatusCode::FORBIDDEN, "Forbidden", message).with_inner("SecretDisabled")
    }

    /// There is no such secret, or version of it.
    pub(super) fn not_found(name: &str) -> Refusal {
        let message = format!(
            "A secret with (name/id) {name} was not found in this key vault. If you recently deleted this secret you may be able to recover it using the correct recovery command."
        );
        Refusal::new(StatusCode::NOT_FOUND, "SecretNotFound", &message)
    }

    /// The name belongs to a secret that is deleted but not gone.
    pub(super) fn deleted(name: &str) -> Refusal {
        let message = format!(
            "Secret {name} is currently in a deleted but recoverable state, and its name cannot be reused; in this state, the secret can only be recovered or purged."
        );
        Refusal::new(StatusCode::CONFLICT, "Conflict", &message).with_inner("ObjectIsDeletedButRecoverable")
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut body = json!({ "error": { "code": self.code, "message": self.message } });
        if let Some(inner) = self.inner {
            body["error"]["innererror"] = json!({ "code": inner });
        }
        let mut response = answers::json(self.status, &body);
        if let Some(challenge) = self.challenge.and_then(|challenge| HeaderValue::try_from(challenge).ok()) {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}
