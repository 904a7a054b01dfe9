//! The partner consent, given without a browser on this machine: somebody signs in elsewhere, and what that brings comes back by
//! the listener on loopback, by an address that is pasted, or by a device code. All three end in the same checks, and in a
//! refresh token that is stored.

mod browser;
mod error;
mod redirect;
mod tunnel;
mod verify;
mod waiting;

use std::fmt;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

pub use error::ConsentError;
pub use tunnel::{host_name, ssh_line};

use super::connect::{App, Reach};
use super::error::{JobError, blocking};
use super::secrets::Secrets;
use crate::domain::settings::{Setting, Settings};
use crate::partner_center::VaultError;
use crate::partner_center::consent::{Consent, ConsentOptions, Loopback};
use crate::store::{JobRecord, JobState, Store};
use browser::Browser;
use redirect::Redirect;
use verify::Verified;
use waiting::Waiting;

/// The journal's name of this kind of job.
pub const KIND: &str = "consent";

/// How the browser's way back is arranged.
#[derive(Debug, Clone)]
pub struct ConsentSetup {
    /// Where the browser ends, as it is registered for the app.
    pub redirect_uri: String,
    /// The port to listen at; 0 for any.
    pub port: u16,
    /// How long the sign-in is waited for.
    pub limit: Duration,
}

/// What the operator does while the sign-in is waited for.
pub enum Input {
    /// The address that the browser ended on.
    Pasted(String),
    /// A code is wanted instead of an address.
    DeviceCode,
}

impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pasted(_) => "Pasted",
            Self::DeviceCode => "DeviceCode",
        })
    }
}

/// Where a consent is.
#[derive(Clone, PartialEq, Eq)]
pub enum Stage {
    /// Somebody is to sign in at the address.
    Waiting {
        /// Microsoft's sign-in page for this attempt.
        address: String,
        /// Where the browser ends.
        redirect_uri: String,
        /// The same, as it is registered for the app: without a port that this attempt alone has.
        registered_uri: String,
        /// The port of 127.0.0.1 that is listened at.
        port: Option<u16>,
        /// The line that makes it reachable from the operator's own machine.
        tunnel: Option<String>,
        /// Why none is, where one should be.
        deaf: Option<String>,
        /// When it is given up, UTC.
        until: Timestamp,
    },
    /// Somebody is to type the code at the page.
    Code {
        /// The code.
        code: String,
        /// The page.
        page: String,
        /// When it is given up, UTC.
        until: Timestamp,
    },
    /// Something came that does not belong to this sign-in; it goes on waiting.
    NotThis(String),
    /// Somebody signed in; what that brought is being checked.
    Checking,
}

impl fmt::Debug for Stage {
    /// Without address and code: with either of them somebody else could sign in in the operator's place.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Waiting { .. } => f.write_str("Waiting"),
            Self::Code { .. } => f.write_str("Code"),
            Self::NotThis(why) => f.debug_tuple("NotThis").field(why).finish(),
            Self::Checking => f.write_str("Checking"),
        }
    }
}

/// A consent that is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consented {
    /// Who signed in, where the token tells.
    pub user: Option<String>,
    /// The partner's tenant.
    pub tenant: Option<String>,
    /// The company, where Partner Center told.
    pub company: Option<String>,
    /// When it was stored, UTC.
    pub at: Timestamp,
    /// Whether it is in the key vault.
    pub in_vault: bool,
    /// What to look at, a sentence each.
    pub remarks: Vec<String>,
}

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
            Ok(verified) => verified.store(&secrets).await,
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
            redirect::check(&self.setup)?;
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

impl Consented {
    /// All of it in a line.
    #[must_use]
    pub fn summary(&self) -> String {
        let who = self.user.as_deref().map(|user| format!(" by {user}")).unwrap_or_default();
        let place = if self.in_vault { "in the key vault" } else { "encrypted in the store" };
        let remarks: String = self.remarks.iter().map(|remark| format!("; {remark}")).collect();
        format!("the consent is given{who}, and the refresh token is {place}{remarks}")
    }
}

fn from_now(limit: Duration) -> Timestamp {
    let limit = SignedDuration::try_from(limit).unwrap_or(SignedDuration::MAX);
    Timestamp::now().checked_add(limit).unwrap_or(Timestamp::MAX)
}
