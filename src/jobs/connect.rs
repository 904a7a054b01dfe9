//! From settings and secrets to a client for Partner Center.

use std::sync::Arc;

use secrecy::SecretString;

use super::error::{JobError, blocking};
use super::reach::Reach;
use super::secrets::{Secrets, StoredToken};
use crate::domain::settings::Settings;
use crate::partner_center::{KeepToken, Options, PartnerCenter};
use crate::store::{SecretName, Store};

/// Signs in with the partner's secrets; the rotated refresh token goes back to where it was at once, unless another one was set
/// there meanwhile.
///
/// # Errors
/// [`JobError::NotSetUp`] names what is missing and how to set it.
pub async fn partner_center(store: &Store, reach: &Reach) -> Result<(PartnerCenter, Settings), JobError> {
    let Connected { center, settings, .. } = connect(store, reach).await?;
    Ok((center, settings))
}

/// A client, and what it was made of.
pub(super) struct Connected {
    pub(super) center: PartnerCenter,
    pub(super) settings: Settings,
    pub(super) token: Arc<StoredToken>,
}

/// The same, with the keeper of its token.
///
/// # Errors
/// As for [`partner_center`].
pub(super) async fn connect(store: &Store, reach: &Reach) -> Result<Connected, JobError> {
    let reader = store.clone();
    let settings = blocking(move || reader.read(|txn| txn.settings())).await?.value;
    let secrets = Secrets::of(store, reach, settings).await?;
    let app = App::of(&secrets).await?;
    let (refresh_token, stored_token) = secrets.refresh_token().await?.ok_or_else(JobError::no_token)?;
    let token = Arc::new(stored_token);
    let center = client(reach, app, refresh_token, token.clone())?;
    Ok(Connected { center, settings: secrets.settings().clone(), token })
}

/// The app that signs in, and where.
#[derive(Debug, Clone)]
pub(super) struct App {
    pub(super) tenant: String,
    pub(super) id: String,
    pub(super) secret: SecretString,
}

impl App {
    /// The app of the settings.
    ///
    /// # Errors
    /// [`JobError::NotSetUp`], or when its secret can't be read.
    pub(super) async fn of(secrets: &Secrets) -> Result<Self, JobError> {
        let settings = secrets.settings();
        let missing = |missing, remedy| JobError::NotSetUp { missing, remedy };
        let id = settings.cpv_app_id.clone().ok_or_else(JobError::no_app_id)?;
        let tenant = settings.tenant().map(str::to_owned).ok_or_else(|| {
            missing("the CSP domain", "cspdeck settings set csp_domain=YOURS.onmicrosoft.com")
        })?;
        let secret = secrets.get(SecretName::CpvAppSecret).await?.ok_or_else(|| {
            missing("the CPV App Secret", "cspdeck settings secret cpv_app_secret (value on stdin)")
        })?;
        Ok(Self { tenant, id, secret })
    }
}

/// A client that is signed in by this token.
pub(super) fn client(
    reach: &Reach,
    app: App,
    refresh_token: SecretString,
    keep: KeepToken,
) -> Result<PartnerCenter, JobError> {
    let options = Options {
        login: reach.login.clone(),
        partner_center: reach.partner_center.clone(),
        pricing: reach.pricing.clone(),
        graph: reach.graph.clone(),
        tenant: app.tenant,
        client_id: app.id,
        client_secret: app.secret,
        refresh_token,
        requests_per_minute: reach.requests_per_minute,
        concurrency: reach.concurrency,
        connect_timeout: reach.connect_timeout,
        read_timeout: reach.read_timeout,
        request_timeout: reach.request_timeout,
        max_attempts: reach.max_attempts,
        page_size: reach.page_size,
    };
    Ok(PartnerCenter::new(options, keep)?)
}
