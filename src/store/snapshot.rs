//! What Partner Center has: the last complete snapshot, and the staging areas in which the next ones grow.

use std::collections::HashSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::audit::AuditEvent;
use super::codec::{self, Rows};
use super::error::StoreError;
use super::journal::JobId;
use super::tables::{self, SnapshotTables, meta};
use super::txn::{ReadTxn, WriteTxn};
use crate::domain::customer::Customer;
use crate::domain::ids::CustomerId;
use crate::domain::portfolio::SubscriptionFacts;
use crate::domain::subscription::Subscription;

/// The last complete pull. Its customers and subscriptions are read by [`ReadTxn::customers`] and the like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The number of the staging area that it was.
    pub id: u64,
    /// UTC.
    pub completed_at: Timestamp,
    /// Who asked for it.
    pub by: String,
    /// How many it has.
    pub customers: u64,
    /// How many it has.
    pub subscriptions: u64,
    /// How many calls it took.
    pub requests: u64,
    /// What could not be read.
    pub failures: Vec<PullFailure>,
}

/// A customer that a pull could not read in full.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullFailure {
    /// Which one.
    pub customer: CustomerId,
    /// Its name, as it came.
    pub name: String,
    /// What was being read, such as `subscriptions`.
    pub stage: String,
    /// Why it failed.
    pub reason: String,
}

/// A staging area: a pull that is not complete.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Staging {
    /// Its number.
    pub id: u64,
    /// The job that fills it.
    pub job: JobId,
    /// UTC.
    pub started_at: Timestamp,
    /// Who started it.
    pub by: String,
}

type Row = (Vec<u8>, Vec<u8>);

fn subscription_rows(subscriptions: &[Subscription]) -> Result<Vec<Row>, StoreError> {
    subscriptions.iter().map(|s| Ok((codec::service_key(&s.key()), codec::encode(s)?))).collect()
}

fn customer_rows(customers: &[Customer]) -> Result<Vec<Row>, StoreError> {
    customers.iter().map(|c| Ok((c.id.as_str().into(), codec::encode(c)?))).collect()
}

impl ReadTxn {
    /// The last complete pull, if there was one.
    ///
    /// # Errors
    /// When the store can't be read; so it is for all that follows.
    pub fn snapshot(&self) -> Result<Option<Snapshot>, StoreError> {
        self.get(tables::META, meta::SNAPSHOT)
    }

    fn snapshot_tables(&self) -> Result<Option<SnapshotTables>, StoreError> {
        Ok(self.snapshot()?.map(|snapshot| SnapshotTables::of(snapshot.id)))
    }

