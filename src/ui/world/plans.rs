//! The hands of the tab Plans.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use super::World;
use crate::domain::ids::PlanId;
use crate::domain::portfolio::Portfolio;
use crate::domain::record::Versioned;
use crate::domain::sheet_record::SheetRecord;
use crate::domain::text::{counted, printable, thousands};
use crate::jobs::plans::{self, PlanSummary, Undone};
use crate::store::{DraftDelta, Store, StoreError};
use crate::ui::event::{Event, Notice};
use crate::ui::messages::offer_sheet::OfferSheet;
use crate::ui::messages::plans::{FormDraft, PlansEffect, PlansEvent, PlansLoaded, SheetChoice};

/// The store's name of this screen's drafts.
const SCREEN: &str = "plans";

/// A form is kept so long after it changes.
const KEEP_AFTER: Duration = Duration::from_millis(400);

/// The form that is to be kept; `None` once it is.
pub(super) type FormSlot = Option<Option<Box<FormDraft>>>;

impl World {
    /// Carries out what the tab asks for.
    pub(super) fn plans(&self, effect: PlansEffect) {
        if let PlansEffect::KeepForm(draft) = effect {
            return self.keep_form(draft);
        }
        self.blocking(move |world| {
            let changes = !matches!(effect, PlansEffect::Open(_) | PlansEffect::Reprice(_));
            for event in answer(&world.store, effect) {
                world.tell(Event::Plans(event));
            }
            if changes {
                world.load();
            }
        });
    }

    /// Tells the plans and what belongs to them, with the services that both sides have.
    pub(super) fn tell_plans(&self, portfolio: &Portfolio) {
        let mut sold: HashMap<PlanId, usize> = HashMap::new();
        for row in portfolio.services.iter().filter_map(|row| row.sold.as_ref()) {
            *sold.entry(row.plan.clone()).or_default() += 1;
        }
        match read(&self.store, &sold) {
            Ok(loaded) => self.tell(Event::Plans(PlansEvent::Loaded(Box::new(loaded)))),
            Err(error) => self.tell(Event::Notice(Notice::error(error.to_string()))),
        }
    }

    fn keep_form(&self, draft: Option<Box<FormDraft>>) {
        let mut slot = self.form.lock().unwrap_or_else(PoisonError::into_inner);
        if slot.replace(draft).is_none() {
            self.blocking(|world| {
                std::thread::sleep(KEEP_AFTER);
                world.store_form();
            });
        }
    }

    /// Stores the form that is to be kept, if there is one. A form that can't be stored is on the screen still; the next key press
    /// tries again.
    pub fn store_form(&self) {
        // Held until it is stored, so that an older form never goes over a newer one.
        let mut slot = self.form.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(draft) = slot.take()
            && let Err(error) = save_draft(&self.store, draft.as_deref())
        {
            self.tell(Event::Notice(Notice::error(format!("the form is not kept yet: {error}"))));
        }
    }
}

fn save_draft(store: &Store, draft: Option<&FormDraft>) -> Result<(), StoreError> {
    let bytes = match draft {
        Some(draft) => rmp_serde::to_vec_named(draft)
            .map_err(|error| StoreError::Fault(format!("a form can't be packed: {error}")))?,
        None => Vec::new(),
    };
    let delta = DraftDelta { view: Some(bytes), ..DraftDelta::default() };
    let uid = store.operator().uid;
    store.write(|txn| txn.save_drafts(uid, SCREEN, &delta, |_, _| Ok(None)))?;
    Ok(())
}

/// Reads what the tab shows. `sold` has the services of each plan.
///
/// # Errors
/// When the store can't be read.
pub(in crate::ui) fn read(store: &Store, sold: &HashMap<PlanId, usize>) -> Result<PlansLoaded, StoreError> {
    let uid = store.operator().uid;
    store.read(|txn| {
        let mut plans = txn.plans()?;
        plans.sort_by(|a, b| a.value.name.cmp(&b.value.name).then_with(|| a.value.id.cmp(&b.value.id)));
        let summary = |plan: Versioned<_>| {
            let plan: Versioned<crate::domain::plan::Plan> = plan;
            PlanSummary { services: sold.get(&plan.value.id).copied().unwrap_or_default(), plan }
        };
        let mut sheets = txn.sheets()?;
        sheets.retain(|sheet| sheet.value.facts.layout.has_prices());
        // The newest first.
        sheets.sort_by_key(|sheet| std::cmp::Reverse(sheet.updated_at));
        let last = txn.reprices()?.pop().map(|batch| {
            format!(
                "{} were repriced from {} by {} at {} UTC.",
                counted(batch.plans.len(), "plan"),
                printable(&batch.sheet),
                printable(&batch.by),
                batch.at.strftime("%Y-%m-%d %H:%M")
            )
        });
        Ok(PlansLoaded {
            plans: plans.into_iter().map(summary).collect(),
            sheets: sheets.iter().map(choice).collect(),
            labels: txn.offer_labels()?.into_iter().map(|label| label.value).collect(),
            settings: txn.settings()?.value,
            last_reprice: last,
            // A form that another version wrote in another way is left out.
            draft: txn.drafts(uid, SCREEN)?.view.and_then(|bytes| rmp_serde::from_slice(&bytes).ok()),
        })
    })
}

