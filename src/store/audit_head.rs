//! Where the audit chain ends.

use serde::{Deserialize, Serialize};

/// The last entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct AuditHead {
    pub(super) seq: u64,
    pub(super) hash: String,
}

impl Default for AuditHead {
    fn default() -> Self {
        Self { seq: 0, hash: "0".repeat(64) }
    }
}
