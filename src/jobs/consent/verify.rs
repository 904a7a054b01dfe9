//! What a sign-in brought, before it is stored: with multi-factor authentication, of the right partner, by a user with a role.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use secrecy::SecretString;

use super::{ConsentError, Consented, Newest};
use crate::domain::settings::{Settings, is_guid};
use crate::domain::text::printable;
use crate::jobs::connect::{self, App, Reach};
use crate::jobs::error::{JobError, blocking};
use crate::jobs::secrets::{Secrets, is_in_vault};
use crate::partner_center::consent::Grant;
use crate::partner_center::{ApiError, Organization};
use crate::store::{Origin, SecretName, Store};

/// A grant that may be stored.
pub(super) struct Verified {
    token: SecretString,
    user: Option<String>,
    tenant: Option<String>,
    company: Option<String>,
    remarks: Vec<String>,
}

/// Asks Partner Center itself what the grant is worth. Where it can't be asked, the grant is good until it is found to be bad.
pub(super) async fn grant(
    reach: &Reach,
    settings: &Settings,
    app: &App,
    grant: Grant,
) -> Result<Verified, JobError> {
    let Grant { refresh_token, claims, .. } = grant;
    let user = claims.user.clone();
    let who = || user.clone().unwrap_or_else(|| "the user".to_owned());
    if claims.mfa == Some(false) {
        return Err(ConsentError::NoMfa { user: who() }.into());
    }
    let other_tenant = |found: &str| match &settings.microsoft_id {
        Some(expected) if !found.eq_ignore_ascii_case(expected) => {
            let (found, expected) = (printable(found).into_owned(), expected.clone());
            Err(ConsentError::OtherTenant { user: who(), found, expected })
        }
        _ => Ok(()),
    };
    if let Some(tenant) = &claims.tenant {
        other_tenant(tenant)?;
    }
    let mut remarks = Vec::new();
    if let (Some(expected), Some(user)) = (&settings.csp_user_id, &user)
        && !is_guid(expected)
        && !expected.eq_ignore_ascii_case(user)
    {
        remarks.push(format!("it is that of {user}, not of the CSP user ID {expected}"));
    }
    let newest: Newest = Arc::new(Mutex::new(refresh_token.clone()));
    let keep = Arc::clone(&newest);
    let keep = move |renewed: &SecretString| {
        *keep.lock().unwrap_or_else(PoisonError::into_inner) = renewed.clone();
        Ok(())
    };
    let center = connect::client(reach, app.clone(), refresh_token, Arc::new(keep))?;
    let mut tenant = claims.tenant.clone();
    let mut company = None;
    match center.organization().await {
        Ok(Organization { mfa_compliant: Some(false), .. }) => {
            return Err(ConsentError::NoMfa { user: who() }.into());
        }
        Ok(organization) => {
            other_tenant(&organization.tenant_id)?;
            tenant = Some(organization.tenant_id);
            company = Some(organization.company_name).filter(|name| !name.is_empty());
        }
        // The login takes back at once what it has just given.
        Err(error @ ApiError::TokenRejected { .. }) => return Err(error.into()),
        Err(error) => match refusal_of(&error) {
            Some(Ground::Mfa) => return Err(ConsentError::NoMfa { user: who() }.into()),
            Some(Ground::Role(reason)) => return Err(ConsentError::NoRole { user: who(), reason }.into()),
            None => remarks.push(format!("Partner Center could not be asked what it is worth: {error}")),
        },
    }
    let token = newest.lock().unwrap_or_else(PoisonError::into_inner).clone();
    Ok(Verified { token, user, tenant, company, remarks })
}

/// Why Partner Center turns a user away.
enum Ground {
    Mfa,
    Role(String),
}

/// Partner Center's code for a token without multi-factor authentication
/// (<https://learn.microsoft.com/partner-center/security/partner-security-requirements-mandating-mfa>).
const MFA_CODE: &str = "900421";

fn refusal_of(error: &ApiError) -> Option<Ground> {
    let (ApiError::Forbidden { refusal, .. } | ApiError::NotSignedIn { refusal, .. }) = error else {
        return None;
    };
    let says_mfa =
        refusal.description.as_deref().is_some_and(|text| text.to_ascii_uppercase().contains("MFA"));
    if says_mfa || refusal.code.as_deref() == Some(MFA_CODE) {
        return Some(Ground::Mfa);
    }
    matches!(error, ApiError::Forbidden { .. }).then(|| Ground::Role(refusal.to_string()))
}

impl Verified {
    /// Stores the token and the domain, and the partner's tenant where the settings have none.
    pub(super) async fn store(self, store: &Store, secrets: &Secrets) -> Result<Consented, JobError> {
        let Self { token, user, tenant, company, mut remarks } = self;
        let name = SecretName::RefreshToken;
        secrets.put(name, &token, Origin::Consent(user.clone())).await?;
        let (store, domain) = (store.clone(), secrets.settings().csp_domain.clone());
        let id = tenant.clone().filter(|tenant| is_guid(tenant));
        let filled = blocking(move || {
            store.write(|txn| {
                let stored = txn.settings()?;
                let mut settings = stored.value.clone();
                settings.csp_domain = domain;
                settings.microsoft_id = settings.microsoft_id.or(id);
                if settings != stored.value {
                    txn.put_settings(stored.revision, &settings)?;
                }
                Ok(settings.microsoft_id.filter(|_| stored.value.microsoft_id.is_none()))
            })
        })
        .await?;
        if let Some(id) = filled {
            remarks.push(format!("the CSP Microsoft ID was not set, and is {id} now"));
        }
        let in_vault = is_in_vault(secrets.settings(), name);
        Ok(Consented { user, tenant, company, at: Timestamp::now(), in_vault, remarks })
    }
}
