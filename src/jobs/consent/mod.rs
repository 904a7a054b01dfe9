//! The partner consent, given without a browser on this machine: somebody signs in elsewhere, and what that brings comes back by
//! the listener on loopback, by an address that is pasted, or by a device code. All three end in the same checks, and in a
//! refresh token that is stored.

mod error;
mod redirect;
mod tunnel;
mod verify;

use std::fmt;
use std::future::pending;
use std::pin::Pin;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

pub use error::ConsentError;
pub use tunnel::{host_name, ssh_line};

use super::connect::{App, Reach};
use super::error::{JobError, blocking};
use super::secrets::Secrets;
use crate::domain::settings::{Setting, Settings};
use crate::partner_center::VaultError;
use crate::partner_center::consent::{
    Arrived, Consent, ConsentOptions, DeviceCode, Grant, Loopback, Page, Reply,
};
use crate::store::{JobRecord, JobState, Store};
use redirect::Redirect;
use verify::Verified;

/// The journal's name of this kind of job.
pub const KIND: &str = "consent";

/// Longest time that a browser gets to take its page.
const PATIENCE: Duration = Duration::from_secs(2);

/// Between two things that came to the listener and are told although they are none of this sign-in's.
const TOLD_AGAIN: Duration = Duration::from_secs(1);

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
        let limit = Instant::now() + self.setup.limit;
        let redirect = Redirect::arrange(&self.setup).await?;
        let consent = Consent::begin(self.options(app, redirect.address.clone()))?;
        let Redirect { mut listener, deaf, .. } = redirect;
        // It lives as long as the code: what a poll has asked for must not be lost to something that comes in between.
        let mut polling: Option<Polling> = None;
        let mut is_alone = false;
        let mut is_over = false;
        let mut told: Option<Instant> = None;
        if self.by_code {
            let code = self.ask_for_code(&consent).await?;
            polling = Some(poll(&consent, code));
        } else {
            let port = listener.as_ref().map(Loopback::port);
            (self.tell)(Stage::Waiting {
                address: consent.address().to_owned(),
                redirect_uri: consent.redirect_uri().to_owned(),
                port,
                tunnel: port.map(|port| ssh_line(port, &self.store.operator().name, &host_name())),
                deaf,
                until: from_now(self.setup.limit),
            });
        }
        let grant = loop {
            let auth = tokio::select! {
                () = sleep_until(limit), if !is_over => match polling {
                    None => return Err(ConsentError::TimeOver.into()),
                    // Microsoft says how long a code may be used; nobody is listened to for so long.
                    Some(_) => {
                        (is_over, listener) = (true, None);
                        continue;
                    }
                },
                Arrived { query, reply } = next(&mut listener) => match consent.read_redirect(&query) {
                    Err(error) if !error.is_final() => {
                        // It may take its time over the page: nobody waits for it.
                        tokio::spawn(reply.answer(Page::refused(&error)));
                        // Any process of this machine may send such things, and as fast as it likes.
                        if told.is_none_or(|at| at.elapsed() >= TOLD_AGAIN) {
                            told = Some(Instant::now());
                            (self.tell)(Stage::NotThis(error.to_string()));
                        }
                        continue;
                    }
                    read => {
                        *browser = listener.take().map(|listener| Browser { listener, reply });
                        read
                    }
                },
                input = inputs.recv(), if !is_alone => match input {
                    None if listener.is_none() && polling.is_none() => return Err(ConsentError::NoWayBack.into()),
                    // Nobody is there any more who could paste; the other ways stay open.
                    None => {
                        is_alone = true;
                        continue;
                    }
                    Some(Input::DeviceCode) => {
                        match self.ask_for_code(&consent).await {
                            Ok(code) => polling = Some(poll(&consent, code)),
                            // The other ways are open still.
                            Err(error) => (self.tell)(Stage::NotThis(format!("there is no code: {error}"))),
                        }
                        continue;
                    }
                    Some(Input::Pasted(text)) => match consent.read_redirect(&text) {
                        Err(error) if !error.is_final() => {
                            (self.tell)(Stage::NotThis(error.to_string()));
                            continue;
                        }
                        read => read,
                    },
                },
                grant = signed_in(&mut polling) => {
                    (self.tell)(Stage::Checking);
                    break grant?;
                }
            };
            let auth = auth.map_err(ConsentError::Refused)?;
            (self.tell)(Stage::Checking);
            break consent.redeem(&auth).await?;
        };
        verify::grant(&self.reach, secrets.settings(), app, grant).await
    }

    fn options(&self, app: &App, redirect_uri: String) -> ConsentOptions {
        ConsentOptions {
            login: self.reach.login.clone(),
            partner_center: self.reach.partner_center.clone(),
            tenant: app.tenant.clone(),
            client_id: app.id.clone(),
            client_secret: app.secret.clone(),
            redirect_uri,
            connect_timeout: self.reach.connect_timeout,
            read_timeout: self.reach.read_timeout,
            request_timeout: self.reach.request_timeout,
            max_attempts: self.reach.max_attempts,
        }
    }

    async fn ask_for_code(&self, consent: &Consent) -> Result<DeviceCode, JobError> {
        let code = consent.device_code().await?;
        (self.tell)(Stage::Code {
            code: code.user_code.clone(),
            page: code.verification_uri.clone(),
            until: from_now(code.expires_in),
        });
        Ok(code)
    }
}

/// A browser that waits for what comes of its sign-in.
struct Browser {
    /// The connection ends with it.
    listener: Loopback,
    reply: Reply,
}

impl Browser {
    async fn tell(self, result: &Result<Consented, JobError>) {
        let page = match result {
            Ok(consented) => Page::done(consented.user.as_deref()),
            Err(error) => Page::failed(&error.to_string()),
        };
        // One that does not take the page keeps nobody from going on.
        drop(timeout(PATIENCE, self.reply.answer(page)).await);
        drop(self.listener);
    }
}

/// Finds out before anybody signs in whether what that brings has a place. A vault with a token that can't be used takes another.
async fn can_keep(secrets: &Secrets) -> Result<(), JobError> {
    match secrets.look_at_token().await {
        Err(JobError::Vault(
            VaultError::Disabled { .. } | VaultError::Expired { .. } | VaultError::NotYetValid { .. },
        )) => Ok(()),
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

async fn next(listener: &mut Option<Loopback>) -> Arrived {
    match listener {
        Some(listener) => listener.next().await,
        None => pending().await,
    }
}

/// Waits until somebody has typed the code, and signed in.
type Polling<'a> = Pin<Box<dyn Future<Output = Result<Grant, JobError>> + Send + 'a>>;

fn poll(consent: &Consent, code: DeviceCode) -> Polling<'_> {
    Box::pin(async move { Ok(consent.wait_for_device(&code).await?) })
}

async fn signed_in(polling: &mut Option<Polling<'_>>) -> Result<Grant, JobError> {
    match polling {
        Some(polling) => polling.await,
        None => pending().await,
    }
}
