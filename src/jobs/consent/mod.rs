//! The partner consent, given without a browser on this machine: somebody signs in elsewhere, and what that brings comes back by
//! the listener on loopback, by an address that is pasted, or by a device code. All three end in the same checks, and in a
//! refresh token that is stored.

mod browser;
mod dialogue;
pub(super) mod error;
mod redirect;
mod tunnel;
mod verify;
mod waiting;

use jiff::Timestamp;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

pub use dialogue::{Consented, Input, Stage};
pub use error::ConsentError;
pub use redirect::ConsentSetup;
pub use tunnel::{host_name, ssh_line};

use super::connect::App;
use super::error::{JobError, blocking};
use super::reach::Reach;
use super::secrets::Secrets;
use crate::domain::settings::{Setting, Settings};
use crate::partner_center::VaultError;
use crate::partner_center::consent::{Consent, ConsentOptions, Loopback};
use crate::store::{JobRecord, JobState, Store};
use browser::Browser;
use redirect::Redirect;
use verify::Verified;
use waiting::{Waiting, from_now};

/// The journal's name of this kind of job.
pub const KIND: &str = "consent";

/// See the module.
pub struct ConsentJob {
    /// Where the token goes.
    pub store: Store,
    /// How Microsoft is reached.
    pub reach: Reach,
    /// The browser's way back.
    pub setup: ConsentSetup,
    /// The partner's domain; one that differs from the settings goes into them.
    pub domain: String,
    /// Whether a device code is asked for at once.
    pub by_code: bool,
    /// Ends it; nothing is stored then.
    pub cancel: CancellationToken,
    /// Hears where it is.
    pub tell: Box<dyn Fn(Stage) + Send + Sync>,
}

impl ConsentJob {
    /// Waits for the sign-in, checks what it brought and stores it.
    ///
    /// # Errors
    /// [`JobError::Consent`] for what went wrong with the sign-in, or any other. The token that was stored before stays then.
    pub async fn run(self, mut inputs: mpsc::Receiver<Input>) -> Result<Consented, JobError> {
        let domain = self.domain()?;
        redirect::check(&self.setup)?;
        let store = self.store.clone();
        let settings = blocking(move || store.read(|txn| txn.settings())).await?.value;
        let settings = Settings { csp_domain: Some(domain.clone()), ..settings };
        let secrets = Secrets::of(&self.store, &self.reach, settings).await?;
        let app = App { tenant: domain, ..App::of(&secrets).await? };
        can_keep(&secrets).await?;
        let mut job = JobRecord::start(KIND, "CSP partner consent", &self.store.operator().name);
        self.note(&job).await?;
        let mut browser = None;
        let verified = tokio::select! {
            biased;
            () = self.cancel.cancelled() => Err(ConsentError::Cancelled.into()),
            result = self.sign_in(&secrets, &app, &mut inputs, &mut browser) => result,
        };
        // What is being stored can't be cancelled any more, or nobody would know whether it was.
        let result = match verified {
            Ok(verified) => self.store(verified, secrets).await,
            Err(error) => Err(error),
        };
        job.updated_at = Timestamp::now();
        (job.state, job.message) = match &result {
            Ok(consented) => (JobState::Done, Some(consented.summary())),
            Err(error @ JobError::Consent(ConsentError::Cancelled)) => {
                (JobState::Cancelled, Some(error.to_string()))
            }
            Err(error) => (JobState::Failed, Some(error.to_string())),
        };
        if let Err(error) = self.note(&job).await {
            // What came of it is told, and stored, all the same.
            tracing::warn!("how the consent ended could not be noted: {error}");
        }
        if let Some(browser) = browser {
            browser.tell(&result).await;
        }
        result
    }

    /// Where secrets are kept may have been changed while somebody signed in, so that is looked up again, if it can be.
    async fn store(&self, verified: Verified, secrets: Secrets) -> Result<Consented, JobError> {
        let reader = self.store.clone();
        let Ok(now) = blocking(move || reader.read(|txn| txn.settings())).await else {
            return verified.store(&secrets).await;
        };
        let settings = Settings { csp_domain: secrets.settings().csp_domain.clone(), ..now.value };
        let secrets = Secrets::of(&self.store, &self.reach, settings).await.map_err(not_kept)?;
        verified.store(&secrets).await
    }

    /// The domain, as settings have it.
    fn domain(&self) -> Result<String, ConsentError> {
        let mut checked = Settings::default();
        match checked.put(Setting::CspDomain, &self.domain) {
            Ok(()) => checked.csp_domain.ok_or_else(|| {
                ConsentError::Domain(
                    "the consent needs the partner's domain: YOURS.onmicrosoft.com".to_owned(),
                )
            }),
            Err(error) => Err(ConsentError::Domain(error.to_string())),
        }
    }

    async fn note(&self, job: &JobRecord) -> Result<(), JobError> {
        let (store, job) = (self.store.clone(), job.clone());
        blocking(move || store.write(|txn| txn.put_job(&job))).await
    }

    /// Waits for a sign-in, and checks what it brought. A browser that waits for what comes of that is left in `browser`.
    async fn sign_in(
        &self,
        secrets: &Secrets,
        app: &App,
        inputs: &mut mpsc::Receiver<Input>,
        browser: &mut Option<Browser>,
    ) -> Result<Verified, JobError> {
        let (tell, limit) = (&*self.tell, self.setup.limit);
        let grant = if self.by_code {
            let consent = Consent::begin(self.options(app, self.setup.redirect_uri.trim().to_owned()))?;
            Waiting::by_code(&consent, tell, limit).grant(inputs, browser).await?
        } else {
            let Redirect { address, listener, deaf } = Redirect::arrange(&self.setup).await?;
            let consent = Consent::begin(self.options(app, address))?;
            let stage = self.at_address(&consent, listener.as_ref().map(Loopback::port), deaf);
            Waiting::at_address(&consent, tell, limit, stage, listener).grant(inputs, browser).await?
        };
        verify::grant(&self.reach, secrets.settings(), app, grant).await
    }

    fn at_address(&self, consent: &Consent, port: Option<u16>, deaf: Option<String>) -> Stage {
        Stage::Waiting {
            address: consent.address().to_owned(),
            redirect_uri: consent.redirect_uri().to_owned(),
            registered_uri: self.setup.redirect_uri.trim().to_owned(),
            port,
            tunnel: port.map(|port| ssh_line(port, &self.store.operator().name, &host_name())),
            deaf,
            until: from_now(self.setup.limit),
        }
    }

    fn options(&self, app: &App, redirect_uri: String) -> ConsentOptions {
        ConsentOptions {
            login: self.reach.login.clone(),
            partner_center: self.reach.partner_center.clone(),
            tenant: app.tenant.clone(),
            client_id: app.id.clone(),
            client_secret: app.secret.clone(),
            redirect_uri,
            registered_uri: self.setup.redirect_uri.trim().to_owned(),
            timeouts: self.reach.timeouts(),
            max_attempts: self.reach.max_attempts,
        }
    }
}

fn not_kept(error: JobError) -> JobError {
    ConsentError::NotKept { reason: error.to_string() }.into()
}

/// Finds out before anybody signs in whether what that brings has a place. A vault with a token that can't be used takes another.
async fn can_keep(secrets: &Secrets) -> Result<(), JobError> {
    match secrets.look_at_token().await {
        // A deleted one keeps its name from being taken.
        Err(JobError::Vault(error)) if error.withholds() && !matches!(error, VaultError::Deleted { .. }) => {
            Ok(())
        }
        other => other,
    }
}
