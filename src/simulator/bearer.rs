//! The token that a request carries, and what keeps it from being good.

use super::Shared;
use super::caller::Caller;
use axum::http::{HeaderMap, header};
use std::time::Instant;

/// What is wrong with a request's token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Denied {
    /// There is none.
    Missing,
    /// It was not issued here.
    Unknown,
    /// It is for another service.
    Audience,
    /// It has expired.
    Expired,
}

/// Who calls a service that takes tokens for an audience that `accepts` holds for.
///
/// # Errors
/// When no token proves it.
pub(super) fn caller(
    shared: &Shared,
    headers: &HeaderMap,
    accepts: fn(audience: &str, base_url: &str) -> bool,
) -> Result<Caller, Denied> {
    let token = token(headers).ok_or(Denied::Missing)?;
    let access = shared.tokens().access(token).ok_or(Denied::Unknown)?;
    if !accepts(&access.audience, &shared.base_url) {
        return Err(Denied::Audience);
    }
    if access.expires <= Instant::now() {
        return Err(Denied::Expired);
    }
    Ok(access.caller)
}

/// Whether a signed-in user without MFA calls.
pub(super) fn lacks_mfa(shared: &Shared, headers: &HeaderMap) -> bool {
    let access = token(headers).and_then(|token| shared.tokens().access(token));
    access
        .is_some_and(|access| matches!(access.caller, Caller::User(user) if !user.methods().contains(&"mfa")))
}

fn token(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("Bearer").then(|| token.trim())
}
