//! `--demo`: a simulated Partner Center within the process, a store of its own, and plans to sell by.

mod plans;

use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;
use std::sync::mpsc;
use std::time::Duration;

use secrecy::SecretString;
use tokio::sync::oneshot;
use url::Url;

use crate::config::{Config, Endpoints, Sharing};
use crate::domain::address::is_loopback;
use crate::domain::settings::{Settings, Tier};
use crate::simulator::{
    self, APP_ID, APP_SECRET, Faults, Options, PARTNER_DOMAIN, PARTNER_TENANT, REFRESH_TOKEN, Simulator,
    SimulatorError,
};
use crate::store::{Prepared, SecretName, Store, StoreError};

const CUSTOMERS: u32 = 200;
const SEED: u64 = 1;
/// Slow enough for progress to be seen, fast enough not to be waited for.
const LATENCY: Duration = Duration::from_millis(30);
/// The simulator has no limit to keep to.
const REQUESTS_PER_MINUTE: u32 = 100_000;

/// Why there is no demo.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// See [`SimulatorError`].
    #[error(transparent)]
    Simulator(#[from] SimulatorError),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The system's refusal.
    #[error("the demo can't be set up: {what}: {source}")]
    System {
        /// What was tried.
        what: String,
        /// What the system said.
        source: io::Error,
    },
    /// A store with somebody's real settings.
    #[error(
        "the store {} is not of a demo: its settings are those of a real partner, and made-up data must not mix with them; \
         leave --demo away, or name another file with --store", path.display()
    )]
    RealStore {
        /// The store.
        path: PathBuf,
    },
    /// Made here, so a fault of the program.
    #[error("this is a fault of the program: {0}")]
    Fault(String),
}

/// A demo that runs until this is dropped, and whose folder is gone afterwards.
#[derive(Debug)]
pub struct Demo {
    _stop: oneshot::Sender<()>,
    _folder: Option<Folder>,
}

/// A folder that nobody else can read and that is removed with all that is in it.
#[derive(Debug)]
struct Folder(PathBuf);

impl Folder {
    fn new() -> io::Result<Self> {
        let path = std::env::temp_dir().join(format!("cspdeck-demo-{}", uuid::Uuid::new_v4()));
        DirBuilder::new().mode(0o700).create(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            tracing::warn!("the demo's folder {} stays behind: {error}", self.0.display());
        }
    }
}

impl Demo {
    /// Starts the simulator and points the configuration at it, and at a fresh store unless one was named: that one is kept, with
    /// its identity file beside it.
    ///
    /// # Errors
    /// When folder, threads or port can't be had.
    pub fn start(config: &mut Config, store_is_named: bool) -> Result<Self, DemoError> {
        let (url, stop) = simulate()?;
        let endpoints = &mut config.endpoints;
        for endpoint in [
            &mut endpoints.login,
            &mut endpoints.partner_center,
            &mut endpoints.pricing,
            &mut endpoints.graph,
            &mut endpoints.key_vault,
            &mut endpoints.managed_identity,
        ] {
            endpoint.clone_from(&url);
        }
        config.http.requests_per_minute = REQUESTS_PER_MINUTE;
        config.store.sharing = Sharing::Private;
        let folder = if store_is_named {
            let mut identity = config.store.path.clone().into_os_string();
            identity.push(".identity");
            config.store.identity = identity.into();
            None
        } else {
            let what = || format!("a folder in {}", std::env::temp_dir().display());
            let folder = Folder::new().map_err(|source| DemoError::System { what: what(), source })?;
            config.store.path = folder.0.join("store.redb");
            config.store.identity = folder.0.join("identity.txt");
            Some(folder)
        };
        Ok(Self { _stop: stop, _folder: folder })
    }

