//! What makes rows of one list, or of two, rows of one and the same thing.

use std::hash::{BuildHasher, Hash, Hasher};

use hashbrown::{DefaultHashBuilder, HashTable};

use super::field::Field;
use super::row::Row;
use super::sheet::PriceSheet;

/// What a row is for, as texts: the layout's key fields in their order, empty where the sheet has no such column.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RowKey(Vec<Box<str>>);

impl Row<'_> {
    /// What the row is for. Rows with equal keys differ in price or validity only.
    #[must_use]
    pub fn key(self, key_fields: &[Field]) -> RowKey {
        RowKey(key_fields.iter().map(|field| self.text(*field).into()).collect())
    }
}

/// Rows of one sheet by key, the keys being ids of texts.
pub(super) struct Groups<'a> {
    sheet: &'a PriceSheet,
    positions: Vec<Option<usize>>,
    hasher: DefaultHashBuilder,
    /// First row of each group.
    heads: HashTable<u32>,
    /// The next row of the same group, or [`NO_ROW`].
    next: Vec<u32>,
    /// The last row of the group, kept in the group's first row.
    last: Vec<u32>,
    /// First rows, in the order of the file.
    pub(super) firsts: Vec<u32>,
}

const NO_ROW: u32 = u32::MAX;

impl<'a> Groups<'a> {
    /// Groups all rows by these fields.
    pub(super) fn of(sheet: &'a PriceSheet, fields: &[Field]) -> Self {
        let mut groups = Self {
            sheet,
            positions: fields.iter().map(|field| sheet.position(*field)).collect(),
            hasher: DefaultHashBuilder::default(),
            heads: HashTable::with_capacity(sheet.len()),
            next: vec![NO_ROW; sheet.len()],
            last: vec![NO_ROW; sheet.len()],
            firsts: Vec::with_capacity(sheet.len()),
        };
        for row in 0..u32::try_from(sheet.len()).unwrap_or(NO_ROW) {
            groups.add(row);
        }
        groups
    }

    fn add(&mut self, row: u32) {
        let hash = self.hash(|at| self.id(row, at));
        let Self { sheet, positions, heads, hasher, .. } = self;
        let id = |row: u32, at: Option<usize>| id_in(sheet, row, at);
        let head =
            heads.find(hash, |head| positions.iter().all(|at| id(*head, *at) == id(row, *at))).copied();
        let place = |list: &mut Vec<u32>, at: u32, value: u32| {
            if let Some(place) = list.get_mut(at as usize) {
                *place = value;
            }
        };
        match head {
            None => {
                heads.insert_unique(hash, row, |row| {
                    hash_of(hasher, positions.iter().map(|at| id(*row, *at)))
                });
                place(&mut self.last, row, row);
                self.firsts.push(row);
            }
            Some(head) => {
                let last = self.last.get(head as usize).copied().unwrap_or(head);
                place(&mut self.next, last, row);
                place(&mut self.last, head, row);
            }
        }
    }

    /// The key fields' columns.
    pub(super) fn positions(&self) -> &[Option<usize>] {
        &self.positions
    }

    fn id(&self, row: u32, at: Option<usize>) -> u32 {
        id_in(self.sheet, row, at)
    }

    fn hash(&self, id: impl Fn(Option<usize>) -> u32) -> u64 {
        hash_of(&self.hasher, self.positions.iter().map(|at| id(*at)))
    }

    /// The rows of a group by its first row.
    pub(super) fn rows(&self, first: u32) -> impl Iterator<Item = u32> {
        std::iter::successors(Some(first), |row| {
            self.next.get(*row as usize).copied().filter(|n| *n != NO_ROW)
        })
    }

    /// The first row of the group with this key; `key` has an id of this sheet's texts for each field.
    pub(super) fn find(&self, key: &[u32]) -> Option<u32> {
        let hash = hash_of(&self.hasher, key.iter().copied());
        let same = |head: &u32| self.positions.iter().zip(key).all(|(at, id)| self.id(*head, *at) == *id);
        self.heads.find(hash, same).copied()
    }
}

fn id_in(sheet: &PriceSheet, row: u32, at: Option<usize>) -> u32 {
    at.and_then(|at| sheet.ids(row as usize).get(at).copied()).unwrap_or_default()
}

fn hash_of(hasher: &DefaultHashBuilder, ids: impl Iterator<Item = u32>) -> u64 {
    let mut state = hasher.build_hasher();
    for id in ids {
        id.hash(&mut state);
    }
    state.finish()
}
