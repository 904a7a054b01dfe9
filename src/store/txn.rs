//! The two kinds of transaction, and the few ways in which the rest of the store reaches tables through them.

use std::cell::{Cell, RefCell};
use std::ops::{Bound, Deref};
use std::path::Path;

use redb::{ReadTransaction, ReadableTable, ReadableTableMetadata, TableError, WriteTransaction};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::audit_head::AuditHead;
use super::bulk::Bulk;
use super::codec::{self, Rows};
use super::error::StoreError;
use super::guard::guarded;
use super::tables::{self, Table, meta};
use crate::domain::operator::Operator;

/// Rows that are read at a time.
const CHUNK: usize = 1024;

/// Rows from which on a table is read by two threads.
const MANY: usize = 5_000;

/// Looks at the store as it was when the transaction began.
pub struct ReadTxn {
    source: Source,
    path: Box<Path>,
    /// The last audit entry of this transaction; it is written once, at the end.
    audit_head: RefCell<Option<AuditHead>>,
}

enum Source {
    Reading(ReadTransaction),
    Writing(Box<WriteTransaction>),
}

/// Looks at the store and changes it; all at once, or not at all.
pub struct WriteTxn {
    view: ReadTxn,
    operator: Operator,
    changed: Cell<bool>,
    data_changed: Cell<bool>,
}

impl Deref for WriteTxn {
    type Target = ReadTxn;

    fn deref(&self) -> &ReadTxn {
        &self.view
    }
}

/// Some rows of a table, copied out of it: keys and values behind each other.
#[derive(Default)]
struct Chunk {
    bytes: Vec<u8>,
    ends: Vec<(usize, usize)>,
}

impl Chunk {
    fn push(&mut self, key: &[u8], value: &[u8]) {
        self.bytes.extend_from_slice(key);
        let key_end = self.bytes.len();
        self.bytes.extend_from_slice(value);
        self.ends.push((key_end, self.bytes.len()));
    }

    fn rows(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        let starts = std::iter::once(0).chain(self.ends.iter().map(|(_, end)| *end));
        starts
            .zip(&self.ends)
            .map(|(start, (key_end, end))| (&self.bytes[start..*key_end], &self.bytes[*key_end..*end]))
    }
}

impl ReadTxn {
    pub(super) fn reading(transaction: ReadTransaction, path: &Path) -> Self {
        Self { source: Source::Reading(transaction), path: path.into(), audit_head: RefCell::default() }
    }

    /// Looks at one value without copying it.
    pub(super) fn look<T>(
        &self,
        table: &str,
        key: &[u8],
        at: impl FnOnce(&[u8]) -> Result<T, String>,
    ) -> Result<Option<T>, StoreError> {
        let found = guarded(&self.path, || -> Result<_, redb::Error> {
            Ok(match &self.source {
                Source::Reading(transaction) => match existing(transaction.open_table(Table::new(table)))? {
                    Some(table) => table.get(key)?.map(|value| at(value.value())),
                    None => None,
                },
                Source::Writing(transaction) => {
                    transaction.open_table(Table::new(table))?.get(key)?.map(|value| at(value.value()))
                }
            })
        })?;
        found.transpose().map_err(|why| self.unreadable(table, key, &why))
    }

    /// One value.
    pub(super) fn get<T: DeserializeOwned>(&self, table: &str, key: &[u8]) -> Result<Option<T>, StoreError> {
        self.look(table, key, codec::decode)
    }

    /// How many rows a table has.
    pub(super) fn count(&self, table: &str) -> Result<u64, StoreError> {
        guarded(&self.path, || -> Result<_, redb::Error> {
            Ok(match &self.source {
                Source::Reading(transaction) => match existing(transaction.open_table(Table::new(table)))? {
                    Some(table) => table.len()?,
                    None => 0,
                },
                Source::Writing(transaction) => transaction.open_table(Table::new(table))?.len()?,
            })
        })
    }

    /// Visits rows in the order of their keys until `visit` returns false. No table is open during a visit, so it may use the
    /// transaction itself.
    pub(super) fn visit(
        &self,
        table: &str,
        rows: Rows,
        mut visit: impl FnMut(&[u8], &[u8]) -> Result<bool, StoreError>,
    ) -> Result<(), StoreError> {
        self.chunks(table, rows, |chunk| {
            for (key, value) in chunk.rows() {
                if !visit(key, value)? {
                    return Ok(false);
                }
            }
            Ok(true)
        })
    }