    /// Every customer of the snapshot, by id.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn customers(&self) -> Result<Vec<Customer>, StoreError> {
        let Some(tables) = self.snapshot_tables()? else { return Ok(Vec::new()) };
        self.collect(&tables.customers, Rows::all(), codec::decode)
    }

    /// One customer of the snapshot.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn customer(&self, id: &CustomerId) -> Result<Option<Customer>, StoreError> {
        let Some(tables) = self.snapshot_tables()? else { return Ok(None) };
        self.get(&tables.customers, id.as_str().as_bytes())
    }

    /// Every subscription of the snapshot, by customer and id.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn subscriptions(&self) -> Result<Vec<Subscription>, StoreError> {
        let Some(tables) = self.snapshot_tables()? else { return Ok(Vec::new()) };
        self.collect(&tables.subscriptions, Rows::all(), codec::decode)
    }

    /// The same one by one, without the parts that no row of a screen needs.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn each_subscription(&self, mut visit: impl FnMut(SubscriptionFacts)) -> Result<(), StoreError> {
        let Some(tables) = self.snapshot_tables()? else { return Ok(()) };
        let table = &tables.subscriptions;
        self.visit(table, Rows::all(), |key, bytes| {
            visit(codec::decode(bytes).map_err(|why| self.unreadable(table, key, &why))?);
            Ok(true)
        })
    }

    /// One customer's subscriptions.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn subscriptions_of(&self, customer: &CustomerId) -> Result<Vec<Subscription>, StoreError> {
        let Some(tables) = self.snapshot_tables()? else { return Ok(Vec::new()) };
        self.collect(&tables.subscriptions, Rows::of_customer(customer), codec::decode)
    }

    /// Every staging area, the oldest first.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn stagings(&self) -> Result<Vec<Staging>, StoreError> {
        self.collect(tables::STAGING, Rows::all(), codec::decode)
    }

    /// A job's staging area.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn staging(&self, job: &JobId) -> Result<Option<Staging>, StoreError> {
        Ok(self.stagings()?.into_iter().find(|staging| staging.job == *job))
    }

    /// The customers that are staged, by id.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn staged_customers(&self, staging: u64) -> Result<Vec<Customer>, StoreError> {
        self.collect(&SnapshotTables::of(staging).customers, Rows::all(), codec::decode)
    }

    /// Those whose subscriptions are staged.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn staged_done(&self, staging: u64) -> Result<HashSet<CustomerId>, StoreError> {
        let table = SnapshotTables::of(staging).done;
        let mut done = HashSet::new();
        self.visit(&table, Rows::all(), |key, _| {
            let id = std::str::from_utf8(key).ok().and_then(|id| CustomerId::parse(id).ok());
            done.insert(id.ok_or_else(|| self.unreadable(&table, key, "it is no customer"))?);
            Ok(true)
        })?;
        Ok(done)
    }

    /// Those that could not be read.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn staged_failures(&self, staging: u64) -> Result<Vec<PullFailure>, StoreError> {
        self.collect(&SnapshotTables::of(staging).failures, Rows::all(), codec::decode)
    }
}

impl WriteTxn {
    /// Opens a staging area for a job, or gives the one that it has.
    ///
    /// # Errors
    /// When the store can't be written.
    pub fn begin_staging(&mut self, job: &JobId) -> Result<u64, StoreError> {
        if let Some(staging) = self.staging(job)? {
            return Ok(staging.id);
        }
        let id: u64 = self.get(tables::META, meta::NEXT_STAGING)?.unwrap_or(1);
        self.put(tables::META, meta::NEXT_STAGING, &(id + 1))?;
        let by = self.operator().name.clone();
        let staging = Staging { id, job: job.clone(), started_at: Timestamp::now(), by };
        self.put(tables::STAGING, &id.to_be_bytes(), &staging)?;
        Ok(id)
    }

    fn staging_tables(&self, id: u64) -> Result<SnapshotTables, StoreError> {
        match self.look(tables::STAGING, &id.to_be_bytes(), |_| Ok(()))? {
            Some(()) => Ok(SnapshotTables::of(id)),
            None => Err(StoreError::NoStaging { id }),
        }
    }

    /// Stages customers; one that is there already is replaced.
    ///
    /// # Errors
    /// [`StoreError::NoStaging`] where the area was published or dropped; so it is for all that follows.
    pub fn stage_customers(&mut self, staging: u64, customers: &[Customer]) -> Result<(), StoreError> {
        let tables = self.staging_tables(staging)?;
        self.put_all(&tables.customers, customer_rows(customers)?.into_iter())
    }

    /// Stages one customer's subscriptions in place of its earlier ones, marks it as done and forgets what failed for it before. Where
    /// something of it still fails, say so afterwards by [`WriteTxn::stage_failure`].
    ///
    /// # Errors
    /// [`StoreError::NoStaging`] where the area was published or dropped.
    pub fn stage_subscriptions(
        &mut self,
        staging: u64,
        customer: &CustomerId,
        subscriptions: &[Subscription],
    ) -> Result<(), StoreError> {
        let tables = self.staging_tables(staging)?;
        self.replace(&tables, customer, subscriptions)?;
        self.remove_rows(&tables.failures, &Rows::of_customer(customer))?;
        self.put_bytes(&tables.done, customer.as_str().as_bytes(), &[])
    }

