//! What the tab asks of the world, and what comes back.

use std::path::PathBuf;
use std::sync::Arc;

use crate::domain::price_sheet::{Mapping, PriceSheet};
use crate::jobs::sheets::{Comparison, Review, ReviewProgress, SheetSummary};
use crate::partner_center::SheetOrder;
use crate::sheets::read::SeenTable;

/// A file that was read. Equal is only the same one.
#[derive(Debug, Clone)]
pub struct Held(pub Arc<Review>);

impl PartialEq for Held {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// One request.
#[derive(Debug, Clone, PartialEq)]
pub enum SheetRequest {
    /// Read a file and look through it.
    Review {
        /// Where it is.
        path: PathBuf,
        /// Which column is what, where the operator said so.
        mapping: Option<Mapping>,
    },
    /// Fetch a market's sheet from Partner Center and look through it.
    Fetch(SheetOrder),
    /// Stop reading.
    Cancel,
    /// Store what was read.
    Keep {
        /// What.
        review: Held,
        /// Under which name.
        name: String,
        /// The revision that it takes the place of.
        replace: Option<u64>,
    },
    /// Read a sheet's rows.
    Open(String),
    /// Compare two sheets.
    Compare {
        /// The older one.
        old: String,
        /// The newer one.
        new: String,
    },
    /// Remove a sheet.
    Remove {
        /// Which.
        name: String,
        /// Also where plans take their costs from it.
        even_if_used: bool,
    },
    /// Save a mapping under a name.
    SaveMapping {
        /// The name.
        name: String,
        /// The mapping.
        mapping: Mapping,
    },
}

/// One answer.
#[derive(Debug)]
pub enum SheetAnswer {
    /// Every sheet, and the folders that files were read from, newest first.
    Listed(Vec<SheetSummary>, Vec<PathBuf>),
    /// Reading goes on.
    Progress(ReviewProgress),
    /// A file was read, or why not.
    Reviewed(Result<Held, String>),
    /// A file's table is none of the known layouts.
    Unknown {
        /// The file.
        path: PathBuf,
        /// What it holds.
        tables: Vec<SeenTable>,
        /// Mappings that were saved before.
        saved: Vec<(String, Mapping)>,
    },
    /// A sheet is stored under this name.
    Kept(String),
    /// The name has a sheet already.
    Taken {
        /// What was to be stored.
        review: Held,
        /// The name.
        name: String,
        /// The revision of the sheet that has it.
        revision: u64,
        /// What that sheet is.
        told: String,
    },
    /// A sheet's rows.
    Opened(String, Arc<PriceSheet>),
    /// Two sheets compared.
    Compared {
        /// The older one's name.
        old: String,
        /// The newer one's name.
        new: String,
        /// How they differ.
        comparison: Box<Comparison>,
    },
    /// A sheet is gone.
    Removed(String),
    /// Plans take their costs from it.
    Used {
        /// The sheet.
        name: String,
        /// What to say.
        told: String,
    },
    /// A mapping is saved under this name.
    MappingSaved(String),
    /// Something could not be done; nothing was stored.
    Failed(String),
}

/// What a line is typed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SheetAsk {
    /// The name of the sheet that was read.
    Name,
    /// Market and month to fetch.
    Market,
    /// The name of a mapping.
    MappingName,
}
