//! The partner itself (<https://learn.microsoft.com/partner-center/developer/get-an-organization-profile>).

use serde_json::Value;

use super::call::Operation;
use super::error::ApiError;
use super::http::{Document, Http, Target};
use super::json::Fields;

/// The partner's organisation. Microsoft promises no more than the two ids; empty or none where it gives nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Organization {
    /// The profile's id.
    pub id: String,
    /// The company's name, as it came.
    pub company_name: String,
    /// The partner's tenant ("Microsoft ID"), in lower case.
    pub tenant_id: String,
    /// Such as `contoso.onmicrosoft.com`.
    pub domain: Option<String>,
    /// The address for mail.
    pub email: Option<String>,
    /// Such as `en-US`.
    pub culture: Option<String>,
    /// ISO 3166 alpha-2.
    pub country: Option<String>,
}

/// The profile of the partner that is signed in.
pub(super) async fn organization(http: &Http) -> Result<Organization, ApiError> {
    let operation = Operation::new("the organization profile");
    let target = Target { url: http.base.resource(&["profiles", "organization"]), continuation: None };
    let Document { value, call } = http.get(&operation, &target).await?;
    read(&value).ok_or_else(|| {
        let reason = "JSON without the id of a tenant".to_owned();
        ApiError::BadBody { call: Box::new(call), reason }
    })
}

pub(super) fn read(value: &Value) -> Option<Organization> {
    let profile = Fields::of(value)?;
    let id = profile.text("id").unwrap_or_default();
    let tenant_id = profile.text("tenantId").unwrap_or_else(|| id.clone()).to_lowercase();
    (!tenant_id.is_empty()).then(|| Organization {
        id,
        company_name: profile.text("companyName").unwrap_or_default(),
        tenant_id,
        domain: profile.text("domain"),
        email: profile.text("email"),
        culture: profile.text("culture"),
        country: profile.object("defaultAddress").and_then(|a| a.text("country")).map(|c| c.to_uppercase()),
    })
}
