//! What a job has to do, item by item, and how each of them ended: too much to be written anew with each entry of the journal.

use serde::{Deserialize, Serialize};

use super::codec::{self, Rows};
use super::error::StoreError;
use super::journal::JobId;
use super::tables;
use super::txn::{ReadTxn, WriteTxn};

/// How an item stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ItemState {
    /// Not done yet.
    Open,
    /// Done.
    Done,
    /// Failed.
    Failed,
}

impl ItemState {
    const ALL: [Self; 3] = [Self::Open, Self::Done, Self::Failed];

    /// Its part of the key: items of one state stand together.
    fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }
}

/// An item of a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobItem {
    /// Which one, such as a customer's id.
    pub key: String,
    /// Its name, for people.
    pub name: String,
    /// How it ended, or why it failed; empty before.
    #[serde(default)]
    pub note: String,
}

impl ReadTxn {
    /// The items of a job that stand so, by key.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn job_items(&self, job: &JobId, state: ItemState) -> Result<Vec<JobItem>, StoreError> {
        self.collect(tables::JOB_ITEMS, Rows::below(&[job.as_str(), state.word()]), codec::decode)
    }
}

impl WriteTxn {
    /// Writes items of a job, which stand so from now on.
    ///
    /// # Errors
    /// When the store can't be written.
    pub fn put_job_items(
        &mut self,
        job: &JobId,
        state: ItemState,
        items: &[JobItem],
    ) -> Result<(), StoreError> {
        let key = |state: ItemState, item: &JobItem| codec::key(&[job.as_str(), state.word(), &item.key]);
        let rows: Result<Vec<_>, StoreError> =
            items.iter().map(|item| Ok((key(state, item), codec::encode(item)?))).collect();
        let others = ItemState::ALL.into_iter().filter(|other| *other != state);
        let former = others.flat_map(|other| items.iter().map(move |item| key(other, item)));
        self.merge_all(tables::JOB_ITEMS, former, |_, _| Ok(None))?;
        self.put_all(tables::JOB_ITEMS, rows?.into_iter())
    }

    /// Forgets the items of a job.
    ///
    /// # Errors
    /// When the store can't be written.
    pub fn drop_job_items(&mut self, job: &JobId) -> Result<(), StoreError> {
        self.remove_rows(tables::JOB_ITEMS, &Rows::below(&[job.as_str()]))
    }
}
