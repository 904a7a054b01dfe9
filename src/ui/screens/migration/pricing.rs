//! Services that are to be sold at their plan's present price.

use std::sync::Arc;

use crate::domain::text::counted;
use crate::ui::out::Out;

use super::Migration;

impl Migration {
    /// Gives up the price that services were sold at for their plan's present one; of the ticked services, or of the one under
    /// the cursor.
    pub(super) fn take_plan_price(&mut self, out: &mut Out) {
        self.rested();
        let rows = self.chosen_services();
        if rows.is_empty() {
            return out.done("no service here");
        }
        let portfolio = Arc::clone(&self.portfolio);
        let moves = |row: &u32| {
            let now = self.draft.amounts(&portfolio, *row).ok();
            now.is_some() && now != self.draft.amounts_at_plan_price(&portfolio, *row).ok()
        };
        let (moving, staying): (Vec<u32>, Vec<u32>) = rows.into_iter().partition(moves);
        if moving.is_empty() {
            return out.done(format!(
                "{}: the plan's price is theirs already, or there is none",
                counted(staying.len(), "service")
            ));
        }
        let label = format!("the plan's price for {}", counted(moving.len(), "service"));
        let rest = match staying.len() {
            0 => String::new(),
            count => format!("; {} as before", counted(count, "other")),
        };
        out.done(format!("{label}, not saved yet{rest}"));
        self.draft.edit_services(&portfolio, &moving, label, |_, e| e.at_plan_price = true);
        self.after_edits(false);
    }

    /// The ticked services; without any, the one under the cursor.
    pub(super) fn chosen_services(&self) -> Vec<u32> {
        if self.services.ticks.count() > 0 {
            self.services.ticks.iter().collect()
        } else {
            self.services.current().into_iter().collect()
        }
    }
}
