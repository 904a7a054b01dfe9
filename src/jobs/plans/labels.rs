//! What operators call offers, and how they sort them.

use super::error::PlanJobError;
use crate::domain::offer::Offer;
use crate::domain::offer_list::OfferLabel;
use crate::domain::record::Versioned;
use crate::store::{Store, StoreError};

/// A part of a label to be set; the other part stays as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LabelChange {
    /// The display name; none for Microsoft's own.
    Name(Option<String>),
    /// The place in the list; none to come last.
    Order(Option<u32>),
}

/// Every label, by offer.
///
/// # Errors
/// When the store can't be read.
pub fn labels(store: &Store) -> Result<Vec<Versioned<OfferLabel>>, PlanJobError> {
    Ok(store.read(|txn| txn.offer_labels())?)
}

/// Sets a part of some offers' labels in one transaction. What another operator wrote into the other part stays; of two who set the
/// same part the later one is right, as with a name on a shelf.
///
/// # Errors
/// When the store can't be written.
pub fn set_labels(store: &Store, changes: &[(Offer, LabelChange)]) -> Result<(), PlanJobError> {
    Ok(store.write(|txn| {
        for (offer, change) in changes {
            let stored = txn.offer_label(offer)?;
            let revision = stored.as_ref().map_or(0, |stored| stored.revision);
            let mut label = stored.map_or_else(
                || OfferLabel { offer: offer.clone(), name: None, order: None },
                |stored| stored.value,
            );
            match change {
                LabelChange::Name(name) => label.name.clone_from(name),
                LabelChange::Order(order) => label.order = *order,
            }
            txn.put_offer_label(revision, &label)?;
        }
        Ok::<_, StoreError>(())
    })?)
}
