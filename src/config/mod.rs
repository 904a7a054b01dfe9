//! The configuration: one file, the environment and the command line, checked as a whole before anything else starts.
//!
//! What is set here is where things are and how they behave on this host; what the business needs (the app's id, the
//! tier) is a setting and lives in the store.

mod error;
mod file;
mod keys;
mod load;
mod value;

#[cfg(test)]
mod tests;

use std::path::PathBuf;

use url::Url;

use crate::domain::application_grant::ApplicationGrant;

pub use error::{ConfigError, Problem};
pub use load::{Sources, load};

/// The example file that comes with the program: every key with its default and what it means.
pub const EXAMPLE: &str = include_str!("../../config.example.toml");

/// All that can be configured, complete and within its limits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Where Microsoft's services are.
    pub endpoints: Endpoints,
    /// How they are asked.
    pub http: Http,
    /// Where the store is and who shares it.
    pub store: StoreConfig,
    /// How the partner consent is given.
    pub consent: ConsentConfig,
    /// What is asked for in customers' tenants.
    pub application_consent: ApplicationConsentConfig,
    /// The mail server.
    pub smtp: SmtpConfig,
    /// What the dashboard looks like.
    pub dashboard: Dashboard,
    /// What is logged, and where to.
    pub log: Log,
}

/// The base addresses of Microsoft's services. `https`, or `http` to a loopback address; each ends with a slash, however
/// it was written, so that [`Url::join`] appends to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoints {
    /// Sign-in and tokens.
    pub login: Url,
    /// Customers, subscriptions, invoices.
    pub partner_center: Url,
    /// Price sheets.
    pub pricing: Url,
    /// Reconciliation exports.
    pub graph: Url,
    /// The audience of tokens for Azure Key Vault; the vault's own address is a setting.
    pub key_vault: Url,
    /// Where a machine in Azure gets the tokens of its managed identity. The instance metadata service has plain `http` at a
    /// link-local address, which is accepted here alone.
    pub managed_identity: Url,
}

/// Limits on requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Http {
    /// Requests started in a minute, at most.
    pub requests_per_minute: u32,
    /// Requests under way at once, 1 to 64.
    pub concurrency: u32,
    /// Time for a connection to be made.
    pub connect_timeout_seconds: u32,
    /// Time in which nothing arrives before an answer counts as stalled.
    pub read_timeout_seconds: u32,
    /// Time for a whole request, from its start to the last byte of its answer.
    pub request_timeout_seconds: u32,
    /// Tries for one request, the first included.
    pub max_attempts: u32,
    /// Customers asked for in a page.
    pub page_size: u32,
}

/// The store's files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreConfig {
    /// The store, absolute.
    pub path: PathBuf,
    /// The key file that secrets are encrypted with, absolute.
    pub identity: PathBuf,
    /// How long a store that another process has in use is waited for.
    pub wait_seconds: u32,
    /// Who may open both.
    pub sharing: Sharing,
}

/// Who may open the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sharing {
    /// One account: files 0600 in a 0700 folder.
    Private,
    /// The folder's group: files 0660 in a 2770 folder.
    Group,
}

/// The partner consent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentConfig {
    /// Where the browser ends, as it is registered for the app; without a slash at its end where it has no path, as Microsoft
    /// compares it letter by letter.
    pub redirect_uri: String,
    /// The port to listen at; 0 for any.
    pub port: u16,
    /// How long a sign-in is waited for.
    pub minutes: u32,
}

/// The consent in customers' tenants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplicationConsentConfig {
    /// What the customer sees as the app's name.
    pub display_name: String,
    /// What the app may do there.
    pub grants: Vec<ApplicationGrant>,
}

/// The mail server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmtpConfig {
    /// Its name or address; none where none is configured.
    pub host: Option<String>,
    /// Its port.
    pub port: u16,
    /// How the connection is secured.
    pub security: SmtpSecurity,
    /// Who signs in there; none where nobody has to.
    pub user: Option<String>,
}

/// How a connection to a mail server is secured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmtpSecurity {
    /// It turns to TLS, or is given up.
    StartTls,
    /// TLS from the first byte.
    Tls,
    /// Not at all: for this machine only.
    None,
}

/// The dashboard's looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dashboard {
    /// Colours.
    pub theme: Theme,
    /// Which characters lines and signs are drawn with.
    pub glyphs: Glyphs,
    /// Whether the mouse is used.
    pub mouse: bool,
    /// Shortest time between two frames.
    pub frame_interval_ms: u32,
}

/// The set of colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    /// None at all: bold, underline and reverse only.
    Plain,
    /// For light text on a dark background.
    Dark,
    /// For dark text on a light background.
    Light,
}

/// The set of characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Glyphs {
    /// Unicode where the locale is UTF-8, else ASCII.
    Auto,
    /// Unicode always.
    Unicode,
    /// ASCII always.
    Ascii,
}

/// The log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// The least severe entry that is written.
    pub level: LogLevel,
    /// The folder of the log files, absolute.
    pub directory: PathBuf,
}

/// Severity from which on the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of every log")]
pub enum LogLevel {
    Off,
    Error,
    Warn,
    Info,
    Debug,
    Trace,
}

impl LogLevel {
    /// The level's name as filters of `tracing` know it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }
}
