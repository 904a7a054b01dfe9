//! The login of one tenant: its endpoints, and one request to any of them.

use reqwest::header::{HeaderName, HeaderValue};
use reqwest::{Request, Url};
use uuid::Uuid;

use super::call::{Call, Service};
use super::transport::{Answer, Broken, Intake, Transport};

/// See the module.
#[derive(Clone)]
pub(super) struct Login {
    transport: Transport,
    base: Url,
}

impl Login {
    /// `tenant` was checked.
    pub(super) fn new(transport: Transport, authority: &Url, tenant: &str) -> Self {
        let mut base = authority.clone();
        if let Ok(mut path) = base.path_segments_mut() {
            path.pop_if_empty().extend([tenant.trim(), "oauth2", "v2.0"]);
        }
        Self { transport, base }
    }

    /// The address of `token`, `authorize` or `devicecode`.
    pub(super) fn endpoint(&self, name: &str) -> Url {
        let mut endpoint = self.base.clone();
        if let Ok(mut path) = endpoint.path_segments_mut() {
            path.push(name);
        }
        endpoint
    }

    /// One call of the login, as errors name it.
    pub(super) fn call(&self, what: &str) -> Call {
        let id = Uuid::new_v4().to_string();
        Call {
            what: what.to_owned(),
            host: self.base.host_str().unwrap_or_default().to_owned(),
            request_id: id.clone(),
            correlation_id: id,
            service: Service::Login,
        }
    }

    /// Sends a request of this call, which takes over the ids of the answer.
    pub(super) async fn send(&self, mut request: Request, call: &mut Call) -> Result<Answer, Broken> {
        if let Ok(id) = HeaderValue::from_str(&call.correlation_id) {
            request.headers_mut().insert(HeaderName::from_static("client-request-id"), id);
        }
        let answer = self.transport.exchange(request, Intake::DOCUMENT).await?;
        call.heard(&answer.headers);
        let (host, status, trace) = (&call.host, answer.status.as_u16(), &call.request_id);
        tracing::debug!(host, status, trace, "sign-in");
        Ok(answer)
    }
}
