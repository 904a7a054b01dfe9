//! Ticking rows, each time as a step that can be undone.

use std::collections::HashSet;
use std::hash::Hash;

use crate::domain::ids::{CustomerId, ServiceKey};
use crate::ui::out::Out;
use crate::ui::widgets::grid::{GridState, Ticks};

use super::draft::Step;
use super::tick_set::{TickChange, TickSet};
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
        let gone = match self.focus {
            Focus::Clients => self.lost_client_ticks.len(),
            Focus::Services => self.lost_service_ticks.len(),
        };
        let focus = self.focus;
        let mut step = Step { label: "clear".to_owned(), ..Step::default() };
        match focus {
            Focus::Clients => self.with_client_ticks(|set| step.client_ticks.off = std::mem::take(set)),
            Focus::Services => self.with_service_ticks(|set| step.service_ticks.off = std::mem::take(set)),
        }
        if step.client_ticks.is_empty() && step.service_ticks.is_empty() {
            return out.done("nothing is ticked in this grid");
        }
        self.remember_ticks(step, out);
        if gone > 0 {
            out.done(format!("ticks cleared, {gone} of them of rows that are gone"));
        } else if hidden > 0 {
            out.done(format!("ticks cleared, {hidden} of them hidden by the filter; u brings them back"));
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
        let after = &self.grid().ticks;
        let (on, off) = (after.without(&before), before.without(after));
        if on.count() + off.count() == 0 {
            return false;
        }
        let mut step = Step { label: label.to_owned(), ..Step::default() };
        match self.focus {
            Focus::Clients => step.client_ticks = TickChange { on: on.into(), off: off.into() },
            Focus::Services => step.service_ticks = TickChange { on: on.into(), off: off.into() },
        }
        self.remember_ticks(step, out);
        true
    }

    fn remember_ticks(&mut self, step: Step, out: &mut Out) {
        self.draft.remember(step);
        self.ticks_changed(self.focus);
        self.follow_cursor(out);
        self.restatus();
    }

    /// Makes a step's change of ticks.
    pub(super) fn make_ticks(&mut self, clients: &TickChange<CustomerId>, services: &TickChange<ServiceKey>) {
        self.with_client_ticks(|set| clients.make(set));
        self.with_service_ticks(|set| services.make(set));
    }

    /// All ticked clients, those that are not there now included.
    pub(super) fn with_client_ticks<T>(&mut self, work: impl FnOnce(&mut TickSet<CustomerId>) -> T) -> T {
        with_set(&mut self.clients.ticks, &mut self.lost_client_ticks, work)
    }

    /// All ticked services, those that are not there now included.
    pub(super) fn with_service_ticks<T>(&mut self, work: impl FnOnce(&mut TickSet<ServiceKey>) -> T) -> T {
        with_set(&mut self.services.ticks, &mut self.lost_service_ticks, work)
    }

    pub(super) fn ticks_changed(&mut self, grid: Focus) {
        self.change += 1;
        if grid == Focus::Clients && self.scope == Scope::Ticked {
            self.rescope();
        }
    }
}

/// Works on a grid's ticks as one set, without copying them.
pub(super) fn with_set<K: Hash + Eq, T>(
    rows: &mut Ticks,
    lost: &mut HashSet<K>,
    work: impl FnOnce(&mut TickSet<K>) -> T,
) -> T {
    let mut set = TickSet { rows: std::mem::take(rows), lost: std::mem::take(lost) };
    let result = work(&mut set);
    (*rows, *lost) = (set.rows, set.lost);
    result
}
