//! A login and a Partner Center on loopback, for `--demo`, for tests and for `cspdeck simulator`; with what else an
//! operator's sign-in needs: Key Vault, the machine's managed identity, Graph, and a mail server.
//!
//! The data is made up from a seed, customer by customer and only when asked for: the same seed gives the same
//! bytes, at any number of customers. It shares no parsing code or types with the client, so that a
//! misunderstanding can't hide in both.

mod aadsts;
mod answers;
mod api;
mod application_consents;
mod audiences;
mod authorize;
mod bearer;
mod caller;
mod catalogue;
mod claims;
mod counters;
mod customer_ids;
mod customers;
mod device_login;
mod devices;
mod faults;
mod form;
mod grants;
mod graph;
mod key_vault;
mod layer;
#[rustfmt::skip]
mod locales;
mod login;
mod managed_identity;
mod names;
mod options;
mod pricing;
mod profiles;
mod random;
mod refresh_tokens;
mod relationships;
mod sign_in_page;
mod smtp;
mod subscriptions;
mod tokens;
mod users;

pub use catalogue::{CatalogueItem, CatalogueKind, catalogue};
pub use counters::Requests;
pub use faults::Faults;
pub use options::{MAX_CUSTOMERS, Options, SimulatorError, Tier};
pub use pricing::{SheetCurrency, sheet_currencies, unit_price};
pub use smtp::Mail;
pub use subscriptions::subscription_count;
pub use users::SignIn;

use axum::serve::ListenerExt;
use counters::Counters;
use faults::Turns;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// The id of the only app that may sign in.
pub const APP_ID: &str = "5a1f0c3e-71d2-4a4a-9c9c-1f2e3d4c5b6a";
/// The secret of the app.
pub const APP_SECRET: &str = "simulated~app~secret~not~a~real~one";
/// A refresh token that is always accepted, as if consent had been given.
pub const REFRESH_TOKEN: &str = "1.AXoA-simulated-refresh-token";
/// The partner's tenant id.
pub const PARTNER_TENANT: &str = "2b6f3c52-0e1d-4c58-9f0a-7d5b1c9e4a31";
/// The partner's domain, which stands for the tenant in addresses too.
pub const PARTNER_DOMAIN: &str = "fabrikam-csp.onmicrosoft.com";
/// The partner's own MPN id.
pub const PARTNER_MPN: &str = "6204817";

/// The tenant that users of another tenant belong to.
pub const OTHER_TENANT: &str = "9c41e7d8-35b2-4f0a-86c1-e4d7a2b05f93";
/// The domain of the other tenant.
pub const OTHER_DOMAIN: &str = "contoso-csp.onmicrosoft.com";
/// The client id of the machine's managed identity.
pub const IDENTITY_CLIENT_ID: &str = "d27f4b86-0a5e-4c93-9be8-61f3d0c7a542";
/// The only user of the mail server.
pub const SMTP_USER: &str = "billing@fabrikam-csp.example";
/// The password of the mail server's user.
pub const SMTP_PASSWORD: &str = "simulated~mail~password~not~a~real~one";

/// A running simulator. Dropping it stops it.
pub struct Simulator {
    shared: Arc<Shared>,
    servers: Vec<JoinHandle<()>>,
    smtp_address: Option<SocketAddr>,
}

/// What all requests share.
struct Shared {
    base_url: String,
    customers: u32,
    seed: u64,
    tier: Tier,
    sign_in_page: bool,
    /// The index of each customer by id.
    directory: HashMap<Uuid, u32>,
    faults: Mutex<Faults>,
    turns: Turns,
    counters: Counters,
    tokens: Mutex<tokens::Tokens>,
    devices: Mutex<devices::Devices>,
    vault: Mutex<key_vault::Vault>,
    /// Customer and app of each consent that was given.
    consents: Mutex<BTreeSet<(Uuid, Uuid)>>,
    /// The exports that Graph was asked for.
    operations: Mutex<HashSet<Uuid>>,
    mails: Mutex<Vec<Mail>>,
    stopping: CancellationToken,
}

impl Shared {
    fn faults(&self) -> Faults {
        locked(&self.faults).clone()
    }