    fn replace(
        &mut self,
        tables: &SnapshotTables,
        customer: &CustomerId,
        subscriptions: &[Subscription],
    ) -> Result<(), StoreError> {
        if let Some(stray) = subscriptions.iter().find(|s| s.customer_id != *customer) {
            let what = format!("subscription {} given as one of {customer}", stray.key());
            return Err(StoreError::Fault(what));
        }
        self.remove_rows(&tables.subscriptions, &Rows::of_customer(customer))?;
        self.put_all(&tables.subscriptions, subscription_rows(subscriptions)?.into_iter())
    }

    /// Notes that something of a customer could not be read.
    ///
    /// # Errors
    /// [`StoreError::NoStaging`] where the area was published or dropped.
    pub fn stage_failure(&mut self, staging: u64, failure: &PullFailure) -> Result<(), StoreError> {
        let tables = self.staging_tables(staging)?;
        let key = codec::key(&[failure.customer.as_str(), &failure.stage]);
        self.put(&tables.failures, &key, failure)
    }

    /// Puts what is staged in the place of the last snapshot.
    ///
    /// # Errors
    /// [`StoreError::NoStaging`] where the area was published or dropped.
    pub fn publish_staging(&mut self, staging: u64, requests: u64) -> Result<Snapshot, StoreError> {
        let tables = self.staging_tables(staging)?;
        let snapshot = Snapshot {
            id: staging,
            completed_at: Timestamp::now(),
            by: self.operator().name.clone(),
            customers: self.count(&tables.customers)?,
            subscriptions: self.count(&tables.subscriptions)?,
            requests,
            failures: self.staged_failures(staging)?,
        };
        if let Some(old) = self.snapshot_tables()? {
            self.remove_table(&old.customers)?;
            self.remove_table(&old.subscriptions)?;
        }
        self.remove_table(&tables.done)?;
        self.remove_table(&tables.failures)?;
        self.remove(tables::STAGING, &staging.to_be_bytes())?;
        self.put_snapshot(&snapshot)?;
        self.audit(AuditEvent {
            action: "snapshot.publish".to_owned(),
            subject: snapshot.id.to_string(),
            detail: format!(
                "customers: {}; subscriptions: {}; failures: {}",
                snapshot.customers,
                snapshot.subscriptions,
                snapshot.failures.len()
            ),
        })?;
        Ok(snapshot)
    }

    /// Throws away what is staged. One that is not there is dropped already.
    ///
    /// # Errors
    /// When the store can't be written.
    pub fn drop_staging(&mut self, staging: u64) -> Result<(), StoreError> {
        if !self.remove(tables::STAGING, &staging.to_be_bytes())? {
            return Ok(());
        }
        let tables = SnapshotTables::of(staging);
        for table in [&tables.customers, &tables.subscriptions, &tables.done, &tables.failures] {
            self.remove_table(table)?;
        }
        Ok(())
    }

    /// Replaces one customer's subscriptions in the snapshot, and the customer where one is given, and takes its failures away:
    /// what a retry of a failed customer brings.
    ///
    /// # Errors
    /// [`StoreError::NoSnapshot`] where nothing was pulled yet.
    pub fn replace_subscriptions(
        &mut self,
        customer: &CustomerId,
        details: Option<&Customer>,
        subscriptions: &[Subscription],
    ) -> Result<(), StoreError> {
        let mut snapshot = self.snapshot()?.ok_or(StoreError::NoSnapshot)?;
        let tables = SnapshotTables::of(snapshot.id);
        if let Some(details) = details {
            self.put_all(&tables.customers, customer_rows(std::slice::from_ref(details))?.into_iter())?;
        }
        self.replace(&tables, customer, subscriptions)?;
        snapshot.customers = self.count(&tables.customers)?;
        snapshot.subscriptions = self.count(&tables.subscriptions)?;
        snapshot.failures.retain(|failure| failure.customer != *customer);
        self.put_snapshot(&snapshot)?;
        self.audit(AuditEvent {
            action: "snapshot.amend".to_owned(),
            subject: customer.to_string(),
            detail: format!("subscriptions: {}", subscriptions.len()),
        })
    }

    fn put_snapshot(&mut self, snapshot: &Snapshot) -> Result<(), StoreError> {
        self.touch_data();
        self.put(tables::META, meta::SNAPSHOT, snapshot)
    }
}
