//! What was typed over the rows of one grid, and what of it the store does not have yet.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use crate::domain::typed::Typed;

use super::tick_set::Moved;
use crate::ui::messages::migration::EditChange;

/// See the module. Rows are numbers; those that are not there now are identities.
#[derive(Debug)]
pub struct Edits<K, E> {
    rows: HashMap<u32, E>,
    /// Edits of rows that are not there now; they wait for the row to come back.
    lost: HashMap<K, E>,
    /// Rows whose edit was changed since it was stored, with what is stored.
    unsaved: HashMap<K, Option<E>>,
    /// What is being stored.
    sent: Vec<(K, EditChange<E>)>,
}

impl<K, E> Default for Edits<K, E> {
    fn default() -> Self {
        Self { rows: HashMap::new(), lost: HashMap::new(), unsaved: HashMap::new(), sent: Vec::new() }
    }
}

impl<K: Hash + Eq + Clone, E: Typed + Default> Edits<K, E> {
    /// A row's edit.
    #[must_use]
    pub fn get(&self, row: u32) -> Option<&E> {
        self.rows.get(&row)
    }

    /// Every edited row.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &E)> {
        self.rows.iter().map(|(row, edit)| (*row, edit))
    }

    /// How many rows are edited.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Sets a row's edit; returns the one before. An edit without anything in it is none.
    pub fn set(&mut self, row: u32, key: K, edit: Option<E>) -> Option<E> {
        let before = match edit.filter(|edit| !edit.is_empty()) {
            Some(edit) => self.rows.insert(row, edit),
            None => self.rows.remove(&row),
        };
        self.unsaved.entry(key).or_insert_with(|| before.clone());
        before
    }

    /// Changes a row's edit in the fields in which the change's sides differ; returns the one before.
    pub fn make(&mut self, row: u32, key: K, change: &EditChange<E>) -> Option<E> {
        let now = E::merged(change.before.as_ref(), change.now.as_ref(), self.get(row));
        self.set(row, key, now)
    }

    /// Notes what is to be stored, against what is stored, until [`Edits::saved`] or the next call.
    pub fn send(&mut self, find: impl Fn(&K) -> Option<u32>) -> Vec<(K, EditChange<E>)> {
        let changes = self.unsaved.iter().map(|(key, before)| {
            (key.clone(), EditChange { before: before.clone(), now: self.now(key, &find) })
        });
        self.sent = changes.filter(|(_, change)| change.before != change.now).collect();
        self.sent.clone()
    }

    fn now(&self, key: &K, find: impl Fn(&K) -> Option<u32>) -> Option<E> {
        let edit = find(key).and_then(|row| self.rows.get(&row)).or_else(|| self.lost.get(key));
        edit.cloned()
    }

    /// What was sent is stored: the store has made the same changes.
    pub fn saved(&mut self, find: impl Fn(&K) -> Option<u32>) {
        // What was typed and taken back again needs no storing either.
        let unsaved = std::mem::take(&mut self.unsaved);
        self.unsaved = unsaved.into_iter().filter(|(key, stored)| *stored != self.now(key, &find)).collect();
        for (key, change) in std::mem::take(&mut self.sent) {
            let now = self.now(&key, &find);
            let known = self.unsaved.remove(&key).unwrap_or_else(|| now.clone());
            let stored = E::merged(change.before.as_ref(), change.now.as_ref(), known.as_ref());
            if stored != now {
                self.unsaved.insert(key, stored);
            }
        }
    }

    /// Takes what is stored now: what was changed here and not stored stays. Returns the rows whose edit is another one now.
    pub fn take_in(
        &mut self,
        stored: Vec<(K, E)>,
        key: impl Fn(u32) -> K,
        find: impl Fn(&K) -> Option<u32>,
    ) -> Vec<u32> {
        let mut stored: HashMap<K, E> = stored.into_iter().collect();
        let mut keys: HashSet<K> =
            stored.keys().chain(self.lost.keys()).chain(self.unsaved.keys()).cloned().collect();
        keys.extend(self.rows.keys().map(|row| key(*row)));
        let mut changed = Vec::new();
        for key in keys {
            let now = self.now(&key, &find);
            let theirs = stored.remove(&key);
            let before = self.unsaved.remove(&key).unwrap_or_else(|| now.clone());
            let merged = E::merged(before.as_ref(), now.as_ref(), theirs.as_ref());
            if merged != theirs {
                self.unsaved.insert(key.clone(), theirs);
            }
            if merged == now {
                continue;
            }
            match (find(&key), merged) {
                (Some(row), Some(edit)) => {
                    self.rows.insert(row, edit);
                    changed.push(row);
                }
                (Some(row), None) => {
                    self.rows.remove(&row);
                    changed.push(row);
                }
                (None, Some(edit)) => drop(self.lost.insert(key, edit)),
                (None, None) => drop(self.lost.remove(&key)),
            }
        }
        changed
    }

    /// Follows the rows to their new numbers.
    pub fn follow(&mut self, moved: &Moved<'_, K>) {
        for (row, edit) in std::mem::take(&mut self.rows) {
            match moved.to.get(row as usize).copied().flatten() {
                Some(row) => drop(self.rows.insert(row, edit)),
                None => drop(self.lost.insert((moved.key)(row), edit)),
            }
        }
        for (key, edit) in std::mem::take(&mut self.lost) {
            match (moved.find)(&key) {
                Some(row) => drop(self.rows.insert(row, edit)),
                None => drop(self.lost.insert(key, edit)),
            }
        }
    }
}
