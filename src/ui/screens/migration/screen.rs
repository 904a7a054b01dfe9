//! Data Migration as one of the dashboard's tabs.

use std::path::PathBuf;

use ratatui::Frame;
use ratatui::layout::Rect;

use super::{Migration, draw};
use crate::ui::action::Action;
use crate::ui::commands::Context;
use crate::ui::messages;
use crate::ui::messages::{Ask, ExportTable};
use crate::ui::out::Out;
use crate::ui::screens::Screen;
use crate::ui::theme::Theme;

impl Screen for Migration {
    fn context(&self) -> Context {
        Context::Migration
    }

    fn act(&mut self, action: Action, out: &mut Out) {
        self.take_action(action, out);
    }

    fn set_filter(&mut self, text: &str, out: &mut Out) {
        self.filter_grid(text, out);
    }

    fn typed(&mut self, ask: Ask, text: &str, out: &mut Out) -> Result<(), String> {
        let Ask::Migration(edit) = ask else { return Ok(()) };
        self.type_value(edit, text, out)
    }

    fn chosen(&mut self, choice: &messages::Choice, out: &mut Out) {
        if let messages::Choice::Migration(edit, choice) = choice {
            self.choose_value(*edit, choice, out);
        }
    }

    /// Nothing here asks for one.
    fn file(&mut self, _: PathBuf, _: &mut Out) {}

    fn export(&self) -> ExportTable {
        self.export_shown()
    }

    fn status(&self) -> String {
        self.status.line()
    }

    fn problem(&self) -> Option<String> {
        self.explain()
    }

    fn draw(&mut self, frame: &mut Frame<'_>, area: Rect, job: Option<&str>, theme: &Theme) {
        draw::draw(self, frame, area, job, theme);
    }
}
