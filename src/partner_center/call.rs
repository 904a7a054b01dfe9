//! Which call an error speaks of, and the ids that Microsoft's support asks for.

use std::fmt;

use reqwest::header::HeaderMap;
use uuid::Uuid;

use super::scrub::cut;
use crate::domain::text::printable;

/// Longest id of a server that is shown.
const ID_LENGTH: usize = 80;

/// Which of Microsoft's services a request goes to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Service {
    /// Customers, subscriptions, profiles.
    #[default]
    PartnerCenter,
    /// Tokens, without which nothing else can go on.
    Login,
    /// Price sheets.
    Pricing,
    /// Billing exports.
    Graph,
    /// Secrets, and the managed identity that opens them.
    KeyVault,
}

/// One request as an error names it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Call {
    /// What was asked for, such as `the subscriptions of customer 7c1d…`.
    pub what: String,
    /// The host that was asked.
    pub host: String,
    /// `MS-RequestId`: one attempt, or all attempts at a write. For a sign-in, Microsoft's trace id; for prices, Graph and Key Vault, the client's own id.
    pub request_id: String,
    /// `MS-CorrelationId`: one operation with all its attempts and pages. For prices, Graph and Key Vault, the id of the
    /// answer, if there was one.
    pub correlation_id: String,
    /// Who was asked.
    pub service: Service,
}

impl Call {
    /// Takes over the ids by which the server itself knows the call.
    pub(super) fn heard(&mut self, headers: &HeaderMap) {
        let id = |name| headers.get(name).and_then(|value| value.to_str().ok()).and_then(clean);
        let (request, correlation) = match self.service {
            Service::PartnerCenter => (id("MS-RequestId"), id("MS-CorrelationId")),
            Service::Login => (id("x-ms-request-id"), id("client-request-id")),
            Service::Pricing | Service::Graph => (id("client-request-id"), id("request-id")),
            Service::KeyVault => (id("x-ms-client-request-id"), id("x-ms-request-id")),
        };
        self.request_id = request.unwrap_or_else(|| std::mem::take(&mut self.request_id));
        self.correlation_id = correlation.unwrap_or_else(|| std::mem::take(&mut self.correlation_id));
    }
}

/// An id of a server, if it looks like one.
pub(super) fn clean(id: &str) -> Option<String> {
    let id = id.trim();
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b':' | b'{' | b'}');
    (!id.is_empty() && id.bytes().all(plain)).then(|| cut(id, ID_LENGTH))
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.request_id.is_empty() && self.correlation_id.is_empty() {
            return Ok(());
        }
        let (request, correlation) = match self.service {
            Service::PartnerCenter => ("MS-RequestId", "MS-CorrelationId"),
            Service::Login => ("Trace ID", "Correlation ID"),
            Service::Pricing | Service::Graph => ("client-request-id", "request-id"),
            Service::KeyVault => ("x-ms-client-request-id", "x-ms-request-id"),
        };
        write!(f, " ({request} {}", self.request_id)?;
        if !self.correlation_id.is_empty() {
            write!(f, ", {correlation} {}", self.correlation_id)?;
        }
        f.write_str(")")
    }
}

/// What the caller wants, over all attempts and pages.
#[derive(Debug, Clone)]
pub(super) struct Operation {
    what: String,
    /// Of every attempt at a write: by it Partner Center knows one that it has already done.
    request_id: Option<String>,
    correlation_id: String,
    service: Service,
}

impl Operation {
    /// `what` may hold an id of a server.
    pub(super) fn new(what: &str) -> Self {
        Self {
            what: printable(what).into_owned(),
            request_id: None,
            correlation_id: Uuid::new_v4().to_string(),
            service: Service::PartnerCenter,
        }
    }

    /// An operation that changes something, whose attempts count as one.
    pub(super) fn write(what: &str) -> Self {
        Self { request_id: Some(Uuid::new_v4().to_string()), ..Self::new(what) }
    }

    /// An operation of the pricing API, which knows no ids over several attempts.
    pub(super) fn pricing(what: &str) -> Self {
        Self { correlation_id: String::new(), service: Service::Pricing, ..Self::new(what) }
    }

    /// An operation of Microsoft Graph, which knows no ids over several attempts either.
    pub(super) fn graph(what: &str) -> Self {
        Self { service: Service::Graph, ..Self::pricing(what) }
    }

    /// An operation of Azure Key Vault.
    pub(super) fn key_vault(what: &str) -> Self {
        Self { service: Service::KeyVault, ..Self::pricing(what) }
    }

    /// One more attempt at it: with a request id of its own, unless it is a write.
    pub(super) fn attempt(&self, host: &str) -> Call {
        Call {
            what: self.what.clone(),
            host: host.to_owned(),
            request_id: self.request_id.clone().unwrap_or_else(|| Uuid::new_v4().to_string()),
            correlation_id: self.correlation_id.clone(),
            service: self.service,
        }
    }
}
