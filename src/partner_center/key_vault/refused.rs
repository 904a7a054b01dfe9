//! What a vault means by a refusal. Its `error.code` is general; what happened stands in `innererror.code`.

use std::time::Duration;

use reqwest::StatusCode;

use super::error::VaultError;
use super::patience::Failure;
use crate::partner_center::body;
use crate::partner_center::call::Call;
use crate::partner_center::error::ApiError;
use crate::partner_center::json::Fields;
use crate::partner_center::refusal::Refusal;
use crate::partner_center::retry;
use crate::partner_center::scrub::{cut, excerpt};

/// The failure that an answer other than success is. `secrets` are left out of any text.
pub(super) fn by_vault(
    status: StatusCode,
    raw: &[u8],
    call: Call,
    wait: Option<Duration>,
    identity: &'static str,
    secrets: &[&str],
) -> Failure {
    let mut refusal = Refusal::read(status, raw, secrets);
    if let Some(inner) = inner_code(raw) {
        refusal.code = Some(cut(&excerpt(&inner, secrets), 40));
    }
    let code = refusal.code.clone().unwrap_or_default();
    let call = Box::new(call);
    if status == StatusCode::TOO_MANY_REQUESTS {
        return Failure::again(VaultError::Throttled { call, wait }, wait);
    }
    if retry::is_retriable(status) {
        return Failure::again(ApiError::ServerError { call, refusal }, wait);
    }
    if status.is_redirection() {
        return Failure::last(ApiError::Redirected { call, refusal });
    }
    Failure::last(match (status, code.as_str()) {
        (StatusCode::UNAUTHORIZED, _) => VaultError::NotSignedIn { call, refusal, identity },
        (StatusCode::FORBIDDEN, "SecretDisabled") => VaultError::Disabled { call },
        (StatusCode::FORBIDDEN, code) if code.contains("NotYetValid") => {
            VaultError::NotYetValid { call, from: None }
        }
        (StatusCode::FORBIDDEN, code) if code.contains("Expired") => VaultError::Expired { call, at: None },
        (StatusCode::FORBIDDEN, code) if code.starts_with("ForbiddenByFirewall") => {
            VaultError::Firewall { call, refusal }
        }
        (StatusCode::FORBIDDEN, _) => VaultError::Denied { call, refusal, identity },
        (StatusCode::NOT_FOUND, "") => {
            VaultError::Exchange(ApiError::BadBody { call, reason: refusal.to_string() })
        }
        (StatusCode::NOT_FOUND, _) => VaultError::NoSecret { call, refusal },
        (StatusCode::CONFLICT, code) => {
            let is_deleted = code == "ObjectIsDeletedButRecoverable";
            VaultError::Conflict { call, refusal, is_deleted }
        }
        _ => VaultError::Exchange(ApiError::BadRequest { call, refusal }),
    })
}

fn inner_code(raw: &[u8]) -> Option<String> {
    let document = body::parse(raw).ok()?;
    Fields::of(&document)?.object("error")?.object("innererror")?.text("code")
}
