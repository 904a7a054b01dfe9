//! The partner's own profiles.

use super::answers::{self, Refusal};
use super::caller::{Caller, user_only};
use super::form::Fields;
use super::relationships;
use super::{OTHER_DOMAIN, OTHER_TENANT, PARTNER_DOMAIN, PARTNER_MPN, PARTNER_TENANT, Shared};
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::json;
use std::sync::Arc;

const PARTNER_NAME: &str = "Fabrikam CSP";

/// `GET /v1/profiles/organization`
pub(super) async fn organization(
    State(shared): State<Arc<Shared>>,
    caller: Caller,
) -> Result<Response, Refusal> {
    user_only(caller)?;
    let (tenant, domain, name) = if shared.faults().wrong_tenant {
        (OTHER_TENANT, OTHER_DOMAIN, "Contoso CSP")
    } else {
        (PARTNER_TENANT, PARTNER_DOMAIN, PARTNER_NAME)
    };
    let profile = json!({
        "id": tenant,
        "companyName": name,
        "defaultAddress": {
            "country": "US",
            "city": "Bellevue",
            "state": "WA",
            "addressLine1": "700 Bellevue Way NE",
            "postalCode": "98004",
            "firstName": "Fabrikam",
            "lastName": "Admin",
            "phoneNumber": "4255550101",
        },
        "tenantId": tenant,
        "domain": domain,
        "email": format!("admin@{domain}"),
        "language": "en",
        "culture": "en-US",
        "profileType": "organization_profile",
        "links": { "self": answers::link("/profiles/organization") },
        "attributes": {
            "etag": "\"-2094127516\"",
            "objectType": "OrganizationProfile",
        },
    });
    Ok(answers::json(StatusCode::OK, &profile))
}

/// `GET /v1/profiles/mpn`, of the partner, or with `mpnId` of any partner that it knows.
pub(super) async fn mpn(
    State(shared): State<Arc<Shared>>,
    RawQuery(query): RawQuery,
    caller: Caller,
) -> Result<Response, Refusal> {
    user_only(caller)?;
    let fields = Fields::parse(query.unwrap_or_default().as_bytes());
    let mpn_id = fields.get("mpnId").unwrap_or(PARTNER_MPN);
    let name = if mpn_id == PARTNER_MPN {
        Some(PARTNER_NAME.to_owned())
    } else {
        relationships::resellers(&shared)
            .into_iter()
            .find(|reseller| reseller.mpn_id == mpn_id)
            .map(|reseller| reseller.name)
    };
    let Some(name) = name else {
        return Err(Refusal::new(
            StatusCode::NOT_FOUND,
            3000,
            &format!("Partner Organization with partner_id {mpn_id} could not be found"),
        ));
    };
    let profile = json!({
        "mpnId": mpn_id,
        "partnerName": name,
        "profileType": "mpn_profile",
        "links": { "self": answers::link("/profiles/mpn") },
        "attributes": { "objectType": "MpnProfile" },
    });
    Ok(answers::json(StatusCode::OK, &profile))
}
