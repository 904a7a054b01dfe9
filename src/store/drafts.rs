//! What operators have ticked and typed but not saved, per operator and screen. Grids and screens are named by constants of
//! the program.
//!
//! An operator may have several dashboards open. So what is saved is what one of them changed, and it is merged with what is
//! there; a count tells the others that there is something to take in.

use std::collections::{BTreeMap, BTreeSet};

use super::codec::{self, Rows};
use super::error::StoreError;
use super::tables;
use super::txn::{ReadTxn, WriteTxn};

/// Rows of a grid that were ticked and unticked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TickDelta {
    /// The grid.
    pub grid: String,
    /// Ticked.
    pub on: Vec<String>,
    /// Unticked.
    pub off: Vec<String>,
}

/// What has changed on a screen since it was last saved.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DraftDelta {
    /// Grids whose ticks have changed.
    pub ticks: Vec<TickDelta>,
    /// Rows whose typed values have changed: grid and row.
    pub edits: Vec<(String, String)>,
    /// Cursor, filter and sort in the screen's own form, where they have changed.
    pub view: Option<Vec<u8>>,
}

/// All that is kept of a screen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Drafts {
    /// The ticked rows of each grid.
    pub ticks: BTreeMap<String, BTreeSet<String>>,
    /// Grid, row, and what is typed, in the screen's own form.
    pub edits: Vec<(String, String, Vec<u8>)>,
    /// Cursor, filter and sort.
    pub view: Option<Vec<u8>>,
    /// See [`ReadTxn::draft_count`].
    pub count: u64,
}

/// How often ticks and edits had been saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DraftCounts {
    /// Before.
    pub before: u64,
    /// Now.
    pub now: u64,
}

impl ReadTxn {
    /// What an operator has left on a screen.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn drafts(&self, uid: u32, screen: &str) -> Result<Drafts, StoreError> {
        let mut drafts = Drafts { count: self.draft_count(uid, screen)?, ..Drafts::default() };
        let uid = uid.to_string();
        let odd = |table, key: &[u8]| self.unreadable(table, key, "its key has too few parts");
        self.visit(tables::DRAFT_TICKS, Rows::below(&[&uid, screen]), |key, bytes| {
            let table = tables::DRAFT_TICKS;
            let [_, _, grid, _] = codec::parts(key).ok_or_else(|| odd(table, key))?;
            let ticked: Vec<String> =
                codec::decode(bytes).map_err(|why| self.unreadable(table, key, &why))?;
            drafts.ticks.entry(grid.to_owned()).or_default().extend(ticked);
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

    /// How often ticks and edits of a screen were saved: a dashboard that knows another number has something to take in.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn draft_count(&self, uid: u32, screen: &str) -> Result<u64, StoreError> {
        let key = codec::key(&[&uid.to_string(), screen]);
        Ok(self.get(tables::DRAFT_COUNTS, &key)?.unwrap_or(0))
    }
}

impl WriteTxn {
    /// Keeps what an operator has changed on a screen. `merge` gets the place of a row in [`DraftDelta::edits`] with what is
    /// stored of it, and returns what is to be stored.
    ///
    /// # Errors
    /// What `merge` returns, or why the store can't be written.
    pub fn save_drafts(
        &mut self,
        uid: u32,
        screen: &str,
        delta: &DraftDelta,
        merge: impl FnMut(usize, Option<&[u8]>) -> Result<Option<Vec<u8>>, StoreError>,
    ) -> Result<DraftCounts, StoreError> {
        let before = self.draft_count(uid, screen)?;
        let uid = uid.to_string();
        let mut counts = DraftCounts { before, now: before };
        for ticks in delta.ticks.iter().filter(|ticks| !ticks.on.is_empty() || !ticks.off.is_empty()) {
            self.save_ticks(&uid, screen, ticks)?;
            counts.now = before + 1;
        }
        if !delta.edits.is_empty() {
            let keys = delta.edits.iter().map(|(grid, row)| codec::key(&[&uid, screen, grid, row]));
            self.merge_all(tables::DRAFT_EDITS, keys, merge)?;
            counts.now = before + 1;
        }
        if let Some(view) = &delta.view {
            self.put_bytes(tables::DRAFT_VIEWS, &codec::key(&[&uid, screen]), view)?;
        }
        if counts.now != counts.before {
            self.put(tables::DRAFT_COUNTS, &codec::key(&[&uid, screen]), &counts.now)?;
        }
        Ok(counts)
    }

    /// The ticks of a grid are spread over some lists, so that neither one tick among many nor many at once cost much.
    fn save_ticks(&self, uid: &str, screen: &str, delta: &TickDelta) -> Result<(), StoreError> {
        let mut lists: BTreeMap<u8, (Vec<&str>, Vec<&str>)> = BTreeMap::new();
        for row in &delta.on {
            lists.entry(list_of(row)).or_default().0.push(row);
        }
        for row in &delta.off {
            lists.entry(list_of(row)).or_default().1.push(row);
        }
        let keys = lists.keys().map(|list| codec::key(&[uid, screen, &delta.grid, &format!("{list:02x}")]));
        let changes: Vec<&(Vec<&str>, Vec<&str>)> = lists.values().collect();
        self.merge_all(tables::DRAFT_TICKS, keys, |at, stored| {
            let table = tables::DRAFT_TICKS;
            let stored: Option<BTreeSet<String>> = stored
                .map(codec::decode)
                .transpose()
                .map_err(|why| self.unreadable(table, delta.grid.as_bytes(), &why))?;
            let mut ticked = stored.unwrap_or_default();
            let (on, off) = changes[at];
            for row in off {
                ticked.remove(*row);
            }
            ticked.extend(on.iter().map(|row| (*row).to_owned()));
            if ticked.is_empty() { Ok(None) } else { codec::encode(&ticked).map(Some) }
        })
    }
}

/// The list that a row's tick is in (FNV-1a): stored, so it must never change.
fn list_of(row: &str) -> u8 {
    let hash = row.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    hash.to_be_bytes()[0]
}

/// From version 1 to 2: ticks were one list for each grid.
pub(super) fn spread_ticks(txn: &WriteTxn) -> Result<(), StoreError> {
    let mut old: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
    txn.visit(tables::DRAFT_TICKS, Rows::all(), |key, bytes| {
        old.push((key.to_vec(), bytes.to_vec()));
        Ok(true)
    })?;
    for (key, bytes) in old {
        txn.remove(tables::DRAFT_TICKS, &key)?;
        let table = tables::DRAFT_TICKS;
        let [uid, screen, grid] =
            codec::parts(&key).ok_or_else(|| txn.unreadable(table, &key, "its key has too few parts"))?;
        let on = codec::decode(&bytes).map_err(|why| txn.unreadable(table, &key, &why))?;
        txn.save_ticks(uid, screen, &TickDelta { grid: grid.to_owned(), on, off: Vec::new() })?;
    }
    Ok(())
}
