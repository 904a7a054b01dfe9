//! The operator's drafts: to the store and back. Several dashboards of one operator share them, so only what this one changed is
//! stored, over what is there, and what another one stored is told.

use std::sync::PoisonError;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Seen, World};
use crate::domain::ids::{CustomerId, ServiceKey, SubscriptionId};
use crate::domain::typed::Typed;
use crate::jobs::token;
use crate::store::{DraftDelta, Drafts, StoreError, TickDelta};
use crate::ui::event::{Event, Notice};
use crate::ui::messages::migration::{DraftChange, EditChange, SavedDrafts, Ticked};

/// The store's name of this screen's drafts.
pub(super) const SCREEN: &str = "migration";
const CLIENTS: &str = "clients";
const SERVICES: &str = "services";

impl World {
    /// Looks for what others wrote. What another dashboard of the operator stored as drafts is told.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn look(&self) -> Result<Seen, StoreError> {
        let uid = self.store.operator().uid;
        let (seen, count) = self.store.read(|txn| {
            let seen = Seen { generation: txn.generation()?.data, token: token::standing(txn)? };
            Ok((seen, txn.draft_count(uid, SCREEN)?))
        })?;
        let known = *self.known_drafts.lock().unwrap_or_else(PoisonError::into_inner);
        if known.is_some_and(|known| known != count) {
            self.read_drafts()?;
        }
        Ok(seen)
    }

    /// Reads the drafts anew, for an open dashboard.
    pub(super) fn read_drafts(&self) -> Result<(), StoreError> {
        let mut known = self.known_drafts.lock().unwrap_or_else(PoisonError::into_inner);
        self.read_drafts_into(&mut known)
    }

    fn read_drafts_into(&self, known: &mut Option<u64>) -> Result<(), StoreError> {
        let uid = self.store.operator().uid;
        let drafts = self.store.read(|txn| txn.drafts(uid, SCREEN))?;
        *known = Some(drafts.count);
        self.tell(Event::DraftsRead(Box::new(saved_drafts(drafts))));
        Ok(())
    }

    /// Stores what was typed and ticked. The end is told, and what another dashboard of the operator had stored meanwhile.
    pub(super) fn save(&self, change: &DraftChange) {
        let mut known = self.known_drafts.lock().unwrap_or_else(PoisonError::into_inner);
        let uid = self.store.operator().uid;
        let saved = draft_delta(change).and_then(|delta| {
            self.store
                .write(|txn| txn.save_drafts(uid, SCREEN, &delta, |at, stored| merged(change, at, stored)))
        });
        match saved {
            Ok(counts) => {
                self.tell(Event::DraftsSaved { change: change.change });
                if *known == Some(counts.before) {
                    *known = Some(counts.now);
                } else if let Err(error) = self.read_drafts_into(&mut known) {
                    // The count that is known stays the old one, so the next look tries again.
                    self.tell(Event::Notice(Notice::error(error.to_string())));
                }
            }
            Err(error) => self.tell(Event::DraftsNotSaved(error.to_string())),
        }
    }
}

/// Between the two ids of a service in a draft's key; no id holds a control character.
const BETWEEN: char = '\u{1f}';

fn service_text(key: &ServiceKey) -> String {
    format!("{}{BETWEEN}{}", key.customer, key.subscription)
}

fn service_key(text: &str) -> Option<ServiceKey> {
    let (customer, subscription) = text.split_once(BETWEEN)?;
    Some(ServiceKey {
        customer: CustomerId::parse(customer).ok()?,
        subscription: SubscriptionId::parse(subscription).ok()?,
    })
}

fn draft_delta(change: &DraftChange) -> Result<DraftDelta, StoreError> {
    let clients = change.clients.iter().map(|(id, _)| (CLIENTS.to_owned(), id.to_string()));
    let services = change.services.iter().map(|(key, _)| (SERVICES.to_owned(), service_text(key)));
    Ok(DraftDelta {
        ticks: vec![
            tick_delta(CLIENTS, &change.client_ticks, ToString::to_string),
            tick_delta(SERVICES, &change.service_ticks, service_text),
        ],
        edits: clients.chain(services).collect(),
        view: Some(packed(&change.view)?),
    })
}

fn tick_delta<K>(grid: &str, ticked: &Ticked<K>, text: impl Fn(&K) -> String) -> TickDelta {
    TickDelta {
        grid: grid.to_owned(),
        on: ticked.on.iter().map(&text).collect(),
        off: ticked.off.iter().map(&text).collect(),
    }
}

