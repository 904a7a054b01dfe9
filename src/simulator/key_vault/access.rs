//! Who may use the vault: the app on its own and the managed identity, each with a token for Key Vault.

use super::refusal::Refusal;
use crate::simulator::audiences::{self, KEY_VAULT};
use crate::simulator::bearer::{self, Denied};
use crate::simulator::caller::Caller;
use crate::simulator::form::Fields;
use crate::simulator::{PARTNER_TENANT, Shared};
use axum::extract::{Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

const FOREIGN_LOGIN: &str = "https://login.evil.example";

/// The layer before all that the vault answers.
pub(super) async fn layer(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    match check(&shared, &request) {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    }
}

fn check(shared: &Shared, request: &Request) -> Result<(), Refusal> {
    let faults = shared.faults();
    let caller = bearer::caller(shared, request.headers(), audiences::is_key_vault).map_err(|denied| {
        let message = match denied {
            Denied::Missing => "AKV10000: Request is missing a Bearer or PoP token.",
            Denied::Unknown => "AKV10001: The token could not be validated.",
            Denied::Audience => "AKV10022: Invalid audience. Expected https://vault.azure.net.",
            Denied::Expired => "AKV10001: The token has expired.",
        };
        let authority = if faults.vault_foreign_challenge { FOREIGN_LOGIN } else { &shared.base_url };
        let challenge =
            format!("Bearer authorization=\"{authority}/{PARTNER_TENANT}\", resource=\"{KEY_VAULT}\"");
        Refusal::unauthorized(message, challenge)
    })?;
    let query = Fields::parse(request.uri().query().unwrap_or_default().as_bytes());
    if query.get("api-version").is_none() {
        return Err(Refusal::invalid("api-version must be specified"));
    }
    if faults.vault_firewall {
        return Err(Refusal::by_firewall());
    }
    // Users of the partner have no role in the vault.
    let has_role = matches!(caller, Caller::App | Caller::Identity) && !faults.vault_forbidden;
    if !has_role || (faults.vault_read_only && request.method() != Method::GET) {
        return Err(Refusal::by_role());
    }
    Ok(())
}
