//! What screens and layers ask of each other and of the world, and what they hear back: types that all of them know, and that know
//! none of them.

pub mod migration;
pub mod offer_sheet;
pub mod plans;
pub mod settings;
pub mod sheets;

use std::collections::BTreeSet;

use super::widgets::grid::Source;
use crate::store::SecretName;

/// What a value is typed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// A cell or a column of Data Migration.
    Migration(migration::Edit),
    /// A cell or a column of Plans.
    Plans(plans::Edit),
    /// Something on Price Sheets.
    Sheets(sheets::SheetAsk),
    /// Something on Settings.
    Settings(settings::SettingsAsk),
}

/// What a secret is typed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretAsk {
    /// One of the CSP settings.
    Settings(SecretName),
}

/// A value to choose, and for what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// A cell or a column of Data Migration.
    Migration(migration::Edit, migration::Choice),
    /// Something of Plans or of a form on top of it.
    Plans(plans::PlansChoice),
    /// Something on Settings.
    Settings(settings::SettingsChoice),
}

/// Values of which any number was ticked, and for what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ManyChoice {
    /// The countries whose registration ID is asked for, as ISO 3166 alpha-2.
    RegistrationIdCountries(BTreeSet<String>),
}

/// A table of plain texts. The screen's marks are no part of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportTable {
    /// What the rows are, and the sheet's name in a workbook.
    pub name: &'static str,
    /// The headings.
    pub headings: Vec<String>,
    /// The rows that are shown, in their order.
    pub rows: Vec<Vec<String>>,
}

impl ExportTable {
    /// The rows of a grid, in the order that it shows them.
    #[must_use]
    pub fn of(name: &'static str, source: &impl Source, order: &[u32]) -> Self {
        let columns = source.columns().len();
        let rows = order
            .iter()
            .map(|row| {
                (0..columns)
                    .map(|column| {
                        let text = source.cell(*row, column).text;
                        if text == "-" { String::new() } else { text.into_owned() }
                    })
                    .collect()
            })
            .collect();
        Self { name, headings: (0..columns).map(|at| source.title(at).to_owned()).collect(), rows }
    }
}
