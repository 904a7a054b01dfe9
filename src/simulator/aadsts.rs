//! The login's errors, by their AADSTS code.

use super::answers;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

/// An error of the login.
#[derive(Debug)]
pub(super) struct LoginError {
    error: &'static str,
    code: u32,
    text: String,
}

// Code, OAuth error, text. The texts follow Microsoft's, shortened.
const KNOWN: &[(u32, &str, &str)] = &[
    (
        50_011,
        "invalid_request",
        "The redirect URI specified in the request does not match the redirect URIs configured for the application.",
    ),
    (50_034, "invalid_grant", "The user account does not exist in the directory."),
    (50_055, "invalid_grant", "The password is expired."),
    (50_057, "invalid_grant", "The user account is disabled."),
    (
        50_076,
        "invalid_grant",
        "Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication to access the resource.",
    ),
    (
        50_078,
        "invalid_grant",
        "Presented multi-factor authentication has expired due to policies configured by your administrator, you must refresh your multi-factor authentication.",
    ),
    (
        50_079,
        "invalid_grant",
        "Due to a configuration change made by your administrator, you must enroll in multi-factor authentication.",
    ),
    (50_105, "invalid_grant", "The signed in user is not assigned to a role for the application."),
    (
        50_132,
        "invalid_grant",
        "The session is not valid due to password expiration or recent password change.",
    ),
    (
        50_133,
        "invalid_grant",
        "The session is not valid due to password expiration or recent password change.",
    ),
    (
        50_148,
        "invalid_grant",
        "The code_verifier does not match the code_challenge supplied in the authorization request for PKCE.",
    ),
    (
        50_173,
        "invalid_grant",
        "The provided grant has expired due to it being revoked, a fresh auth token is needed. The user might have changed or reset their password.",
    ),
    (
        50_196,
        "invalid_grant",
        "The server terminated an operation because it encountered a client request loop. Please contact your app vendor.",
    ),
    (
        53_003,
        "invalid_grant",
        "Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.",
    ),
    (
        54_005,
        "invalid_grant",
        "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token.",
    ),
    (
        65_001,
        "invalid_grant",
        "The user or administrator has not consented to use the application. Send an interactive authorization request for this user and resource.",
    ),
    (65_004, "access_denied", "User declined to consent to access the app."),
    (
        70_000,
        "invalid_grant",
        "The provided value for the input parameter 'refresh_token' or 'code' is not valid.",
    ),
    (70_002, "invalid_client", "Error validating credentials."),
    (70_003, "unsupported_grant_type", "The app requested an unsupported grant type."),
    (
        70_008,
        "invalid_grant",
        "The provided authorization code or refresh token has expired due to inactivity. Send a new interactive authorization request for this user and resource.",
    ),
    (
        70_011,
        "invalid_scope",
        "The provided request must include a 'scope' input parameter for one resource. The provided value is not valid.",
    ),
    (
        70_016,
        "authorization_pending",
        "OAuth 2.0 device flow error. Authorization is pending. Continue polling.",
    ),
    (
        70_020,
        "expired_token",
        "The provided value for the input parameter 'device_code' is not valid. This device code has expired.",
    ),
    (
        70_043,
        "invalid_grant",
        "The refresh token has expired or is invalid due to sign-in frequency checks by Conditional Access.",
    ),
    (
        70_044,
        "invalid_grant",
        "The session has expired or is invalid due to sign-in frequency checks by Conditional Access.",
    ),
    (
        90_002,
        "invalid_request",
        "Tenant not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.",
    ),
    (90_033, "temporarily_unavailable", "A transient error has occurred. Please try again."),
    (
        500_011,
        "invalid_resource",
        "The resource principal was not found in the tenant. You might have sent your authentication request to the wrong tenant.",
    ),
    (
        500_112,
        "invalid_grant",
        "The reply address does not match the reply address provided when requesting Authorization code.",
    ),
    (
        700_016,
        "unauthorized_client",
        "Application was not found in the directory. This can happen if the application has not been installed by the administrator of the tenant.",
    ),
    (700_027, "invalid_client", "The client assertion failed signature validation."),
    (
        700_082,
        "invalid_grant",
        "The refresh token has expired due to inactivity. The token was issued earlier and was inactive for 90.00:00:00.",
    ),
    (
        700_084,
        "invalid_grant",
        "The refresh token was issued to a single page app (SPA), and therefore has a fixed, limited lifetime of 1.00:00:00, which can't be extended.",
    ),
    (900_144, "invalid_request", "The request body must contain a parameter that is missing."),
    (
        1_002_012,
        "invalid_scope",
        "The provided value for scope is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier.",
    ),
    (
        7_000_014,
        "bad_verification_code",
        "The provided value for the input parameter 'device_code' is not valid.",
    ),
    (
        7_000_215,
        "invalid_client",
        "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID.",
    ),
    (
        7_000_218,
        "invalid_client",
        "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
    ),
    (
        7_000_222,
        "invalid_client",
        "The provided client secret keys are expired. Create new keys for your app.",
    ),
];

