//! Trying again.

use std::time::Duration;

use super::error::VaultError;
use crate::partner_center::call::Call;
use crate::partner_center::retry;
use crate::partner_center::transport::Broken;

/// An attempt that did not succeed.
pub(super) struct Failure {
    error: VaultError,
    /// Whether another attempt may help.
    again: bool,
    /// The wait that the server asks for.
    wait: Option<Duration>,
}

impl Failure {
    /// Another attempt would not help.
    pub(super) fn last(error: impl Into<VaultError>) -> Self {
        Self { error: error.into(), again: false, wait: None }
    }

    /// Another attempt may help.
    pub(super) fn again(error: impl Into<VaultError>, wait: Option<Duration>) -> Self {
        Self { error: error.into(), again: true, wait }
    }

    /// The vault did not answer.
    pub(super) fn broken(broken: Broken, call: Call) -> Self {
        match broken {
            // The name service's part in it has no type of its own.
            Broken::Unreachable(reason) if reason.contains("dns error") => {
                Self::again(VaultError::UnknownVault { call: Box::new(call) }, None)
            }
            other => {
                let (error, again) = other.into_error(call);
                Self { again, ..Self::last(error) }
            }
        }
    }
}

/// Tries until an attempt succeeds, another would not help, or so many have failed.
pub(super) async fn patiently<T, F>(max_attempts: u32, mut once: impl FnMut() -> F) -> Result<T, VaultError>
where
    F: Future<Output = Result<T, Failure>>,
{
    let mut failed = 0;
    loop {
        let failure = match once().await {
            Ok(done) => return Ok(done),
            Err(failure) => failure,
        };
        failed += 1;
        if !failure.again || failed >= max_attempts {
            return Err(failure.error);
        }
        tokio::time::sleep(failure.wait.unwrap_or_else(|| retry::backoff(failed))).await;
    }
}

#[cfg(test)]
mod tests {
    use reqwest::{Method, Request};

    use super::*;
    use crate::partner_center::timeouts::Timeouts;
    use crate::partner_center::transport::{Intake, Line, Transport};

    /// The failure of a request to this address.
    async fn failure(address: &str) -> Failure {
        let timeout = Duration::from_secs(60);
        let timeouts = Timeouts { connect: timeout, read: timeout, request: timeout };
        let transport = Transport::new(Line { timeouts, spare: 0, is_local: true }).unwrap();
        let request = Request::new(Method::GET, address.parse().unwrap());
        let broken = transport.exchange(request, Intake::DOCUMENT).await.err().unwrap();
        Failure::broken(broken, Call::default())
    }

    #[tokio::test]
    async fn a_name_that_leads_nowhere_is_told_from_a_closed_door() {
        // No name service takes a label of 64 characters, so none is asked.
        let unknown = failure(&format!("http://{}.invalid/", "x".repeat(64))).await;
        assert!(
            matches!(unknown.error, VaultError::UnknownVault { .. }) && unknown.again,
            "{}",
            unknown.error
        );

        let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let refused = failure(&format!("http://{closed}/")).await;
        assert!(matches!(refused.error, VaultError::Exchange(_)) && refused.again, "{}", refused.error);
    }

    #[tokio::test]
    async fn only_what_may_pass_is_tried_again() {
        let count = async |again: bool| {
            let mut attempts = 0;
            let outcome: Result<(), _> = patiently(3, || {
                attempts += 1;
                let wait = Some(Duration::ZERO);
                let error = VaultError::BadName(String::new());
                async move { Err(if again { Failure::again(error, wait) } else { Failure::last(error) }) }
            })
            .await;
            assert!(outcome.is_err());
            attempts
        };
        assert_eq!((count(true).await, count(false).await), (3, 1));
    }
}