/// What is to be stored of a row: what was changed here, over what is stored.
fn merged(change: &DraftChange, at: usize, stored: Option<&[u8]>) -> Result<Option<Vec<u8>>, StoreError> {
    let clients = change.clients.len();
    match (change.clients.get(at), change.services.get(at.wrapping_sub(clients))) {
        (Some((_, change)), _) => over_stored(change, stored),
        (None, Some((_, change))) => over_stored(change, stored),
        (None, None) => Ok(stored.map(<[u8]>::to_vec)),
    }
}

fn over_stored<E: Typed + Default + Serialize + DeserializeOwned>(
    change: &EditChange<E>,
    stored: Option<&[u8]>,
) -> Result<Option<Vec<u8>>, StoreError> {
    // What an older program wrote in another form is not read at the start either.
    let stored: Option<E> = stored.and_then(|bytes| rmp_serde::from_slice(bytes).ok());
    let merged = E::merged(change.before.as_ref(), change.now.as_ref(), stored.as_ref());
    merged.as_ref().map(packed).transpose()
}

fn packed<T: Serialize>(value: &T) -> Result<Vec<u8>, StoreError> {
    rmp_serde::to_vec_named(value)
        .map_err(|error| StoreError::Fault(format!("a draft can't be packed: {error}")))
}

/// Drafts that an older program wrote in another form are left out one by one, not as a whole.
pub(super) fn saved_drafts(drafts: Drafts) -> SavedDrafts {
    let mut saved = SavedDrafts::default();
    let ticks = |grid: &str| drafts.ticks.get(grid).cloned().unwrap_or_default();
    saved.client_ticks = ticks(CLIENTS).iter().filter_map(|id| CustomerId::parse(id).ok()).collect();
    saved.service_ticks = ticks(SERVICES).iter().filter_map(|key| service_key(key)).collect();
    for (grid, id, bytes) in &drafts.edits {
        match grid.as_str() {
            CLIENTS => {
                if let (Ok(id), Ok(edit)) = (CustomerId::parse(id), rmp_serde::from_slice(bytes)) {
                    saved.clients.push((id, edit));
                }
            }
            SERVICES => {
                if let (Some(key), Ok(edit)) = (service_key(id), rmp_serde::from_slice(bytes)) {
                    saved.services.push((key, edit));
                }
            }
            _ => {}
        }
    }
    saved.view = drafts.view.and_then(|bytes| rmp_serde::from_slice(&bytes).ok());
    saved
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::client::ClientEdit;
    use crate::domain::samples::{currency, customer_id, key, plan_id};
    use crate::domain::service::ServiceEdit;

    #[test]
    fn a_row_is_stored_over_what_is_there() {
        let named = ClientEdit { username: Some("ola".to_owned()), ..ClientEdit::default() };
        let priced = ClientEdit { currency: Some(currency("NOK")), ..ClientEdit::default() };
        let planned = ServiceEdit { plan: Some(plan_id("p")), ..ServiceEdit::default() };
        let change = DraftChange {
            clients: vec![(customer_id("acme"), EditChange { before: None, now: Some(named.clone()) })],
            services: vec![(key("acme", "a-e3"), EditChange { before: Some(planned.clone()), now: None })],
            ..DraftChange::default()
        };
        let delta = draft_delta(&change).unwrap();
        assert_eq!(delta.edits.len(), 2);
        let both = ClientEdit { currency: priced.currency, ..named.clone() };
        let stored = merged(&change, 0, Some(&packed(&priced).unwrap())).unwrap();
        assert_eq!(stored, Some(packed(&both).unwrap()));
        // What can't be read any more is not in the way.
        assert_eq!(merged(&change, 0, Some(b"\xc1")).unwrap(), Some(packed(&named).unwrap()));
        assert_eq!(merged(&change, 1, Some(&packed(&planned).unwrap())).unwrap(), None);

        let (grid, row) = delta.edits[1].clone();
        let drafts = Drafts {
            ticks: [(SERVICES.to_owned(), [service_text(&key("acme", "a-e3"))].into())].into(),
            edits: vec![(grid, row, packed(&planned).unwrap())],
            ..Drafts::default()
        };
        let saved = saved_drafts(drafts);
        assert_eq!(saved.service_ticks, [key("acme", "a-e3")]);
        assert_eq!(saved.services, [(key("acme", "a-e3"), planned)]);
    }
}
