//! How keys and values are written. Values are MessagePack with field names, so that a field can be added.

use std::ops::Bound;

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::error::StoreError;
use crate::domain::ids::{CustomerId, ServiceKey};
use crate::domain::record::Versioned;

/// Separates the parts of a key. No id holds it, and it sorts before all that an id may hold, so all rows of a customer stand
/// together.
const SEPARATOR: u8 = 0;

/// Writes a value.
pub(super) fn encode<T: Serialize>(value: &T) -> Result<Vec<u8>, StoreError> {
    rmp_serde::to_vec_named(value).map_err(|e| StoreError::Fault(e.to_string()))
}

/// Reads a value; the error says what is wrong with the bytes.
pub(super) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    rmp_serde::from_slice(bytes).map_err(|e| e.to_string())
}

/// A key of several parts.
pub(super) fn key(parts: &[&str]) -> Vec<u8> {
    parts.join("\0").into_bytes()
}

/// The key of a service or a subscription.
pub(super) fn service_key(key: &ServiceKey) -> Vec<u8> {
    self::key(&[key.customer.as_str(), key.subscription.as_str()])
}

/// The parts of a key; the last may hold anything.
pub(super) fn parts<const N: usize>(key: &[u8]) -> Option<[&str; N]> {
    let text = std::str::from_utf8(key).ok()?;
    let mut parts = text.splitn(N, '\0');
    let mut out = [""; N];
    for part in &mut out {
        *part = parts.next()?;
    }
    Some(out)
}

/// Which rows of a table.
#[derive(Debug, Clone)]
pub(super) struct Rows {
    pub(super) from: Bound<Vec<u8>>,
    pub(super) to: Bound<Vec<u8>>,
}

impl Rows {
    /// All of them.
    pub(super) fn all() -> Self {
        Self { from: Bound::Unbounded, to: Bound::Unbounded }
    }

    /// Those whose key starts with these parts and has more.
    pub(super) fn below(parts: &[&str]) -> Self {
        let mut from = key(parts);
        let mut to = from.clone();
        from.push(SEPARATOR);
        to.push(SEPARATOR + 1);
        Self { from: Bound::Included(from), to: Bound::Excluded(to) }
    }

    /// Those of one customer.
    pub(super) fn of_customer(customer: &CustomerId) -> Self {
        Self::below(&[customer.as_str()])
    }

    /// Whether it is every row.
    pub(super) fn are_all(&self) -> bool {
        matches!((&self.from, &self.to), (Bound::Unbounded, Bound::Unbounded))
    }

    /// As redb takes it.
    pub(super) fn range(&self) -> (Bound<&[u8]>, Bound<&[u8]>) {
        (self.from.as_ref().map(Vec::as_slice), self.to.as_ref().map(Vec::as_slice))
    }

    /// Those whose key starts with a number.
    pub(super) fn below_number(number: u64) -> Self {
        let to = number
            .checked_add(1)
            .map_or(Bound::Unbounded, |next| Bound::Excluded(next.to_be_bytes().to_vec()));
        Self { from: Bound::Included(number.to_be_bytes().to_vec()), to }
    }

    /// Those from a number on.
    pub(super) fn from_number(number: u64) -> Self {
        Self { from: Bound::Included(number.to_be_bytes().to_vec()), to: Bound::Unbounded }
    }
}

/// What stands before every record that carries a revision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Head {
    pub(super) revision: u64,
    pub(super) updated_by: String,
    pub(super) updated_at: Timestamp,
}

/// Writes a record from its head and its value's bytes, which can thus be prepared before the revision is known: the head's
/// length in two bytes, the head, the value.
pub(super) fn join(head: &Head, value: &[u8]) -> Result<Vec<u8>, StoreError> {
    let head = encode(head)?;
    let length = u16::try_from(head.len()).map_err(|e| StoreError::Fault(e.to_string()))?;
    let mut bytes = Vec::with_capacity(2 + head.len() + value.len());
    bytes.extend_from_slice(&length.to_be_bytes());
    bytes.extend_from_slice(&head);
    bytes.extend_from_slice(value);
    Ok(bytes)
}

/// Takes a record apart into its head and its value's bytes.
pub(super) fn split(bytes: &[u8]) -> Result<(Head, &[u8]), String> {
    let cut = || "the record is cut short".to_owned();
    let (length, rest) = bytes.split_first_chunk::<2>().ok_or_else(cut)?;
    let length = usize::from(u16::from_be_bytes(*length));
    let (head, value) = rest.split_at_checked(length).ok_or_else(cut)?;
    Ok((decode(head)?, value))
}

/// Reads a record with its revision.
pub(super) fn decode_versioned<T: DeserializeOwned>(bytes: &[u8]) -> Result<Versioned<T>, String> {
    let (head, value) = split(bytes)?;
    Ok(Versioned {
        revision: head.revision,
        updated_by: head.updated_by,
        updated_at: head.updated_at,
        value: decode(value)?,
    })
}

/// Bytes as MessagePack's own byte strings: serde writes a `Vec<u8>` as a list of numbers otherwise.
pub(super) mod bytes {
    use std::fmt;

    use serde::de::{Error, Visitor};
    use serde::{Deserializer, Serializer};

    pub(in super::super) fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_bytes(bytes)
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        struct Bytes;
        impl Visitor<'_> for Bytes {
            type Value = Vec<u8>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("bytes")
            }

            fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
                Ok(bytes.to_vec())
            }
        }
        from.deserialize_bytes(Bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::SubscriptionId;

    #[test]
    fn keys_stand_together_by_customer_and_come_apart_again() {
        let id = |customer: &str, subscription: &str| {
            service_key(&ServiceKey {
                customer: CustomerId::parse(customer).unwrap(),
                subscription: SubscriptionId::parse(subscription).unwrap(),
            })
        };
        let mut keys = [id("ab", "1"), id("a", "2"), id("a-b", "1"), id("a", "1")];
        keys.sort();
        assert_eq!(keys, [id("a", "1"), id("a", "2"), id("a-b", "1"), id("ab", "1")]);
        assert_eq!(parts::<2>(&keys[1]), Some(["a", "2"]));
        assert_eq!(parts::<3>(&keys[1]), None);
        assert_eq!(parts::<2>(b"a\0b\0c"), Some(["a", "b\0c"]));
    }

    #[test]
    fn a_field_that_is_added_later_does_not_break_older_records() {
        #[derive(Serialize)]
        struct Old {
            name: String,
            gone: u8,
        }
        #[derive(Debug, PartialEq, Deserialize)]
        struct New {
            #[serde(default)]
            added: Option<u32>,
            name: String,
        }
        let bytes = encode(&Old { name: "x".into(), gone: 1 }).unwrap();
        assert_eq!(decode::<New>(&bytes), Ok(New { added: None, name: "x".into() }));
    }

    #[test]
    fn a_record_cut_anywhere_is_an_error_and_no_panic() {
        let head =
            Head { revision: 7, updated_by: "anna".into(), updated_at: Timestamp::from_second(1).unwrap() };
        let whole = join(&head, &encode(&"value").unwrap()).unwrap();
        assert_eq!(decode_versioned::<String>(&whole).unwrap().value, "value");
        for end in 0..whole.len() {
            assert!(decode_versioned::<String>(&whole[..end]).is_err(), "{end}");
        }
    }
}