fn choice(record: &Versioned<SheetRecord>) -> SheetChoice {
    let facts = &record.value.facts;
    let mut about = vec![format!("{} rows", thousands(facts.rows))];
    about.extend(facts.month.clone());
    let few = |texts: &[String]| match texts.len() {
        0..=3 => texts.join(" "),
        count => format!("{} +{}", texts[..2].join(" "), count - 2),
    };
    about.extend([few(&facts.markets), few(&facts.currencies)].into_iter().filter(|text| !text.is_empty()));
    SheetChoice { name: record.value.name.clone(), about: about.join("  "), data: record.value.data }
}

/// Does what the tab asks of the store, and says what came of it.
pub(in crate::ui) fn answer(store: &Store, effect: PlansEffect) -> Vec<PlansEvent> {
    let event = match effect {
        PlansEffect::Open(name) => match open(store, &name) {
            Ok(sheet) => PlansEvent::Opened(Arc::new(sheet)),
            Err(error) => PlansEvent::NotOpened(error.to_string()),
        },
        PlansEffect::Create { forms, duplicates_too } => match plans::create(store, &forms, duplicates_too) {
            Ok(created) => PlansEvent::Created(Box::new(created)),
            Err(error) => PlansEvent::NotWritten(error.to_string()),
        },
        PlansEffect::Change(changes) => {
            let done = store.write(|txn| {
                changes.iter().try_for_each(|(revision, plan)| txn.put_plan(*revision, plan).map(drop))
            });
            match (done, &changes[..]) {
                (Ok(()), [(_, only)]) => {
                    PlansEvent::Changed(format!("the plan {} is changed", printable(&only.name)))
                }
                (Ok(()), many) => PlansEvent::Changed(format!("{} changed", counted(many.len(), "plan"))),
                (Err(error), _) => PlansEvent::NotWritten(error.to_string()),
            }
        }
        PlansEffect::Remove(ids) => match plans::remove(store, &ids) {
            Ok(()) => PlansEvent::Done(format!("{} removed", counted(ids.len(), "plan"))),
            Err(error) => PlansEvent::Failed(error.to_string()),
        },
        PlansEffect::SetLabels(changes) => match plans::set_labels(store, &changes) {
            Ok(()) => PlansEvent::Done(format!("{} set", counted(changes.len(), "offer"))),
            Err(error) => PlansEvent::Failed(error.to_string()),
        },
        PlansEffect::Reprice(order) => match plans::reprice_preview(store, &order) {
            Ok(preview) => PlansEvent::Repriced(Box::new(preview)),
            Err(error) => PlansEvent::Failed(error.to_string()),
        },
        PlansEffect::ApplyReprice(preview) => match plans::reprice_apply(store, &preview) {
            Ok(count) => PlansEvent::Done(format!("{} repriced; U undoes it", counted(count, "plan"))),
            Err(error) => PlansEvent::Failed(error.to_string()),
        },
        PlansEffect::UndoReprice => match plans::undo_last_reprice(store) {
            Ok(undone) => told(&undone),
            Err(error) => PlansEvent::Failed(error.to_string()),
        },
        PlansEffect::KeepForm(_) => return Vec::new(),
    };
    vec![event]
}

fn told(undone: &Undone) -> PlansEvent {
    let restored = format!("{} put back", counted(undone.restored.len(), "plan"));
    if undone.refused.is_empty() {
        return PlansEvent::Done(restored);
    }
    let refused: Vec<String> =
        undone.refused.iter().map(|refusal| format!("{} ({})", refusal.name, refusal.reason)).collect();
    PlansEvent::Failed(format!("{restored}; as they are stay {}", refused.join(", ")))
}

fn open(store: &Store, name: &str) -> Result<OfferSheet, plans::PlanJobError> {
    let data = store.read(|txn| txn.sheet(name))?.map_or(0, |record| record.value.data);
    let sheet = plans::sheet(store, name)?;
    Ok(OfferSheet::new(name.to_owned(), data, &sheet, Timestamp::now()))
}