    /// All values of some rows, read by `decode`.
    pub(super) fn collect<T: Send>(
        &self,
        table: &str,
        rows: Rows,
        decode: fn(&[u8]) -> Result<T, String>,
    ) -> Result<Vec<T>, StoreError> {
        if rows.are_all()
            && let Source::Reading(transaction) = &self.source
            && let total = usize::try_from(self.count(table)?).unwrap_or(0)
            && total >= MANY
        {
            return Bulk { transaction, path: &self.path, table, total, decode }.read();
        }
        let mut values = Vec::new();
        self.visit(table, rows, |key, value| {
            values.push(decode(value).map_err(|why| self.unreadable(table, key, &why))?);
            Ok(true)
        })?;
        Ok(values)
    }

    /// Visits rows in chunks, with no table open meanwhile.
    fn chunks(
        &self,
        table: &str,
        mut rows: Rows,
        mut each: impl FnMut(Chunk) -> Result<bool, StoreError>,
    ) -> Result<(), StoreError> {
        loop {
            let chunk = guarded(&self.path, || -> Result<_, redb::Error> {
                Ok(match &self.source {
                    Source::Reading(transaction) => {
                        match existing(transaction.open_table(Table::new(table)))? {
                            Some(table) => read_chunk(&table, &rows)?,
                            None => Chunk::default(),
                        }
                    }
                    Source::Writing(transaction) => {
                        read_chunk(&transaction.open_table(Table::new(table))?, &rows)?
                    }
                })
            })?;
            let full = chunk.ends.len() == CHUNK;
            let last = chunk.rows().last().map(|(key, _)| key.to_vec());
            let Some(last) = last else { return Ok(()) };
            if !each(chunk)? || !full {
                return Ok(());
            }
            rows.from = Bound::Excluded(last);
        }
    }

    /// The last audit entry, also one of this transaction.
    pub(super) fn audit_head(&self) -> Result<AuditHead, StoreError> {
        match &*self.audit_head.borrow() {
            Some(head) => Ok(head.clone()),
            None => Ok(self.get(tables::META, meta::AUDIT_HEAD)?.unwrap_or_default()),
        }
    }

    /// Where the store is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The error for a row that can't be read.
    pub(super) fn unreadable(&self, table: &str, key: &[u8], why: &str) -> StoreError {
        StoreError::unreadable(&self.path, table, key, why)
    }
}

/// A table that was never written is empty, not wrong.
fn existing<T>(opened: Result<T, TableError>) -> Result<Option<T>, TableError> {
    match opened {
        Ok(table) => Ok(Some(table)),
        Err(TableError::TableDoesNotExist(_)) => Ok(None),
        Err(e) => Err(e),
    }
}

fn read_chunk(
    table: &impl ReadableTable<&'static [u8], &'static [u8]>,
    rows: &Rows,
) -> Result<Chunk, redb::Error> {
    let mut chunk = Chunk::default();
    for row in table.range::<&[u8]>(rows.range())?.take(CHUNK) {
        let (key, value) = row?;
        chunk.push(key.value(), value.value());
    }
    Ok(chunk)
}

impl WriteTxn {
    pub(super) fn new(transaction: WriteTransaction, path: &Path, operator: &Operator) -> Self {
        Self {
            view: ReadTxn {
                source: Source::Writing(Box::new(transaction)),
                path: path.into(),
                audit_head: RefCell::default(),
            },
            operator: operator.clone(),
            changed: Cell::new(false),
            data_changed: Cell::new(false),
        }
    }

    /// Who writes.
    #[must_use]
    pub fn operator(&self) -> &Operator {
        &self.operator
    }

    /// Commits if anything was changed, with the generation moved.
    pub(super) fn finish(self) -> Result<(), StoreError> {
        if self.changed.get() {
            let mut generation = self.generation()?;
            generation.all += 1;
            generation.data += u64::from(self.data_changed.get());
            self.put(tables::META, meta::GENERATION, &generation)?;
        }
        if let Some(head) = &*self.view.audit_head.borrow() {
            self.put(tables::META, meta::AUDIT_HEAD, head)?;
        }
        let path = self.view.path;
        match self.view.source {
            Source::Writing(transaction) if self.changed.get() => guarded(&path, || transaction.commit()),
            Source::Writing(transaction) => guarded(&path, || transaction.abort()),
            Source::Reading(_) => Ok(()),
        }
    }