    /// Puts the simulated partner's settings, secrets and plans into the store, where they are not there yet.
    ///
    /// # Errors
    /// [`DemoError::RealStore`] where the store has settings of another partner; else when it can't be written.
    pub fn fill(store: &Store) -> Result<(), DemoError> {
        let secrets = [(SecretName::CpvAppSecret, APP_SECRET), (SecretName::RefreshToken, REFRESH_TOKEN)];
        let (settings, missing) = store.read(|txn| {
            let mut missing = Vec::new();
            for (name, value) in secrets {
                if txn.secret_info(name)?.is_none() {
                    missing.push((name, SecretString::from(value)));
                }
            }
            Ok((txn.settings()?, missing))
        })?;
        let is_new = settings.value == Settings::default();
        if settings.value.cpv_app_id.as_deref() != Some(APP_ID) && !(is_new && missing.len() == secrets.len())
        {
            return Err(DemoError::RealStore { path: store.path().to_owned() });
        }
        for (name, value) in &missing {
            store.put_secret(*name, value)?;
        }
        if is_new {
            store.write(|txn| txn.put_settings(settings.revision, &partner()))?;
        }
        put_plans(store)
    }
}

/// Puts the demo's plans into a store that belongs to the simulated partner and has none, so that the main job can be tried
/// against `cspdeck simulator` too. A real partner's store never gets them: it must name the simulator's app, and be configured
/// for endpoints on this machine.
///
/// # Errors
/// When the store can't be read or written.
pub fn offer_plans(store: &Store, endpoints: &Endpoints) -> Result<(), DemoError> {
    if !is_loopback(&endpoints.login) || !is_loopback(&endpoints.partner_center) {
        return Ok(());
    }
    let settings = store.read(|txn| txn.settings())?.value;
    if settings.cpv_app_id.as_deref() == Some(APP_ID) { put_plans(store) } else { Ok(()) }
}

fn put_plans(store: &Store) -> Result<(), DemoError> {
    if !store.read(|txn| txn.plans())?.is_empty() {
        return Ok(());
    }
    let mut prepared = Vec::new();
    for plan in plans::plans().map_err(DemoError::Fault)? {
        prepared.push(Prepared::plan(None, &plan)?);
    }
    store.write(|txn| prepared.iter().try_for_each(|plan| txn.put_prepared(plan).map(drop)))?;
    Ok(())
}

fn partner() -> Settings {
    Settings {
        cpv_app_id: Some(APP_ID.to_owned()),
        tier: Tier::Indirect,
        microsoft_id: Some(PARTNER_TENANT.to_owned()),
        csp_domain: Some(PARTNER_DOMAIN.to_owned()),
        ..Settings::default()
    }
}

/// Runs the simulator on a thread of its own, until the sender is dropped.
fn simulate() -> Result<(Url, oneshot::Sender<()>), DemoError> {
    let system = |source| DemoError::System { what: "a thread for the simulator".to_owned(), source };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(system)?;
    let options = Options {
        customers: CUSTOMERS,
        seed: SEED,
        tier: simulator::Tier::Indirect,
        faults: Faults { latency: LATENCY, ..Faults::default() },
        ..Options::default()
    };
    let (stop, stopped) = oneshot::channel::<()>();
    let (started, start) = mpsc::channel();
    let serve = move || {
        runtime.block_on(async move {
            let simulator = match Simulator::start(options).await {
                Ok(simulator) => simulator,
                Err(error) => return drop(started.send(Err(error))),
            };
            if started.send(Ok(simulator.base_url())).is_ok() {
                // An error means that the sender is dropped, which is the sign.
                drop(stopped.await);
            }
        });
    };
    std::thread::Builder::new().name("simulator".to_owned()).spawn(serve).map_err(system)?;
    let url =
        start.recv().map_err(|error| DemoError::Fault(format!("the simulator did not start: {error}")))??;
    let url = Url::parse(&url).map_err(|error| DemoError::Fault(format!("{url}: {error}")))?;
    Ok((url, stop))
}

#[cfg(test)]
mod tests;
