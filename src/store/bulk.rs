//! Reading a whole table of many rows: two threads take them from both ends until they meet. Decoding is what takes the time,
//! and this way no row is copied before it is decoded.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use redb::{ReadTransaction, ReadableTable};

use super::error::StoreError;
use super::guard::guarded;
use super::tables::Table;

/// Rows that a thread takes at a time.
const BLOCK: usize = 64;

/// A table that is being read.
pub(super) struct Bulk<'a, T> {
    pub(super) transaction: &'a ReadTransaction,
    pub(super) path: &'a Path,
    pub(super) table: &'a str,
    /// How many rows it has.
    pub(super) total: usize,
    pub(super) decode: fn(&[u8]) -> Result<T, String>,
}

#[derive(Clone, Copy)]
enum End {
    Front,
    Back,
}

struct Part<T> {
    values: Vec<T>,
    last_key: Option<Vec<u8>>,
}

impl<T: Send> Bulk<'_, T> {
    /// Every value in the order of the keys.
    pub(super) fn read(&self) -> Result<Vec<T>, StoreError> {
        let taken = AtomicUsize::new(0);
        let (front, back) = std::thread::scope(|scope| {
            let back = scope.spawn(|| self.take(End::Back, &taken));
            (self.take(End::Front, &taken), back.join())
        });
        let (mut front, mut back) = (front?, back.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?);
        let met = match (&front.last_key, &back.last_key) {
            (Some(front), Some(back)) => front < back,
            _ => true,
        };
        if !met || front.values.len() + back.values.len() != self.total {
            let detail = format!("{} has fewer rows than it says", self.table);
            return Err(StoreError::Damaged { path: self.path.to_owned(), detail });
        }
        back.values.reverse();
        front.values.append(&mut back.values);
        Ok(front.values)
    }

    fn take(&self, end: End, taken: &AtomicUsize) -> Result<Part<T>, StoreError> {
        let read = guarded(self.path, || -> Result<_, redb::Error> {
            let table = self.transaction.open_table(Table::new(self.table))?;
            let mut rows = table.iter()?;
            let capacity = match end {
                End::Front => self.total,
                End::Back => self.total / 2,
            };
            let mut part = Part { values: Vec::with_capacity(capacity), last_key: None };
            loop {
                let before = taken.fetch_add(BLOCK, Ordering::Relaxed);
                let block = self.total.saturating_sub(before).min(BLOCK);
                if block == 0 {
                    return Ok(Ok(part));
                }
                for number in 1..=block {
                    let row = match end {
                        End::Front => rows.next(),
                        End::Back => rows.next_back(),
                    };
                    let Some(row) = row else { return Ok(Ok(part)) };
                    let (key, value) = row?;
                    match (self.decode)(value.value()) {
                        Ok(value) => part.values.push(value),
                        Err(why) => {
                            return Ok(Err(StoreError::unreadable(self.path, self.table, key.value(), &why)));
                        }
                    }
                    if number == block {
                        part.last_key = Some(key.value().to_vec());
                    }
                }
            }
        });
        read?
    }
}