    fn tokens(&self) -> MutexGuard<'_, tokens::Tokens> {
        locked(&self.tokens)
    }

    fn devices(&self) -> MutexGuard<'_, devices::Devices> {
        locked(&self.devices)
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Simulator {
    /// Binds the ports and answers from then on, in tasks of the current tokio runtime.
    ///
    /// # Errors
    /// When the number of customers is out of range, or a port can't be had.
    pub async fn start(options: Options) -> Result<Simulator, SimulatorError> {
        let Options { port, smtp, customers, seed, tier, sign_in_page, faults } = options;
        if !(1..=MAX_CUSTOMERS).contains(&customers) {
            return Err(SimulatorError::Customers(customers));
        }
        let (listener, address) = listen(port).await?;
        let smtp = match smtp {
            Some(port) => Some(listen(port).await?),
            None => None,
        };
        let mut tokens = tokens::Tokens::default();
        if faults.revoke_refresh_tokens {
            tokens.revoke_refresh_tokens();
        }
        let shared = Arc::new(Shared {
            base_url: format!("http://{address}"),
            customers,
            seed,
            tier,
            sign_in_page,
            directory: (0..customers).map(|index| (customer_ids::id(seed, index), index)).collect(),
            faults: Mutex::new(faults),
            turns: Turns::default(),
            counters: Counters::default(),
            tokens: Mutex::new(tokens),
            devices: Mutex::default(),
            vault: Mutex::default(),
            consents: Mutex::default(),
            operations: Mutex::default(),
            mails: Mutex::default(),
            stopping: CancellationToken::new(),
        });
        let smtp_address = smtp.as_ref().map(|(_, address)| *address);
        let mut servers = vec![tokio::spawn(serve(listener, Arc::clone(&shared)))];
        if let Some((listener, _)) = smtp {
            servers.push(tokio::spawn(smtp::serve(listener, Arc::clone(&shared))));
        }
        Ok(Simulator { shared, servers, smtp_address })
    }

    /// `http://127.0.0.1:PORT`. The login is below it at `/{tenant}/oauth2/..`, the API at `/v1/..`, prices and Graph at
    /// `/v1.0/..`, the managed identity at `/metadata/..`. It is the vault's address, too: `/secrets/..`.
    pub fn base_url(&self) -> String {
        self.shared.base_url.clone()
    }

    /// Where the mail server listens, if there is one.
    pub fn smtp_address(&self) -> Option<SocketAddr> {
        self.smtp_address
    }

    /// The mails that the mail server was given, in their order.
    pub fn mails(&self) -> Vec<Mail> {
        locked(&self.shared.mails).clone()
    }

    /// Puts a secret into the vault, as its newest version; a deleted one of this name gives way.
    pub fn put_vault_secret(&self, name: &str, value: &str) {
        locked(&self.shared.vault).put(name, value);
    }

    /// Puts a secret into the vault, as its newest version, that is given to nobody: it has expired.
    pub fn put_expired_vault_secret(&self, name: &str, value: &str) {
        locked(&self.shared.vault).put_expired(name, value);
    }

    /// The newest value of a secret in the vault, if it is there and not deleted.
    pub fn vault_secret(&self, name: &str) -> Option<String> {
        locked(&self.shared.vault).value(name)
    }

    /// The customers in whose tenants this app has consent.
    pub fn customers_with_consent(&self, app: Uuid) -> Vec<Uuid> {
        let consents = locked(&self.shared.consents);
        consents.iter().filter(|consent| consent.1 == app).map(|consent| consent.0).collect()
    }

    /// What was asked up to now.
    pub fn requests(&self) -> Requests {
        self.shared.counters.read()
    }

    /// Changes the faults of all requests that arrive from now on.
    pub fn set_faults(&self, change: impl FnOnce(&mut Faults)) {
        let mut faults = locked(&self.shared.faults);
        let had_revoked = faults.revoke_refresh_tokens;
        change(&mut faults);
        if faults.revoke_refresh_tokens && !had_revoked {
            self.shared.tokens().revoke_refresh_tokens();
        }
    }

    /// Ends stalled and delayed answers, finishes the others, and closes the ports. A connection that doesn't end
    /// within two seconds is left behind.
    pub async fn stop(mut self) {
        self.shared.stopping.cancel();
        for mut server in self.servers.drain(..) {
            if tokio::time::timeout(Duration::from_secs(2), &mut server).await.is_err() {
                server.abort();
            }
        }
    }
}

async fn listen(port: u16) -> Result<(TcpListener, SocketAddr), SimulatorError> {
    let refused = |source| SimulatorError::Listen { port, source };
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let listener = TcpListener::bind(address).await.map_err(refused)?;
    let address = listener.local_addr().map_err(refused)?;
    Ok((listener, address))
}

async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    // Without this, small answers wait for the client's delayed acknowledgement.
    let listener = listener.tap_io(|connection| {
        if let Err(error) = connection.set_nodelay(true) {
            tracing::debug!(%error, "the simulator's connection keeps Nagle's algorithm");
        }
    });
    let stopping = shared.stopping.clone();
    let service = api::router(shared);
    let serving = axum::serve(listener, service).with_graceful_shutdown(stopping.cancelled_owned()).await;
    if let Err(error) = serving {
        tracing::warn!(%error, "the simulator stopped");
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.shared.stopping.cancel();
    }
}
