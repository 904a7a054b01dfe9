//! From the configuration to what jobs and queries stand on. The only place that does so.

use std::time::Duration;

use crate::config::{self, Config, SmtpSecurity};
use crate::jobs::Services;
use crate::jobs::check::MailSetup;
use crate::jobs::consent::ConsentSetup;
use crate::jobs::reach::Reach;
use crate::mail::Security;
use crate::store::{Sharing, Store, StoreError, StoreOptions, operator};

/// How Partner Center is reached.
#[must_use]
pub fn reach(config: &Config) -> Reach {
    let seconds = |count: u32| Duration::from_secs(u64::from(count));
    let http = &config.http;
    Reach {
        login: config.endpoints.login.clone(),
        partner_center: config.endpoints.partner_center.clone(),
        pricing: config.endpoints.pricing.clone(),
        graph: config.endpoints.graph.clone(),
        key_vault: config.endpoints.key_vault.clone(),
        managed_identity: config.endpoints.managed_identity.clone(),
        requests_per_minute: http.requests_per_minute,
        concurrency: http.concurrency as usize,
        connect_timeout: seconds(http.connect_timeout_seconds),
        read_timeout: seconds(http.read_timeout_seconds),
        request_timeout: seconds(http.request_timeout_seconds),
        max_attempts: http.max_attempts,
        page_size: http.page_size,
    }
}

/// What the dashboard's jobs work with.
#[must_use]
pub fn services(config: &Config) -> Services {
    Services { reach: reach(config), consent: consent(config), mail: mail(config) }
}

/// The way back of a consent.
#[must_use]
pub fn consent(config: &Config) -> ConsentSetup {
    ConsentSetup {
        redirect_uri: config.consent.redirect_uri.clone(),
        port: config.consent.port,
        limit: Duration::from_secs(60 * u64::from(config.consent.minutes)),
    }
}

/// The mail server.
#[must_use]
pub fn mail(config: &Config) -> MailSetup {
    let smtp = &config.smtp;
    MailSetup {
        host: smtp.host.clone(),
        port: smtp.port,
        security: match smtp.security {
            SmtpSecurity::StartTls => Security::StartTls,
            SmtpSecurity::Tls => Security::Tls,
            SmtpSecurity::None => Security::None,
        },
        user: smtp.user.clone(),
        timeout: Duration::from_secs(u64::from(config.http.connect_timeout_seconds)),
    }
}

/// Opens the store, as the operator of this process.
///
/// # Errors
/// See [`Store::open`].
pub fn open_store(config: &Config) -> Result<Store, StoreError> {
    Store::open(StoreOptions {
        path: config.store.path.clone(),
        identity: config.store.identity.clone(),
        wait: Duration::from_secs(u64::from(config.store.wait_seconds)),
        sharing: match config.store.sharing {
            config::Sharing::Private => Sharing::Private,
            config::Sharing::Group => Sharing::Group,
        },
        operator: operator::current(),
    })
}
