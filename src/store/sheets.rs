//! Price sheets: a record of each, its rows in chunks, and mappings saved for tables that are none of Microsoft's.

use super::audit::AuditEvent;
use super::codec::{self, Rows};
use super::error::StoreError;
use super::tables::{self, meta};
use super::txn::{ReadTxn, WriteTxn};
use crate::domain::price_sheet::{Piece, PriceSheet};
use crate::domain::record::Versioned;
use crate::domain::sheet_record::SheetRecord;

/// Rows in a piece. Reading decodes one piece at a time.
const PIECE_ROWS: usize = 16_384;

/// The most bytes of a value. redb gives a value of this size a page of its own, and pages are powers of two.
const CHUNK: usize = 255 * 1024;

/// A sheet's rows as they are stored, made before the transaction, which then only has to write them.
#[derive(Debug, Clone)]
pub struct SheetRows(Vec<(Place, Vec<u8>)>);

/// A chunk's place in its sheet: the piece, and the part of it.
type Place = [u8; 8];

fn place(piece: usize, part: usize) -> Result<Place, StoreError> {
    let number = |at: usize| u32::try_from(at).map_err(|e| StoreError::Fault(e.to_string()));
    let mut place = [0; 8];
    let (first, second) = place.split_at_mut(4);
    first.copy_from_slice(&number(piece)?.to_be_bytes());
    second.copy_from_slice(&number(part)?.to_be_bytes());
    Ok(place)
}

impl SheetRows {
    /// The rows of a sheet.
    ///
    /// # Errors
    /// When they can't be encoded.
    pub fn of(sheet: &PriceSheet) -> Result<Self, StoreError> {
        let mut chunks = Vec::new();
        for (number, piece) in sheet.clone().into_pieces(PIECE_ROWS).enumerate() {
            let bytes = codec::encode(&piece)?;
            for (part, chunk) in bytes.chunks(CHUNK).enumerate() {
                chunks.push((place(number, part)?, chunk.to_vec()));
            }
        }
        Ok(Self(chunks))
    }
}

impl ReadTxn {
    /// Every price sheet, by name.
    ///
    /// # Errors
    /// When the store can't be read; so it is for all that follows.
    pub fn sheets(&self) -> Result<Vec<Versioned<SheetRecord>>, StoreError> {
        self.collect(tables::SHEETS, Rows::all(), codec::decode_versioned)
    }

    /// One price sheet, without its rows.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn sheet(&self, name: &str) -> Result<Option<Versioned<SheetRecord>>, StoreError> {
        self.versioned(tables::SHEETS, name.as_bytes())
    }

    /// The rows of a price sheet.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] where they are not there, or not whole; so it is where the record was read in an earlier
    /// transaction and the sheet was replaced since.
    pub fn sheet_rows(&self, record: &SheetRecord) -> Result<PriceSheet, StoreError> {
        let mut pieces: Vec<Piece> = Vec::new();
        let mut current: (Option<Vec<u8>>, Vec<u8>) = (None, Vec::new());
        let mut whole = |bytes: &mut Vec<u8>| -> Result<(), StoreError> {
            if !bytes.is_empty() {
                pieces.push(codec::decode(bytes).map_err(|why| self.broken_sheet(record, &why))?);
                bytes.clear();
            }
            Ok(())
        };
        self.visit(tables::SHEET_ROWS, Rows::below_number(record.data), |key, chunk| {
            let piece = key.get(8..12).map(<[u8]>::to_vec);
            if piece != current.0 {
                whole(&mut current.1)?;
                current.0 = piece;
            }
            current.1.extend_from_slice(chunk);
            Ok(true)
        })?;
        whole(&mut current.1)?;
        let sheet =
            PriceSheet::from_pieces(pieces).map_err(|why| self.broken_sheet(record, &why.to_string()))?;
        if sheet.len() != record.facts.rows {
            let why = format!("it has {} rows and should have {}", sheet.len(), record.facts.rows);
            return Err(self.broken_sheet(record, &why));
        }
        Ok(sheet)
    }

    fn broken_sheet(&self, record: &SheetRecord, why: &str) -> StoreError {
        self.unreadable(tables::SHEET_ROWS, record.name.as_bytes(), why)
    }

    /// Saved mappings and their bytes, by name.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn mappings(&self) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        let mut mappings = Vec::new();
        self.visit(tables::MAPPINGS, Rows::all(), |key, bytes| {
            mappings.push((String::from_utf8_lossy(key).into_owned(), bytes.to_vec()));
            Ok(true)
        })?;
        Ok(mappings)
    }

    /// One saved mapping's bytes.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn mapping(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.look(tables::MAPPINGS, name.as_bytes(), |bytes| Ok(bytes.to_vec()))
    }
}

impl WriteTxn {
    /// Writes a price sheet over the revision that was read (0: new) and returns it as it is stored: where its rows are is decided
    /// here.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] where another revision is stored. Nothing is written then.
    pub fn put_sheet(
        &mut self,
        expected: u64,
        record: &SheetRecord,
        rows: &SheetRows,
    ) -> Result<Versioned<SheetRecord>, StoreError> {
        let before = self.sheet(&record.name)?;
        let data = self.get(tables::META, meta::NEXT_SHEET)?.unwrap_or(1u64);
        let replaced = before.as_ref().map(|before| before.value.data);
        self.put_over(expected, before, &SheetRecord { data, ..record.clone() })?;
        self.put(tables::META, meta::NEXT_SHEET, &(data + 1))?;
        if let Some(replaced) = replaced {
            self.remove_rows(tables::SHEET_ROWS, &Rows::below_number(replaced))?;
        }
        let chunks = rows.0.iter().map(|(place, chunk)| ([&data.to_be_bytes()[..], place].concat(), chunk));
        self.put_all(tables::SHEET_ROWS, chunks)?;
        self.sheet(&record.name)?
            .ok_or_else(|| StoreError::Fault("a sheet is gone as it is written".to_owned()))
    }

    /// Removes a price sheet and its rows, whether plans name it or not.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] where another revision is stored.
    pub fn remove_sheet(&mut self, expected: u64, name: &str) -> Result<(), StoreError> {
        let before = self.sheet(name)?;
        let data = before.as_ref().map(|before| before.value.data);
        self.remove_over(expected, before, name)?;
        match data {
            Some(data) => self.remove_rows(tables::SHEET_ROWS, &Rows::below_number(data)),
            None => Ok(()),
        }
    }

    /// Saves a mapping's bytes under a name, over one that has it already.
    ///
    /// # Errors
    /// When the store can't be written.
    pub fn put_mapping(&mut self, name: &str, bytes: &[u8], detail: &str) -> Result<(), StoreError> {
        self.put_bytes(tables::MAPPINGS, name.as_bytes(), bytes)?;
        self.touch_data();
        self.audit(AuditEvent {
            action: "mapping.save".to_owned(),
            subject: name.to_owned(),
            detail: detail.to_owned(),
        })
    }

    /// Removes a saved mapping; whether it was there.
    ///
    /// # Errors
    /// When the store can't be written.
    pub fn remove_mapping(&mut self, name: &str) -> Result<bool, StoreError> {
        let removed = self.remove(tables::MAPPINGS, name.as_bytes())?;
        if removed {
            self.touch_data();
            self.audit(AuditEvent {
                action: "mapping.remove".to_owned(),
                subject: name.to_owned(),
                detail: String::new(),
            })?;
        }
        Ok(removed)
    }
}
