//! What operators have ticked and typed but not saved, per operator and screen. Grids and screens are named by constants of
//! the program.

use std::collections::BTreeMap;

use super::codec::{self, Rows};
use super::error::StoreError;
use super::tables;
use super::txn::{ReadTxn, WriteTxn};

/// What has changed on a screen since it was last saved.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DraftDelta {
    /// Grids whose ticks have changed, with all that are ticked now.
    pub ticks: Vec<(String, Vec<String>)>,
    /// Rows that were typed into: grid, row, and the typed values in the screen's own form.
    pub edits_set: Vec<(String, String, Vec<u8>)>,
    /// Rows in which nothing is typed any more: grid, row.
    pub edits_removed: Vec<(String, String)>,
    /// Cursor, filter and sort in the screen's own form, where they have changed.
    pub view: Option<Vec<u8>>,
}

impl DraftDelta {
    /// Whether there is nothing to save.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// All that is kept of a screen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Drafts {
    /// The ticked rows of each grid.
    pub ticks: BTreeMap<String, Vec<String>>,
    /// Grid, row, and what is typed.
    pub edits: Vec<(String, String, Vec<u8>)>,
    /// Cursor, filter and sort.
    pub view: Option<Vec<u8>>,
}

impl ReadTxn {
    /// What an operator has left on a screen.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn drafts(&self, uid: u32, screen: &str) -> Result<Drafts, StoreError> {
        let uid = uid.to_string();
        let mut drafts = Drafts::default();
        let odd = |table, key: &[u8]| self.unreadable(table, key, "its key has too few parts");
        self.visit(tables::DRAFT_TICKS, Rows::below(&[&uid, screen]), |key, bytes| {
            let table = tables::DRAFT_TICKS;
            let [_, _, grid] = codec::parts(key).ok_or_else(|| odd(table, key))?;
            let ticked = codec::decode(bytes).map_err(|why| self.unreadable(table, key, &why))?;
            drafts.ticks.insert(grid.to_owned(), ticked);
            Ok(true)
        })?;
        self.visit(tables::DRAFT_EDITS, Rows::below(&[&uid, screen]), |key, bytes| {
            let [_, _, grid, row] = codec::parts(key).ok_or_else(|| odd(tables::DRAFT_EDITS, key))?;
            drafts.edits.push((grid.to_owned(), row.to_owned(), bytes.to_vec()));
            Ok(true)
        })?;
        let view_key = codec::key(&[&uid, screen]);
        drafts.view = self.look(tables::DRAFT_VIEWS, &view_key, |bytes| Ok(bytes.to_vec()))?;
        Ok(drafts)
    }
}

impl WriteTxn {
    /// Keeps what an operator has changed on a screen.
    ///
    /// # Errors
    /// When the store can't be written.
    pub fn save_drafts(&mut self, uid: u32, screen: &str, delta: &DraftDelta) -> Result<(), StoreError> {
        let uid = uid.to_string();
        for (grid, ticked) in &delta.ticks {
            let key = codec::key(&[&uid, screen, grid]);
            if ticked.is_empty() {
                self.remove(tables::DRAFT_TICKS, &key)?;
            } else {
                self.put(tables::DRAFT_TICKS, &key, ticked)?;
            }
        }
        for (grid, row) in &delta.edits_removed {
            self.remove(tables::DRAFT_EDITS, &codec::key(&[&uid, screen, grid, row]))?;
        }
        let typed = delta.edits_set.iter();
        let typed = typed.map(|(grid, row, bytes)| (codec::key(&[&uid, screen, grid, row]), bytes));
        self.put_all(tables::DRAFT_EDITS, typed)?;
        if let Some(view) = &delta.view {
            self.put_bytes(tables::DRAFT_VIEWS, &codec::key(&[&uid, screen]), view)?;
        }
        Ok(())
    }
}
