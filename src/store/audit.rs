//! The audit chain: who did what and when. Each entry carries the hash of the one before it, and nothing here changes one.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::audit_head::AuditHead;
use super::codec::{self, Rows};
use super::error::StoreError;
use super::tables;
use super::txn::{ReadTxn, WriteTxn};
use crate::domain::operator::Operator;

/// Something to be noted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEvent {
    /// What was done, such as `client.change`.
    pub action: String,
    /// To what, such as the client's id.
    pub subject: String,
    /// How; never a secret.
    pub detail: String,
}

/// An entry of the chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// 1 for the first.
    pub seq: u64,
    /// UTC.
    pub at: Timestamp,
    /// Who.
    pub operator: Operator,
    /// What was done.
    pub action: String,
    /// To what.
    pub subject: String,
    /// How.
    pub detail: String,
    /// The hash of the entry before, 64 hexadecimal digits; all zero for the first.
    pub previous: String,
    /// SHA-256 over all of the above as stored; not part of what is hashed.
    #[serde(skip)]
    pub hash: String,
}

/// What came of checking the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuditCheck {
    /// Every entry is there and as it was written.
    Whole {
        /// How many.
        entries: u64,
        /// The hash of the last one. Noted elsewhere, it proves later that no entry before it was altered.
        head: String,
    },
    /// Somebody altered the chain from outside.
    Broken {
        /// The first entry that does not fit.
        seq: u64,
        /// What does not fit.
        why: &'static str,
    },
}

/// Bytes of the hash, which stands before the entry that it is of.
const HASH: usize = 32;

fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}

fn decode_entry(bytes: &[u8]) -> Result<AuditEntry, String> {
    let (hash, entry) = bytes.split_at_checked(HASH).ok_or("the entry is cut short")?;
    Ok(AuditEntry { hash: hex(hash), ..codec::decode(entry)? })
}

impl ReadTxn {
    /// How many entries there are.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn audit_len(&self) -> Result<u64, StoreError> {
        self.count(tables::AUDIT)
    }

    /// Up to `limit` entries from a sequence number on, in order.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn audit(&self, from_seq: u64, limit: usize) -> Result<Vec<AuditEntry>, StoreError> {
        let mut entries = Vec::new();
        if limit == 0 {
            return Ok(entries);
        }
        self.visit(tables::AUDIT, Rows::from_number(from_seq), |key, bytes| {
            entries.push(decode_entry(bytes).map_err(|why| self.unreadable(tables::AUDIT, key, &why))?);
            Ok(entries.len() < limit)
        })?;
        Ok(entries)
    }

    /// Goes through the whole chain.
    ///
    /// # Errors
    /// When the store can't be read; that the chain is broken is an answer, not an error.
    pub fn verify_audit(&self) -> Result<AuditCheck, StoreError> {
        let mut last = AuditHead::default();
        let mut broken = None;
        self.visit(tables::AUDIT, Rows::all(), |key, bytes| {
            let seq = last.seq + 1;
            match fits(seq, &last.hash, key, bytes) {
                Ok(hash) => last = AuditHead { seq, hash },
                Err(why) => broken = Some(AuditCheck::Broken { seq, why }),
            }
            Ok(broken.is_none())
        })?;
        if let Some(broken) = broken {
            return Ok(broken);
        }
        if self.audit_head()? != last {
            return Ok(AuditCheck::Broken {
                seq: last.seq + 1,
                why: "the last entries are not there any more",
            });
        }
        Ok(AuditCheck::Whole { entries: last.seq, head: last.hash })
    }
}

fn fits(seq: u64, previous: &str, key: &[u8], bytes: &[u8]) -> Result<String, &'static str> {
    if key != seq.to_be_bytes() {
        return Err("an entry is missing");
    }
    let (hash, content) = bytes.split_at_checked(HASH).ok_or("the entry is cut short")?;
    if Sha256::digest(content)[..] != *hash {
        return Err("the entry was altered");
    }
    let entry: AuditEntry = codec::decode(content).map_err(|_| "the entry can't be read")?;
    if entry.seq != seq {
        return Err("the entry was moved");
    }
    if entry.previous != previous {
        return Err("the entry does not follow the one before");
    }
    Ok(hex(hash))
}

impl WriteTxn {
    /// Notes something in the chain. Records of clients, services, plans and settings note themselves.
    ///
    /// # Errors
    /// When the store can't be written.
    pub fn audit(&mut self, event: AuditEvent) -> Result<(), StoreError> {
        let last = self.audit_head()?;
        let seq = last.seq + 1;
        let content = codec::encode(&AuditEntry {
            seq,
            at: Timestamp::now(),
            operator: self.operator().clone(),
            action: event.action,
            subject: event.subject,
            detail: event.detail,
            previous: last.hash,
            hash: String::new(),
        })?;
        let hash = Sha256::digest(&content);
        self.put_bytes(tables::AUDIT, &seq.to_be_bytes(), &[&hash[..], &content].concat())?;
        self.set_audit_head(AuditHead { seq, hash: hex(&hash) });
        Ok(())
    }
}
