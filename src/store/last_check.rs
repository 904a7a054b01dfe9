//! How the last check of the settings ended, for every operator to see.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::error::StoreError;
use super::tables::{self, meta};
use super::txn::{ReadTxn, WriteTxn};

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastCheck {
    /// When it ended, UTC.
    pub at: Timestamp,
    /// Who ran it.
    pub by: String,
    /// What failed, by name; nothing where all is well.
    #[serde(default)]
    pub failed: Vec<String>,
}

impl ReadTxn {
    /// The last check, if there was one.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn last_check(&self) -> Result<Option<LastCheck>, StoreError> {
        self.get(tables::META, meta::LAST_CHECK)
    }
}

impl WriteTxn {
    /// Notes how a check ended.
    ///
    /// # Errors
    /// When the store can't be written.
    pub fn put_last_check(&mut self, check: &LastCheck) -> Result<(), StoreError> {
        self.put(tables::META, meta::LAST_CHECK, check)?;
        self.touch_data();
        Ok(())
    }
}
