//! How Microsoft is reached.

use std::time::Duration;

use url::Url;

use crate::partner_center::Timeouts;

/// Where Partner Center is, and how gently it is asked.
#[derive(Debug, Clone)]
pub struct Reach {
    /// The login authority.
    pub login: Url,
    /// The API.
    pub partner_center: Url,
    /// Price sheets.
    pub pricing: Url,
    /// Billing exports.
    pub graph: Url,
    /// What tokens for a key vault are for.
    pub key_vault: Url,
    /// Where a machine in Azure gets the tokens of its managed identity.
    pub managed_identity: Url,
    /// Most requests in a minute.
    pub requests_per_minute: u32,
    /// Most requests at the same time.
    pub concurrency: usize,
    /// Longest time until a connection stands.
    pub connect_timeout: Duration,
    /// Longest silence.
    pub read_timeout: Duration,
    /// Longest attempt.
    pub request_timeout: Duration,
    /// Attempts for each request.
    pub max_attempts: u32,
    /// Customers in a page.
    pub page_size: u32,
}

impl Reach {
    /// How long is waited.
    pub(super) fn timeouts(&self) -> Timeouts {
        Timeouts { connect: self.connect_timeout, read: self.read_timeout, request: self.request_timeout }
    }
}