impl LoginError {
    /// The error with this AADSTS code; an unknown code is an `invalid_grant`.
    pub(super) fn new(code: u32) -> LoginError {
        let known = KNOWN.iter().find(|known| known.0 == code);
        let (error, text) =
            known.map_or(("invalid_grant", "The grant was refused."), |&(_, error, text)| (error, text));
        LoginError { error, code, text: text.to_owned() }
    }

    /// The error for a missing parameter.
    pub(super) fn missing(parameter: &str) -> LoginError {
        LoginError {
            text: format!("The request body must contain the following parameter: '{parameter}'."),
            ..LoginError::new(900_144)
        }
    }

    /// The same error under another OAuth name.
    pub(super) fn named(self, error: &'static str) -> LoginError {
        LoginError { error, ..self }
    }

    /// The OAuth error, such as `invalid_grant`.
    pub(super) fn error(&self) -> &'static str {
        self.error
    }

    /// The text with the code before it.
    pub(super) fn description(&self) -> String {
        format!("AADSTS{}: {}", self.code, self.text)
    }

    /// The answer of the token endpoint.
    pub(super) fn response(&self) -> Response {
        let trace = uuid::Uuid::new_v4();
        let correlation = uuid::Uuid::new_v4();
        let timestamp = jiff::Timestamp::now().strftime("%Y-%m-%d %H:%M:%SZ");
        let mut body = json!({
            "error": self.error,
            "error_description": format!(
                "{} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {timestamp}",
                self.description()
            ),
            "error_codes": [self.code],
            "timestamp": timestamp.to_string(),
            "trace_id": trace.to_string(),
            "correlation_id": correlation.to_string(),
            "error_uri": format!("https://login.microsoftonline.com/error?code={}", self.code),
        });
        if let Some(suberror) = self.suberror() {
            body["suberror"] = Value::from(suberror);
        }
        if self.code == 50_076 || self.code == 50_079 {
            body["claims"] = Value::from(
                "{\"access_token\":{\"capolids\":{\"essential\":true,\"values\":[\"00000000-0000-0000-0000-000000000000\"]}}}",
            );
        }
        answers::json(self.status(), &body)
    }

    fn suberror(&self) -> Option<&'static str> {
        match self.code {
            50_076 | 50_078 | 50_079 => Some("basic_action"),
            50_173 | 700_082 | 70_043 => Some("bad_token"),
            65_001 => Some("consent_required"),
            53_003 => Some("message_only"),
            _ => None,
        }
    }

    fn status(&self) -> StatusCode {
        match self.error {
            "invalid_client" => StatusCode::UNAUTHORIZED,
            "temporarily_unavailable" => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::BAD_REQUEST,
        }
    }
}
