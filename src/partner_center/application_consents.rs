//! The consent that a vendor's app needs in the tenant of a customer, given by the partner
//! (<https://learn.microsoft.com/partner-center/developer/control-panel-vendor-apis>).

use reqwest::Method;
use serde_json::{Value, json};
use url::Url;
use uuid::Uuid;

use super::error::ApiError;
use super::http::Http;
use super::json::Fields;
use super::refusal::advice_by_code;
use super::write::Write;
use crate::domain::application_grant::ApplicationGrant;
use crate::domain::ids::CustomerId;

/// What an app is to be allowed in the tenant of a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplicationConsent {
    /// The app.
    pub application_id: Uuid,
    /// The name under which the customer sees it.
    pub display_name: String,
    /// What it may do.
    pub grants: Vec<ApplicationGrant>,
}

/// What became of giving a consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Given {
    /// It was given now.
    New,
    /// The app had one before, which stays as it was, be it for the same permissions or for others.
    Already,
}

/// Gives a consent.
pub(super) async fn give(
    http: &Http,
    customer: &CustomerId,
    consent: &ApplicationConsent,
) -> Result<Given, ApiError> {
    check(consent)?;
    let app = consent.application_id;
    let what = format!("the consent of customer {customer} to app {app}");
    let write = Write::new(&what, Method::POST, address(http, customer, None)?, Some(body(consent)));
    match http.ask(&write).await {
        Ok(None) => Ok(Given::New),
        Ok(Some(document)) => {
            let given = Fields::of(&document.value).and_then(|fields| fields.text("applicationId"));
            let is_other = given.is_some_and(|given| given.parse::<Uuid>().ok() != Some(app));
            if is_other {
                let reason = "a consent to another app than the one asked for".to_owned();
                return Err(ApiError::BadBody { call: Box::new(document.call), reason });
            }
            Ok(Given::New)
        }
        Err(ApiError::Conflict { .. }) => Ok(Given::Already),
        Err(error) => Err(advised(error)),
    }
}

/// Takes a consent away; tells whether there was one.
pub(super) async fn remove(http: &Http, customer: &CustomerId, app: Uuid) -> Result<bool, ApiError> {
    let what = format!("the removal of the consent of customer {customer} to app {app}");
    let write = Write::new(&what, Method::DELETE, address(http, customer, Some(app))?, None);
    match http.ask(&write).await {
        Ok(_) => Ok(true),
        Err(ApiError::NotFound { .. }) => Ok(false),
        Err(error) => Err(advised(error)),
    }
}

fn address(http: &Http, customer: &CustomerId, app: Option<Uuid>) -> Result<Url, ApiError> {
    // In an address these two mean another resource.
    if matches!(customer.as_str(), "." | "..") {
        return Err(ApiError::BadOption { option: "customer", reason: format!("\"{customer}\" is no id") });
    }
    let app = app.map(|app| app.to_string());
    let mut segments = vec!["customers", customer.as_str(), "applicationconsents"];
    segments.extend(app.as_deref());
    Ok(http.base.resource(&segments))
}

/// Refuses what Partner Center would take for something else: it separates permissions by commas.
fn check(consent: &ApplicationConsent) -> Result<(), ApiError> {
    let bad = |reason: &str| {
        Err(ApiError::BadOption { option: "permissions of the consent", reason: reason.to_owned() })
    };
    if consent.grants.is_empty() || consent.grants.iter().any(|grant| grant.scopes.is_empty()) {
        return bad("there are none");
    }
    if consent.grants.iter().any(|grant| grant.service.parse::<Uuid>().is_err()) {
        return bad("one of the services is no app id");
    }
    let in_scope = |b: u8| b.is_ascii_graphic() && b != b',' && b != b'"';
    let mut scopes = consent.grants.iter().flat_map(|grant| &grant.scopes);
    match scopes.all(|scope| !scope.is_empty() && scope.bytes().all(in_scope)) {
        true => Ok(()),
        false => bad("one of them is no name of a permission"),
    }
}

fn body(consent: &ApplicationConsent) -> Value {
    let grant = |grant: &ApplicationGrant| json!({"enterpriseApplicationId": grant.service, "scope": grant.scopes.join(",")});
    json!({
        "applicationId": consent.application_id.to_string(),
        "displayName": consent.display_name,
        "applicationGrants": consent.grants.iter().map(grant).collect::<Vec<_>>(),
    })
}

/// What is missing here is another thing than for reads.
fn advised(error: ApiError) -> ApiError {
    match error {
        ApiError::Forbidden { call, refusal, .. } => {
            let advice = advice_by_code(&refusal).unwrap_or(
                "The signed-in user must be an Admin Agent and hold a role in a GDAP relationship with this customer that may consent \
                 to apps (Cloud Application Administrator or Application Administrator; Privileged Role Administrator for some \
                 permissions)",
            );
            ApiError::Forbidden { call, refusal, advice }
        }
        ApiError::BadRequest { call, refusal } if refusal.status == 400 => {
            let advice = "Check the app's id, that it is a multi-tenant app, and that each permission is a delegated one of that API \
                          and among the app's own";
            ApiError::NotAccepted { call, refusal, advice }
        }
        other => other,
    }
}
