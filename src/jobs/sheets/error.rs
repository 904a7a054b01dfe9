//! Why something could not be done with a price sheet.

use crate::domain::price_sheet::MappingError;
use crate::domain::record::Versioned;
use crate::domain::sheet_record::{SheetNameError, SheetRecord};
use crate::domain::text::{counted, printable};
use crate::jobs::JobError;
use crate::sheets::read::{Fault, ReadError};
use crate::store::StoreError;

/// Plans that are named before the others are counted.
const NAMED: usize = 5;

/// See the module.
#[derive(Debug, thiserror::Error)]
pub enum SheetJobError {
    /// See [`ReadError`]. With [`Fault::UnknownTable`], a mapping helps.
    #[error("{0}")]
    Read(Box<ReadError>),
    /// See [`SheetNameError`].
    #[error(transparent)]
    Name(#[from] SheetNameError),
    /// Another sheet has the name.
    #[error(
        "there is a price sheet \"{}\" already: {} of {}, imported by {} on {}; choose another name, or replace it",
        printable(&.0.value.name), counted(.0.value.facts.rows, "row"), printable(&.0.value.file), printable(&.0.updated_by),
        .0.updated_at.strftime("%Y-%m-%d")
    )]
    NameTaken(Box<Versioned<SheetRecord>>),
    /// No sheet has the name.
    #[error("there is no price sheet \"{}\"; cspdeck sheets list shows those that are kept", printable(.0))]
    NoSheet(String),
    /// Plans take their costs from it.
    #[error(
        "the price sheet \"{}\" is used by {}; reprice them from another sheet first, or remove it even so",
        printable(name),
        named(plans)
    )]
    Used {
        /// The sheet.
        name: String,
        /// Their names.
        plans: Vec<String>,
    },
    /// No mapping has the name.
    #[error("there is no saved mapping \"{}\"; cspdeck sheets mappings shows those that are", printable(.0))]
    NoMapping(String),
    /// See [`MappingError`].
    #[error("the mapping can't be used: {0}")]
    Mapping(#[from] MappingError),
    /// An operator cancelled it.
    #[error("cancelled; nothing was stored")]
    Cancelled,
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
    /// See [`JobError`].
    #[error(transparent)]
    Job(#[from] JobError),
    /// What a correct program never does.
    #[error("this is a fault of the program, nothing was stored: {0}")]
    Fault(String),
}

impl std::convert::From<ReadError> for SheetJobError {
    fn from(error: ReadError) -> Self {
        match error.fault {
            Fault::Cancelled => Self::Cancelled,
            _ => Self::Read(Box::new(error)),
        }
    }
}

fn named(plans: &[String]) -> String {
    let mut text = counted(plans.len(), "plan");
    let names: Vec<_> = plans.iter().take(NAMED).map(|name| printable(name)).collect();
    text.push_str(&format!(" ({}", names.join(", ")));
    if plans.len() > NAMED {
        text.push_str(&format!(" and {} more", plans.len() - NAMED));
    }
    text.push(')');
    text
}
