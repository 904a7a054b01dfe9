//! Ticking rows, each time as a step that can be undone.

use crate::ui::out::Out;
use crate::ui::widgets::grid::GridState;

use super::draft::Step;
use super::{Focus, Migration, Scope};

impl Migration {
    pub(super) fn tick(&mut self, out: &mut Out) {
        let rows: Vec<u32> = self.grid().range().to_vec();
        if rows.is_empty() {
            return;
        }
        // A range is ticked as one; only where all of it is ticked already is it unticked.
        let ticked = rows.iter().any(|row| !self.grid().ticks.has(*row));
        let count = rows.len();
        self.change_ticks("tick", out, |state| {
            for row in &rows {
                state.ticks.set(*row, ticked);
            }
            state.anchor = None;
        });
        if count > 1 {
            out.done(format!("{count} rows {}", if ticked { "ticked" } else { "unticked" }));
        }
    }

    pub(super) fn tick_shown(&mut self, out: &mut Out) {
        if !self.change_ticks("tick all", out, GridState::tick_shown) {
            out.done("all rows that are shown are ticked already");
        }
    }

    pub(super) fn clear_ticks(&mut self, out: &mut Out) {
        let hidden = self.grid().hidden_ticks();
        let changed = self.change_ticks("clear", out, |state| state.ticks.clear());
        let gone = match self.focus {
            Focus::Clients => std::mem::take(&mut self.lost_client_ticks).len(),
            Focus::Services => std::mem::take(&mut self.lost_service_ticks).len(),
        };
        if gone > 0 {
            self.ticks_changed(self.focus);
            self.restatus();
            out.done(format!("ticks cleared, {gone} of them of rows that are gone"));
        } else if hidden > 0 {
            out.done(format!("ticks cleared, {hidden} of them hidden by the filter; u brings them back"));
        } else if !changed {
            out.done("nothing is ticked in this grid");
        }
    }

    /// Changes ticks as a step that can be undone; false where none changed.
    pub(super) fn change_ticks(
        &mut self,
        label: &str,
        out: &mut Out,
        work: impl FnOnce(&mut GridState),
    ) -> bool {
        let before = self.grid().ticks.clone();
        work(self.grid_mut());
        if self.grid().ticks == before {
            return false;
        }
        let mut step = Step { label: label.to_owned(), ..Step::default() };
        match self.focus {
            Focus::Clients => step.client_ticks = Some(before),
            Focus::Services => step.service_ticks = Some(before),
        }
        self.draft.remember(step);
        self.ticks_changed(self.focus);
        self.follow_cursor(out);
        self.restatus();
        true
    }

    pub(super) fn ticks_changed(&mut self, grid: Focus) {
        self.change += 1;
        match grid {
            Focus::Clients => {
                self.client_ticks_changed = true;
                if self.scope == Scope::Ticked {
                    self.rescope();
                }
            }
            Focus::Services => self.service_ticks_changed = true,
        }
    }
}
