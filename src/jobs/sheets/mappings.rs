//! Saved mappings: how tables that are none of Microsoft's are read.

use super::error::SheetJobError;
use crate::domain::price_sheet::Mapping;
use crate::domain::sheet_record::parse_name;
use crate::store::{ReadTxn, Store, StoreError};

/// Every saved mapping, by name.
///
/// # Errors
/// When the store can't be read.
pub fn mappings(store: &Store) -> Result<Vec<(String, Mapping)>, SheetJobError> {
    let stored = store.read(ReadTxn::mappings)?;
    stored.into_iter().map(|(name, bytes)| Ok((name, read(&bytes)?))).collect()
}

/// A saved mapping.
///
/// # Errors
/// [`SheetJobError::NoMapping`] where none has the name.
pub fn mapping(store: &Store, name: &str) -> Result<Mapping, SheetJobError> {
    let stored = store.read(|txn| txn.mapping(name.trim()))?;
    Ok(read(&stored.ok_or_else(|| SheetJobError::NoMapping(name.to_owned()))?)?)
}

/// Saves a mapping under a name, over one that has it already.
///
/// # Errors
/// When the name or the mapping can't be used.
pub fn save_mapping(store: &Store, name: &str, mapping: &Mapping) -> Result<(), SheetJobError> {
    let name = parse_name(name)?;
    mapping.check()?;
    let bytes = rmp_serde::to_vec_named(mapping).map_err(|error| SheetJobError::Fault(error.to_string()))?;
    let columns: Vec<String> =
        mapping.columns.iter().map(|(heading, field)| format!("{heading} is {}", field.name())).collect();
    Ok(store.write(|txn| txn.put_mapping(&name, &bytes, &columns.join("; ")))?)
}

/// Removes a saved mapping. Sheets that were read by it stay as they are.
///
/// # Errors
/// [`SheetJobError::NoMapping`] where none has the name.
pub fn remove_mapping(store: &Store, name: &str) -> Result<(), SheetJobError> {
    let removed = store.write(|txn| txn.remove_mapping(name.trim()))?;
    if removed { Ok(()) } else { Err(SheetJobError::NoMapping(name.to_owned())) }
}

fn read(bytes: &[u8]) -> Result<Mapping, StoreError> {
    rmp_serde::from_slice(bytes)
        .map_err(|error| StoreError::Fault(format!("a saved mapping can't be read: {error}")))
}
