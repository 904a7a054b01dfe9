//! The partner itself (<https://learn.microsoft.com/partner-center/developer/get-an-organization-profile>).

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Request, StatusCode};
use serde_json::Value;

use super::base::Base;
use super::call::{Call, Operation};
use super::error::ApiError;
use super::http::{Ask, Document, Http, Read, Target, Verdict};
use super::json::Fields;
use super::refusal::Refusal;
use super::token::AccessToken;
use super::transport::{Answer, Intake};

/// Asks Partner Center to say whether the sign-in has passed multi-factor authentication.
const VALIDATE_MFA: HeaderName = HeaderName::from_static("validatemfa");

/// What it says.
const MFA_COMPLIANT: HeaderName = HeaderName::from_static("ismfacompliant");

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
    /// Whether Partner Center takes this sign-in for one with multi-factor authentication; none where it does not say.
    pub mfa_compliant: Option<bool>,
}

/// The profile of the partner that is signed in.
pub(super) async fn organization(http: &Http) -> Result<Organization, ApiError> {
    let operation = Operation::new("the organization profile");
    let target = Target { url: http.base.resource(&["profiles", "organization"]), continuation: None };
    let profile = Profile(Read { operation: &operation, target: &target });
    let (Document { value, call }, mfa_compliant) = http.ask(&profile).await?;
    if let Some(has_mfa) = mfa_compliant {
        http.tell_mfa(has_mfa).await;
    }
    match read(&value) {
        Some(organization) => Ok(Organization { mfa_compliant, ..organization }),
        None => {
            let reason = "JSON without the id of a tenant".to_owned();
            Err(ApiError::BadBody { call: Box::new(call), reason })
        }
    }
}

/// A read that has the sign-in judged beside it.
struct Profile<'a>(Read<'a>);

impl Ask for Profile<'_> {
    type Reply = (Document, Option<bool>);

    fn base<'a>(&self, http: &'a Http) -> &'a Base {
        self.0.base(http)
    }

    fn operation(&self) -> &Operation {
        self.0.operation()
    }

    fn request(&self, token: &AccessToken, call: &Call) -> Request {
        let mut request = self.0.request(token, call);
        request.headers_mut().insert(VALIDATE_MFA, HeaderValue::from_static("true"));
        request
    }

    fn intake(&self) -> Intake<'_> {
        self.0.intake()
    }

    fn read(&self, answer: Answer, call: Call, token: &AccessToken) -> Verdict<Self::Reply> {
        let mfa_compliant = mfa_compliant(&answer.headers);
        self.0.read(answer, call, token).map(|document| (document, mfa_compliant))
    }

    fn refused(&self, status: StatusCode, call: Box<Call>, refusal: Refusal) -> ApiError {
        self.0.refused(status, call, refusal)
    }
}

fn mfa_compliant(headers: &HeaderMap) -> Option<bool> {
    match headers.get(MFA_COMPLIANT)?.to_str().ok()?.trim().to_ascii_lowercase().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
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
        mfa_compliant: None,
    })
}
