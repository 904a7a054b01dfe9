//! What the login knows: the partner's tenant, and the services that tokens are for.

use super::aadsts::LoginError;
use super::{PARTNER_DOMAIN, PARTNER_TENANT};

/// The audience of Partner Center's API.
pub(super) const PARTNER_CENTER: &str = "https://api.partnercenter.microsoft.com";
/// The audience of the pricing API.
const PRICING: &str = "https://api.partner.microsoft.com";
/// What a refresh token is exchanged for when the client doesn't say.
pub(super) const DEFAULT_SCOPE: &str = "https://api.partnercenter.microsoft.com/.default offline_access";
// Partner Center's app id stands for its address, too.
const PARTNER_CENTER_APP: &str = "fa3d9a0c-3fb0-42cc-9193-47c7ecd2edbd";
/// The audience of Graph.
pub(super) const GRAPH: &str = "https://graph.microsoft.com";
/// The audience of Key Vault.
pub(super) const KEY_VAULT: &str = "https://vault.azure.net";
// Other services that the app may get tokens for. Partner Center accepts none of these.
const OTHER_AUDIENCES: &[&str] = &[PRICING, GRAPH, "https://graph.windows.net", KEY_VAULT];

/// Whether Partner Center accepts tokens for this audience: its own address, or the simulator's.
pub(super) fn is_partner_center(audience: &str, base_url: &str) -> bool {
    [PARTNER_CENTER, PARTNER_CENTER_APP].contains(&audience) || is_simulator(audience, base_url)
}

/// Whether the pricing API accepts tokens for this audience: its own address, or the simulator's.
pub(super) fn is_pricing(audience: &str, base_url: &str) -> bool {
    audience == PRICING || is_simulator(audience, base_url)
}

/// Whether Graph accepts tokens for this audience: its own address, or the simulator's.
pub(super) fn is_graph(audience: &str, base_url: &str) -> bool {
    audience == GRAPH || is_simulator(audience, base_url)
}

/// Whether Graph alone is meant: by its own address, or by the simulator's other name.
pub(super) fn is_graph_alone(audience: &str, base_url: &str) -> bool {
    audience == GRAPH || (audience != base_url && is_simulator(audience, base_url))
}

/// Whether Key Vault accepts tokens for this audience: its own address, or the simulator's.
pub(super) fn is_key_vault(audience: &str, base_url: &str) -> bool {
    audience == KEY_VAULT || is_simulator(audience, base_url)
}

fn is_simulator(audience: &str, base_url: &str) -> bool {
    audience.replace("//localhost:", "//127.0.0.1:") == base_url
}

/// # Errors
/// When there is no such service.
pub(super) fn check_audience(audience: &str, base_url: &str) -> Result<(), LoginError> {
    if is_partner_center(audience, base_url) || OTHER_AUDIENCES.contains(&audience) {
        Ok(())
    } else {
        Err(LoginError::new(500_011))
    }
}

/// # Errors
/// When `tenant` is neither the partner's tenant nor one of the names that stand for any.
pub(super) fn check_tenant(tenant: &str) -> Result<(), LoginError> {
    let known = [PARTNER_TENANT, PARTNER_DOMAIN, "organizations", "common"];
    if known.iter().any(|known| known.eq_ignore_ascii_case(tenant)) {
        Ok(())
    } else {
        Err(LoginError::new(90_002))
    }
}

/// The one audience that a list of scopes is about.
///
/// # Errors
/// When it is about none, or about several.
pub(super) fn audience_of(scopes: &str) -> Result<String, LoginError> {
    let mut audiences: Vec<&str> = scopes
        .split_whitespace()
        .filter_map(|scope| scope.rsplit_once('/'))
        .map(|(audience, _)| audience.trim_end_matches('/'))
        .collect();
    audiences.dedup();
    match audiences.as_slice() {
        [audience] => Ok((*audience).to_owned()),
        _ => Err(LoginError::new(70_011)),
    }
}
