//! What is under management, for reading: settings, plans, clients, services.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use jiff::Timestamp;

use super::codec::{self, Rows};
use super::error::StoreError;
use super::tables::{self, meta};
use super::txn::ReadTxn;
use crate::domain::client::Client;
use crate::domain::ids::{CustomerId, PlanId, ServiceKey};
use crate::domain::plan::Plan;
use crate::domain::record::Versioned;
use crate::domain::service::Service;
use crate::domain::settings::Settings;

/// Counters that tell whether the store has changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Generation {
    /// Moves with each commit.
    pub all: u64,
    /// Moves when settings, plans, clients, services or the snapshot have changed; not with drafts, jobs, leases or secrets.
    pub data: u64,
}

/// The key of the one record of settings.
pub(super) const SETTINGS_KEY: &[u8] = b"settings";

impl ReadTxn {
    /// Where the counters stand.
    ///
    /// # Errors
    /// When the store can't be read; so it is for all that follows.
    pub fn generation(&self) -> Result<Generation, StoreError> {
        Ok(self.get(tables::META, meta::GENERATION)?.unwrap_or_default())
    }

    /// The CSP settings; revision 0 with defaults before they are first set.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn settings(&self) -> Result<Versioned<Settings>, StoreError> {
        let stored = self.versioned(tables::SETTINGS, SETTINGS_KEY)?;
        Ok(stored.unwrap_or_else(|| Versioned {
            revision: 0,
            updated_by: String::new(),
            updated_at: Timestamp::UNIX_EPOCH,
            value: Settings::default(),
        }))
    }

    /// Every plan, by id.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn plans(&self) -> Result<Vec<Versioned<Plan>>, StoreError> {
        self.collect(tables::PLANS, Rows::all(), codec::decode_versioned)
    }

    /// One plan.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn plan(&self, id: &PlanId) -> Result<Option<Versioned<Plan>>, StoreError> {
        self.versioned(tables::PLANS, id.as_str().as_bytes())
    }

    /// Every client, by customer.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn clients(&self) -> Result<Vec<Versioned<Client>>, StoreError> {
        self.collect(tables::CLIENTS, Rows::all(), codec::decode_versioned)
    }

    /// One client.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn client(&self, id: &CustomerId) -> Result<Option<Versioned<Client>>, StoreError> {
        self.versioned(tables::CLIENTS, id.as_str().as_bytes())
    }

    /// Every service, by customer and subscription.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn services(&self) -> Result<Vec<Versioned<Service>>, StoreError> {
        self.collect(tables::SERVICES, Rows::all(), codec::decode_versioned)
    }

    /// The same one by one, for those who need not keep them.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn each_service(&self, mut visit: impl FnMut(Versioned<Service>)) -> Result<(), StoreError> {
        self.visit(tables::SERVICES, Rows::all(), |key, bytes| {
            let service = codec::decode_versioned(bytes);
            visit(service.map_err(|why| self.unreadable(tables::SERVICES, key, &why))?);
            Ok(true)
        })
    }

    /// One client's services.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn services_of(&self, client: &CustomerId) -> Result<Vec<Versioned<Service>>, StoreError> {
        self.collect(tables::SERVICES, Rows::of_customer(client), codec::decode_versioned)
    }

    /// One service.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn service(&self, key: &ServiceKey) -> Result<Option<Versioned<Service>>, StoreError> {
        self.versioned(tables::SERVICES, &codec::service_key(key))
    }

    /// One record with its revision.
    pub(super) fn versioned<T: DeserializeOwned>(
        &self,
        table: &str,
        key: &[u8],
    ) -> Result<Option<Versioned<T>>, StoreError> {
        self.look(table, key, codec::decode_versioned)
    }
}
