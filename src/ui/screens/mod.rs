//! The tabs. Each that holds something is a [`Screen`]: plain data that takes actions and draws itself.

pub mod migration;
pub mod pane;
pub mod placeholder;
pub mod plans;
pub mod settings;
pub mod sheets;

use std::collections::BTreeSet;
use std::path::PathBuf;

use ratatui::Frame;
use ratatui::layout::Rect;
use secrecy::SecretString;

use super::action::Action;
use super::commands::Context;
use super::out::Out;
use super::theme::Theme;
use super::widgets::grid::Source;
use crate::store::SecretName;

/// A tab that holds something.
pub trait Screen {
    /// Whose keys work on it.
    fn context(&self) -> Context;
    /// Takes an action of the command table; what it asks of the world goes to `out`.
    fn act(&mut self, action: Action, out: &mut Out);
    /// Filters the grid that has the keys.
    fn set_filter(&mut self, text: &str, out: &mut Out);
    /// Takes a typed value; the sentence says why it can't be taken.
    ///
    /// # Errors
    /// When the text does not fit what was asked.
    fn typed(&mut self, ask: Ask, text: &str, out: &mut Out) -> Result<(), String>;
    /// Takes a typed secret; the sentence says why it can't be taken. A tab that asks for none gets none.
    ///
    /// # Errors
    /// When it is no such secret.
    fn secret_typed(&mut self, _ask: SecretAsk, _secret: SecretString, _out: &mut Out) -> Result<(), String> {
        Ok(())
    }
    /// Takes a chosen value.
    fn chosen(&mut self, choice: &Choice, out: &mut Out);
    /// Takes ticked values. A tab that asks for none gets none.
    fn chosen_many(&mut self, _choice: &ManyChoice, _out: &mut Out) {}
    /// Takes a chosen file.
    fn file(&mut self, path: PathBuf, out: &mut Out);
    /// The grid that has the keys, as it is filtered and sorted.
    fn export(&self) -> ExportTable;
    /// The line above the key hints.
    fn status(&self) -> String;
    /// What is wrong with the row under the cursor.
    fn problem(&self) -> Option<String>;
    /// Draws it. `job` says how far a running job is; it is shown where its rows will be.
    fn draw(&mut self, frame: &mut Frame<'_>, area: Rect, job: Option<&str>, theme: &Theme);
}

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
