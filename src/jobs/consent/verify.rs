//! What a sign-in brought, before it is stored: with multi-factor authentication, of the right partner, by a user with a role.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use secrecy::SecretString;

use super::dialogue::Consented;
use super::error::ConsentError;
use crate::domain::record::Versioned;
use crate::domain::settings::{Settings, is_guid};
use crate::domain::text::printable;
use crate::jobs::connect::{self, App};
use crate::jobs::error::JobError;
use crate::jobs::reach::Reach;
use crate::jobs::secrets::{Secrets, is_in_vault};
use crate::partner_center::consent::Grant;
use crate::partner_center::{ApiError, Organization};
use crate::store::{Origin, SecretName, WriteTxn};

/// Keeps the newest of the tokens that checking a grant brings.
type Newest = Arc<Mutex<SecretString>>;

/// A grant that may be stored.
pub(super) struct Verified {
    /// The app that it is for.
    app_id: String,
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
    let other_tenant = |found: &str| match settings.microsoft_id.as_deref().filter(|id| is_guid(id)) {
        Some(expected) if !found.eq_ignore_ascii_case(expected) => {
            let (found, expected) = (printable(found).into_owned(), expected.to_owned());
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
        Err(ApiError::MfaMissing { .. }) => return Err(ConsentError::NoMfa { user: who() }.into()),
        Err(ApiError::Forbidden { refusal, .. }) => {
            let partner = settings.csp_domain.clone().filter(|_| settings.microsoft_id.is_none());
            let partner = partner.filter(|partner| user.as_ref().is_some_and(|user| !is_at(user, partner)));
            return Err(ConsentError::NoRole { user: who(), partner, reason: refusal.to_string() }.into());
        }
        // It would be of no use to any job.
        Err(error @ (ApiError::TokenRejected { .. } | ApiError::NotSignedIn { .. })) => {
            return Err(error.into());
        }
        Err(error) => remarks.push(format!("Partner Center could not be asked what it is worth: {error}")),
    }
    let token = newest.lock().unwrap_or_else(PoisonError::into_inner).clone();
    Ok(Verified { app_id: app.id.clone(), token, user, tenant, company, remarks })
}

/// Whether a user's name is one at this domain.
fn is_at(user: &str, domain: &str) -> bool {
    user.rsplit_once('@').is_some_and(|(_, own)| own.eq_ignore_ascii_case(domain))
}

impl Verified {
    /// Why the token is of no use by these settings, where somebody has changed app or tenant since it was asked for.
    fn does_not_suit(&self, settings: &Settings) -> Option<&'static str> {
        let is =
            |wanted: Option<&str>, own: &str| wanted.is_none_or(|wanted| wanted.eq_ignore_ascii_case(own));
        let microsoft_id = settings.microsoft_id.as_deref().filter(|id| is_guid(id));
        if !is(settings.cpv_app_id.as_deref(), &self.app_id) || settings.cpv_app_id.is_none() {
            Some(
                "the CPV App ID was changed while somebody signed in, and the consent is one to the app before",
            )
        } else if self.tenant.as_deref().is_some_and(|tenant| !is(microsoft_id, tenant)) {
            Some(
                "the CSP Microsoft ID was changed while somebody signed in, and the consent is that of another tenant",
            )
        } else {
            None
        }
    }

    /// Stores the token, and with it in the settings the partner's domain, and its tenant where they have none.
    ///
    /// # Errors
    /// [`ConsentError::NotKept`]; nothing is stored then.
    pub(super) async fn store(self, secrets: &Secrets) -> Result<Consented, JobError> {
        if let Some(why) = self.does_not_suit(secrets.settings()) {
            return Err(ConsentError::NotKept { reason: why.to_owned() }.into());
        }
        let Self { token, user, tenant, company, mut remarks, .. } = self;
        let name = SecretName::RefreshToken;
        let domain = secrets.settings().csp_domain.clone();
        let id = tenant.clone().filter(|tenant| is_guid(tenant));
        let into_settings = move |txn: &mut WriteTxn| {
            let Versioned { revision, value: before, .. } = txn.settings()?;
            let is_filled = before.microsoft_id.is_none() && id.is_some();
            let microsoft_id = before.microsoft_id.clone().or(id);
            let settings = Settings { csp_domain: domain, microsoft_id, ..before.clone() };
            if settings != before {
                txn.put_settings(revision, &settings)?;
            }
            Ok(is_filled)
        };
        let stored = secrets.put_with(name, &token, Origin::Consent(user.clone()), into_settings).await;
        match stored.map_err(|error| ConsentError::NotKept { reason: error.to_string() })? {
            Some(true) => remarks
                .push("the CSP Microsoft ID was not set, and is that of the user's tenant now".to_owned()),
            Some(false) => {}
            None => remarks.push("the settings could not be changed: set the CSP domain there".to_owned()),
        }
        let in_vault = is_in_vault(secrets.settings(), name);
        Ok(Consented { user, tenant, company, at: Timestamp::now(), in_vault, remarks })
    }
}
