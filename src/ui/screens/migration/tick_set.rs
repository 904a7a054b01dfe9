//! Ticks of rows that are there, and of rows that are not there now; and changes of them.

use std::collections::HashSet;
use std::hash::Hash;

use crate::ui::widgets::grid::Ticks;

/// A set of rows: those that are there by number, the others by identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TickSet<K: Hash + Eq> {
    /// Rows that are there.
    pub rows: Ticks,
    /// Rows that are not: not read yet, or gone.
    pub lost: HashSet<K>,
}

impl<K: Hash + Eq> Default for TickSet<K> {
    fn default() -> Self {
        Self { rows: Ticks::default(), lost: HashSet::new() }
    }
}

impl<K: Hash + Eq> From<Ticks> for TickSet<K> {
    fn from(rows: Ticks) -> Self {
        Self { rows, lost: HashSet::new() }
    }
}

/// Where rows went when they were read anew.
pub struct Moved<'a, K> {
    /// A row's new number; `None`: it is gone.
    pub to: &'a [Option<u32>],
    /// An old row's identity.
    pub key: &'a dyn Fn(u32) -> K,
    /// Where an identity is now.
    pub find: &'a dyn Fn(&K) -> Option<u32>,
}

impl<K: Hash + Eq + Clone> TickSet<K> {
    /// From identities.
    pub fn of(keys: impl IntoIterator<Item = K>, find: impl Fn(&K) -> Option<u32>) -> Self {
        let mut set = Self::default();
        for key in keys {
            match find(&key) {
                Some(row) => drop(set.rows.set(row, true)),
                None => drop(set.lost.insert(key)),
            }
        }
        set
    }

    /// Whether nothing is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.count() == 0 && self.lost.is_empty()
    }

    /// Every row by identity.
    pub fn keys<'a>(&'a self, key: impl Fn(u32) -> K + 'a) -> impl Iterator<Item = K> + 'a {
        self.rows.iter().map(key).chain(self.lost.iter().cloned())
    }

    /// What is in this set and not in the other.
    #[must_use]
    pub fn without(&self, other: &Self) -> Self {
        Self {
            rows: self.rows.without(&other.rows),
            lost: self.lost.difference(&other.lost).cloned().collect(),
        }
    }

    fn add(&mut self, other: &Self) {
        self.rows.add(&other.rows);
        self.lost.extend(other.lost.iter().cloned());
    }

    fn remove(&mut self, other: &Self) {
        self.rows = self.rows.without(&other.rows);
        if !other.lost.is_empty() {
            self.lost.retain(|key| !other.lost.contains(key));
        }
    }

    /// Follows the rows: those that are gone wait by identity, those that came back are rows again.
    pub fn follow(&mut self, moved: &Moved<'_, K>) {
        let mut rows = Ticks::default();
        for row in self.rows.iter() {
            match moved.to.get(row as usize).copied().flatten() {
                Some(row) => drop(rows.set(row, true)),
                None => drop(self.lost.insert((moved.key)(row))),
            }
        }
        self.lost.retain(|key| match (moved.find)(key) {
            Some(row) => {
                rows.set(row, true);
                false
            }
            None => true,
        });
        self.rows = rows;
    }
}

/// Rows that were ticked, and rows that were unticked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TickChange<K: Hash + Eq> {
    /// Ticked.
    pub on: TickSet<K>,
    /// Unticked.
    pub off: TickSet<K>,
}

impl<K: Hash + Eq> Default for TickChange<K> {
    fn default() -> Self {
        Self { on: TickSet::default(), off: TickSet::default() }
    }
}

impl<K: Hash + Eq + Clone> TickChange<K> {
    /// What makes one set of the other.
    #[must_use]
    pub fn between(before: &TickSet<K>, after: &TickSet<K>) -> Self {
        Self { on: after.without(before), off: before.without(after) }
    }

    /// Whether nothing changes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.on.is_empty() && self.off.is_empty()
    }

    /// Makes the change, and leaves every other row as it is.
    pub fn make(&self, set: &mut TickSet<K>) {
        set.remove(&self.off);
        set.add(&self.on);
    }

    /// Makes the opposite change of it.
    pub fn turn_round(&mut self) {
        std::mem::swap(&mut self.on, &mut self.off);
    }

    /// See [`TickSet::follow`].
    pub fn follow(&mut self, moved: &Moved<'_, K>) {
        self.on.follow(moved);
        self.off.follow(moved);
    }

    /// Its size in memory, in words.
    #[must_use]
    pub fn words(&self) -> usize {
        let set = |set: &TickSet<K>| set.rows.words() + set.lost.len();
        set(&self.on) + set(&self.off)
    }
}
