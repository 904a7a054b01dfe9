//! Each text of a sheet, once.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};
use serde::{Deserialize, Serialize};

use super::packed;

/// Unique texts by id; id 0 is the empty text. One allocation for all of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Texts {
    all: String,
    /// Where each text ends in `all`, by id.
    #[serde(with = "packed")]
    ends: Vec<u32>,
}

impl Default for Texts {
    fn default() -> Self {
        Self { all: String::new(), ends: vec![0] }
    }
}

impl Texts {
    /// The text of an id; empty for an id that is not there.
    #[must_use]
    pub fn get(&self, id: u32) -> &str {
        let id = id as usize;
        let start = match id {
            0 => 0,
            _ => self.ends.get(id - 1).copied().unwrap_or(u32::MAX) as usize,
        };
        self.ends.get(id).and_then(|end| self.all.get(start..*end as usize)).unwrap_or_default()
    }

    /// How many there are, the empty one among them.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Never: the empty text is always there.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Bytes of all texts together.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.all.len()
    }

    /// Ids and texts, in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &str)> {
        (0..self.ends.len() as u32).map(|id| (id, self.get(id)))
    }

    /// Adds a text under the next id; none once ids or bytes no longer fit 32 bits.
    pub fn push(&mut self, text: &str) -> Option<u32> {
        let id = u32::try_from(self.ends.len()).ok()?;
        let end = u32::try_from(self.all.len().checked_add(text.len())?).ok()?;
        self.all.push_str(text);
        self.ends.push(end);
        Some(id)
    }

    /// Gives back memory that was taken in advance.
    pub(super) fn shrink(&mut self) {
        self.all.shrink_to_fit();
        self.ends.shrink_to_fit();
    }
}

/// Finds the id of a text.
#[derive(Debug, Clone, Default)]
pub struct Index {
    table: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl Index {
    /// An index of all texts.
    #[must_use]
    pub fn of(texts: &Texts) -> Self {
        let mut index =
            Self { table: HashTable::with_capacity(texts.len()), hasher: DefaultHashBuilder::default() };
        for (id, text) in texts.iter() {
            let hash = index.hasher.hash_one(text);
            index.table.insert_unique(hash, id, |id| index.hasher.hash_one(texts.get(*id)));
        }
        index
    }

    /// The id of a text.
    #[must_use]
    pub fn find(&self, texts: &Texts, text: &str) -> Option<u32> {
        if text.is_empty() {
            return Some(0);
        }
        self.table.find(self.hasher.hash_one(text), |id| texts.get(*id) == text).copied()
    }
}

/// Texts that are being collected.
#[derive(Debug, Clone, Default)]
pub struct Interner {
    texts: Texts,
    index: Index,
}

impl Interner {
    /// The id of a text, new or known; none once the texts no longer fit 32 bits.
    pub fn intern(&mut self, text: &str) -> Option<u32> {
        if text.is_empty() {
            return Some(0);
        }
        let Index { table, hasher } = &mut self.index;
        let hash = hasher.hash_one(text);
        if let Some(id) = table.find(hash, |id| self.texts.get(*id) == text) {
            return Some(*id);
        }
        let id = self.texts.push(text)?;
        table.insert_unique(hash, id, |id| hasher.hash_one(self.texts.get(*id)));
        Some(id)
    }

    /// The id of a text that is known.
    #[must_use]
    pub fn find(&self, text: &str) -> Option<u32> {
        self.index.find(&self.texts, text)
    }

    /// The texts so far.
    #[must_use]
    pub fn texts(&self) -> &Texts {
        &self.texts
    }

    /// The texts, once all are collected.
    #[must_use]
    pub fn into_texts(self) -> Texts {
        self.texts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn equal_texts_have_equal_ids(all in prop::collection::vec(".{0,6}", 0..60)) {
            let mut interner = Interner::default();
            let ids: Vec<u32> = all.iter().map(|text| interner.intern(text).unwrap()).collect();
            for (text, id) in all.iter().zip(&ids) {
                prop_assert_eq!(interner.texts().get(*id), text);
                prop_assert_eq!(interner.find(text), Some(*id));
                prop_assert_eq!(Index::of(interner.texts()).find(interner.texts(), text), Some(*id));
            }
            let unique: std::collections::BTreeSet<&String> = all.iter().filter(|t| !t.is_empty()).collect();
            prop_assert_eq!(interner.texts().len(), unique.len() + 1);
            let bytes = rmp_serde::to_vec_named(interner.texts()).unwrap();
            prop_assert_eq!(&rmp_serde::from_slice::<Texts>(&bytes).unwrap(), interner.texts());
        }
    }

    #[test]
    fn an_id_from_nowhere_is_the_empty_text() {
        assert_eq!(Texts::default().get(7), "");
        let bent = Texts { all: "é".to_owned(), ends: vec![0, 1, 9, 0] };
        for id in [0, 1, 2, 3, 4, u32::MAX] {
            assert_eq!(bent.get(id), "");
        }
    }
}
