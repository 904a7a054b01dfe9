//! Storing drafts, and what waits for that: leaving and suspending. The loop goes on meanwhile, for the store may be in use.

use std::time::Duration;

use tokio::time::Instant;

use super::{Dashboard, Leaving, RunError};
use crate::store::hold_still;
use crate::ui::effect::Effect;
use crate::ui::event::{Event, Notice};

/// So long after leaving or suspending was asked for, it is said that it waits.
const SAY_AFTER: Duration = Duration::from_millis(300);
/// How often it is tried to keep the store still.
const STILL_EVERY: Duration = Duration::from_millis(10);
/// How long suspending waits for a transaction to end.
const STILL_WITHIN: Duration = Duration::from_secs(2);

/// What is done once all drafts are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Then {
    Leave,
    Suspend,
}

/// Something waits for the drafts.
pub(super) struct Waiting {
    then: Then,
    /// Whether all that there was when it was asked for is on its way: an earlier save may not have had it all.
    sent: bool,
    /// When the operator is told; from then on a key takes it back. Before, keys are meant for what comes after the program.
    pub(super) say_at: Option<Instant>,
}

/// Suspending waits for the end of transactions.
pub(super) struct Still {
    pub(super) next: Instant,
    until: Instant,
}

impl Dashboard {
    /// Takes what was typed, if it is for the dashboard. What comes while something waits for the drafts takes that back.
    pub(super) fn typed(&mut self, event: Event) -> Result<(), RunError> {
        let is_for_later = |waiting: &Waiting| waiting.say_at.is_some();
        if self.waiting.as_ref().is_some_and(is_for_later) {
            return Ok(());
        }
        self.waiting = None;
        self.still = None;
        self.take(event)
    }

    /// Leaves or suspends once what was typed is stored. Keys go on meanwhile.
    pub(super) fn store_then(&mut self, then: Then) -> Result<(), RunError> {
        if !self.app.migration.may_save_drafts() {
            return self.go_on(then);
        }
        let say_at = Some(Instant::now() + SAY_AFTER);
        self.waiting = Some(Waiting { then, sent: !self.saving, say_at });
        if !self.saving {
            self.begin_save();
        }
        Ok(())
    }

    pub(super) fn say_waiting(&mut self) -> Result<(), RunError> {
        let Some(waiting) = &mut self.waiting else { return Ok(()) };
        waiting.say_at = None;
        let what = match waiting.then {
            Then::Leave => "leaving",
            Then::Suspend => "suspending",
        };
        self.take(Event::Notice(Notice::done(format!(
            "{what} as soon as your ticks and edits are stored; any key takes that back"
        ))))
    }

    /// Drafts are stored, or can't be.
    pub(super) fn saved(&mut self, reason: Option<&str>) -> Result<(), RunError> {
        let Some(waiting) = self.waiting.take() else { return Ok(()) };
        match (reason, waiting.then) {
            (None, _) if !waiting.sent || self.app.migration.has_unsaved_drafts() => {
                self.waiting = Some(Waiting { sent: true, ..waiting });
                self.begin_save();
                Ok(())
            }
            (Some(reason), Then::Leave) => {
                // The operator decides.
                self.app.leave_anyway = true;
                self.app.notice = Some(Notice::error(format!(
                    "your last ticks and edits can't be stored, q once more leaves without them: {reason}"
                )));
                Ok(())
            }
            (_, then) => self.go_on(then),
        }
    }

    fn go_on(&mut self, then: Then) -> Result<(), RunError> {
        match then {
            Then::Leave => {
                self.leaving = Some(Leaving::Asked);
                Ok(())
            }
            Then::Suspend => {
                self.still = Some(Still { next: Instant::now(), until: Instant::now() + STILL_WITHIN });
                self.try_suspend()
            }
        }
    }

    /// Suspends as soon as no transaction is under way: stopped in the middle of one, this process would keep everybody else out
    /// of the store.
    pub(super) fn try_suspend(&mut self) -> Result<(), RunError> {
        let Some(still) = &mut self.still else { return Ok(()) };
        let Some(held) = hold_still(Duration::ZERO) else {
            if Instant::now() < still.until {
                still.next = Instant::now() + STILL_EVERY;
                return Ok(());
            }
            self.still = None;
            return self.take(Event::Notice(Notice::error(
                "the store is being written: press Ctrl-Z again in a moment",
            )));
        };
        self.still = None;
        self.suspend(held)
    }

    pub(super) fn save(&mut self) {
        self.save_at = None;
        if self.app.migration.has_unsaved_drafts() && !self.saving {
            self.begin_save();
        }
    }

    /// Has drafts and view stored; the end comes as an event. There is never more than one such change on its way.
    fn begin_save(&mut self) {
        self.save_at = None;
        self.saving = true;
        let change = self.app.migration.draft_change();
        self.world.carry_out(Effect::SaveDrafts(Box::new(change)));
    }

    /// Waits for the end of the save that is on its way; the reason where it failed.
    async fn wait_saved(&mut self) -> Option<String> {
        while self.saving {
            match self.events.recv().await {
                Some(event @ Event::DraftsSaved { .. }) => {
                    self.saving = false;
                    drop(self.app.update(event));
                }
                Some(Event::DraftsNotSaved(reason)) => {
                    self.saving = false;
                    return Some(reason);
                }
                Some(_) => {}
                None => return Some("the program ended before it was done".to_owned()),
            }
        }
        None
    }

    pub(super) async fn end(mut self, result: Result<(), RunError>) -> Result<(), RunError> {
        // Also where the loop ended by an error: what was typed is not the terminal's fault.
        let mut unsaved = None;
        if self.leaving != Some(Leaving::Asked) && self.app.migration.may_save_drafts() {
            drop(self.wait_saved().await);
            self.begin_save();
            unsaved = self.wait_saved().await;
        }
        let world = self.world.clone();
        let keep = move || {
            world.store_form();
            world.store_settings_draft();
        };
        if let Err(error) = tokio::task::spawn_blocking(keep).await {
            tracing::error!("the unfinished form could not be kept: {error}");
        }
        self.input = None;
        result?;
        match unsaved {
            Some(reason) => Err(RunError::Drafts(reason)),
            None => Ok(()),
        }
    }
}
