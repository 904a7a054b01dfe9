//! What belongs to plans beside themselves: how operators call offers, and what reprices have done.

use super::codec::{self, Rows};
use super::error::StoreError;
use super::tables;
use super::txn::{ReadTxn, WriteTxn};
use crate::domain::offer::Offer;
use crate::domain::offer_list::OfferLabel;
use crate::domain::record::Versioned;
use crate::domain::reprice_batch::RepriceBatch;

/// Reprices that can be undone, one after the other.
const KEPT: usize = 20;

fn number_key(number: u64) -> [u8; 8] {
    number.to_be_bytes()
}

impl ReadTxn {
    /// How operators call and sort offers, by offer.
    ///
    /// # Errors
    /// When the store can't be read; so it is for all that follows.
    pub fn offer_labels(&self) -> Result<Vec<Versioned<OfferLabel>>, StoreError> {
        self.collect(tables::OFFER_LABELS, Rows::all(), codec::decode_versioned)
    }

    /// How an offer is called and sorted.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn offer_label(&self, offer: &Offer) -> Result<Option<Versioned<OfferLabel>>, StoreError> {
        self.versioned(tables::OFFER_LABELS, offer.to_string().as_bytes())
    }

    /// The reprices that can be undone, the oldest first.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn reprices(&self) -> Result<Vec<RepriceBatch>, StoreError> {
        self.collect(tables::REPRICES, Rows::all(), codec::decode)
    }
}

impl WriteTxn {
    /// Writes how an offer is called over the revision that was read (0: new). A label that says nothing is removed.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] where another revision is stored.
    pub fn put_offer_label(&mut self, expected: u64, label: &OfferLabel) -> Result<(), StoreError> {
        let before = self.offer_label(&label.offer)?;
        if label.name.is_none() && label.order.is_none() {
            if before.is_none() && expected == 0 {
                return Ok(());
            }
            return self.remove_over(expected, before, &label.offer.to_string());
        }
        self.put_over(expected, before, label).map(drop)
    }

    /// Keeps what a reprice has done, under the next number, and forgets the oldest ones.
    ///
    /// # Errors
    /// When the store can't be written.
    pub fn add_reprice(&mut self, batch: RepriceBatch) -> Result<u64, StoreError> {
        let stored = self.reprices()?;
        let number = stored.last().map_or(1, |last| last.number + 1);
        self.put(tables::REPRICES, &number_key(number), &RepriceBatch { number, ..batch })?;
        for old in stored.iter().rev().skip(KEPT - 1) {
            self.remove(tables::REPRICES, &number_key(old.number))?;
        }
        self.touch_data();
        Ok(number)
    }

    /// Writes a stored reprice anew, under its number.
    ///
    /// # Errors
    /// When the store can't be written.
    pub fn put_reprice(&mut self, batch: &RepriceBatch) -> Result<(), StoreError> {
        self.put(tables::REPRICES, &number_key(batch.number), batch)?;
        self.touch_data();
        Ok(())
    }

    /// Forgets a reprice, once it is undone.
    ///
    /// # Errors
    /// When the store can't be written.
    pub fn remove_reprice(&mut self, number: u64) -> Result<(), StoreError> {
        self.remove(tables::REPRICES, &number_key(number))?;
        self.touch_data();
        Ok(())
    }
}
