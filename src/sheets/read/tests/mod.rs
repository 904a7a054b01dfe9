mod files;
mod good;
mod hostile;

use std::ops::ControlFlow;

use super::*;
use crate::domain::price_sheet::{Field, Row};

fn read(name: &str, bytes: &[u8]) -> Result<Import, ReadError> {
    read_bytes(name, bytes.to_vec(), None, &mut |_| ControlFlow::Continue(()))
}

fn refused(name: &str, bytes: &[u8]) -> String {
    match read(name, bytes) {
        Ok(import) => panic!("{name} was read: {} rows", import.sheet.len()),
        Err(error) => error.to_string(),
    }
}

/// A row in short.
fn told(row: Row<'_>) -> String {
    [
        Field::SkuId,
        Field::Term,
        Field::BillingPlan,
        Field::Currency,
        Field::UnitPrice,
        Field::ErpPrice,
        Field::EffectiveStart,
    ]
    .map(|field| row.text(field))
    .join(" ")
}

fn all(import: &Import) -> Vec<String> {
    import.sheet.rows().map(told).collect()
}