    /// Undoes all.
    pub(super) fn abandon(self) -> Result<(), StoreError> {
        let path = self.view.path;
        match self.view.source {
            Source::Writing(transaction) => guarded(&path, || transaction.abort()),
            Source::Reading(_) => Ok(()),
        }
    }

    /// Notes that what the screens show has changed, beside drafts, jobs and leases.
    pub(super) fn touch_data(&self) {
        self.data_changed.set(true);
    }

    /// Notes the last audit entry.
    pub(super) fn set_audit_head(&self, head: AuditHead) {
        self.view.audit_head.replace(Some(head));
    }

    /// Writes one value.
    pub(super) fn put<T: Serialize>(&self, table: &str, key: &[u8], value: &T) -> Result<(), StoreError> {
        self.put_bytes(table, key, &codec::encode(value)?)
    }

    /// Writes one value that is encoded already.
    pub(super) fn put_bytes(&self, table: &str, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
        self.put_all(table, std::iter::once((key, value)))
    }

    /// Writes many values.
    pub(super) fn put_all<K: AsRef<[u8]>, V: AsRef<[u8]>>(
        &self,
        table: &str,
        rows: impl Iterator<Item = (K, V)>,
    ) -> Result<(), StoreError> {
        self.with_transaction(|transaction| {
            let mut table = transaction.open_table(Table::new(table))?;
            for (key, value) in rows {
                table.insert(key.as_ref(), value.as_ref())?;
                self.changed.set(true);
            }
            Ok(())
        })
    }

    /// Puts what `merge` makes of each key's place and present value, or removes it where that is nothing.
    pub(super) fn merge_all<K: AsRef<[u8]>>(
        &self,
        table: &str,
        keys: impl Iterator<Item = K>,
        mut merge: impl FnMut(usize, Option<&[u8]>) -> Result<Option<Vec<u8>>, StoreError>,
    ) -> Result<(), StoreError> {
        self.with_transaction(|transaction| {
            let mut table = transaction.open_table(Table::new(table))?;
            for (at, key) in keys.enumerate() {
                let key = key.as_ref();
                let merged = match table.get(key)? {
                    Some(value) => merge(at, Some(value.value())),
                    None => merge(at, None),
                };
                match merged {
                    Ok(Some(value)) => drop(table.insert(key, value.as_slice())?),
                    Ok(None) => drop(table.remove(key)?),
                    Err(error) => return Ok(Err(error)),
                }
                self.changed.set(true);
            }
            Ok(Ok(()))
        })?
    }

    /// Removes one value; whether it was there.
    pub(super) fn remove(&self, table: &str, key: &[u8]) -> Result<bool, StoreError> {
        let removed = self.with_transaction(|transaction| {
            Ok(transaction.open_table(Table::new(table))?.remove(key)?.is_some())
        })?;
        self.changed.set(self.changed.get() || removed);
        Ok(removed)
    }

    /// Removes some rows.
    pub(super) fn remove_rows(&self, table: &str, rows: &Rows) -> Result<(), StoreError> {
        let removed = self.with_transaction(|transaction| {
            let mut table = transaction.open_table(Table::new(table))?;
            let before = table.len()?;
            table.retain_in::<&[u8], _>(rows.range(), |_, _| false)?;
            Ok(before != table.len()?)
        })?;
        self.changed.set(self.changed.get() || removed);
        Ok(())
    }

    /// Removes a whole table.
    pub(super) fn remove_table(&self, table: &str) -> Result<(), StoreError> {
        let removed =
            self.with_transaction(|transaction| Ok(transaction.delete_table(Table::new(table))?))?;
        self.changed.set(self.changed.get() || removed);
        Ok(())
    }

    fn with_transaction<T>(
        &self,
        work: impl FnOnce(&WriteTransaction) -> Result<T, redb::Error>,
    ) -> Result<T, StoreError> {
        match &self.view.source {
            Source::Writing(transaction) => guarded(&self.view.path, || work(transaction)),
            Source::Reading(_) => Err(StoreError::Fault("a write within a read".to_owned())),
        }
    }
}
