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
