//! Bounds on the time of a request.

use std::time::Duration;

/// Bounds on the time of one attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// Longest time until a connection stands.
    pub connect: Duration,
    /// Longest silence while an answer is awaited or read.
    pub read: Duration,
    /// Longest time for the attempt as a whole.
    pub request: Duration,
}
