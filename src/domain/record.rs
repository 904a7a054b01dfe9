//! What every stored record carries beside its value.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A value with its revision. A write names the revision that it read, so that another operator's change in between is
/// noticed instead of overwritten.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Versioned<T> {
    /// 1 for the first write, one more for each later one. 0 is used for "not there yet".
    pub revision: u64,
    /// The operator's login name.
    pub updated_by: String,
    /// UTC.
    pub updated_at: Timestamp,
    /// The record itself.
    pub value: T,
}
