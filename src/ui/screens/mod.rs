//! The tabs. Each that holds something is a [`Screen`]: plain data that takes actions and draws itself.

pub mod migration;
pub mod pane;
pub mod placeholder;
pub mod plans;
pub mod settings;
pub mod sheets;

use std::path::PathBuf;

use ratatui::Frame;
use ratatui::layout::Rect;
use secrecy::SecretString;

use super::action::Action;
use super::commands::Context;
use super::messages::{Ask, Choice, ExportTable, ManyChoice, SecretAsk};
use super::out::Out;
use super::theme::Theme;

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
