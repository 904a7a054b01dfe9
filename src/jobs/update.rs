//! Update: bringing ticked rows under management, in one transaction that writes what the operator confirmed and nothing else.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::portfolio;
use crate::domain::update::{self, Preview, Request, Verdict};
use crate::store::{AuditEvent, Prepared, Store, StoreError};

/// Works out what an Update would do with the store as it is now.
///
/// # Errors
/// When the store can't be read.
pub fn preview(store: &Store, request: &Request) -> Result<Preview, StoreError> {
    let state = portfolio::load(store)?;
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    Ok(update::preview(&state.portfolio, request, today))
}

/// What became of a confirmed Update.
#[derive(Debug)]
pub enum Applied {
    /// All of it is written.
    Written,
    /// The store moved on since the preview, and an Update would do something else now: nothing was written.
    Stale(Preview),
}

/// Writes what was confirmed. Where the store has moved on, it is worked out again: if it is still the same it is written, else
/// the new preview is returned for another look.
///
/// # Errors
/// When the store can't be written; nothing is written then.
pub fn apply(store: &Store, request: &Request, confirmed: &Preview) -> Result<Applied, StoreError> {
    let mut confirmed = confirmed.clone();
    loop {
        let prepared = prepare(store, &confirmed)?;
        let written = store.write(|txn| {
            if txn.generation()?.data != confirmed.generation {
                return Ok(false);
            }
            for record in &prepared {
                txn.put_prepared(record)?;
            }
            txn.audit(summary(&confirmed))?;
            Ok(true)
        })?;
        if written {
            return Ok(Applied::Written);
        }
        let now = preview(store, request)?;
        if now.clients != confirmed.clients || now.services != confirmed.services {
            return Ok(Applied::Stale(now));
        }
        // Something else moved, such as another client's record: what was confirmed still stands.
        confirmed.generation = now.generation;
    }
}

/// The records to write, encoded before the transaction. They are compared with what is stored now; the transaction refuses
/// them if that changes before it.
fn prepare(store: &Store, confirmed: &Preview) -> Result<Vec<Prepared>, StoreError> {
    store.read(|txn| {
        let mut prepared = Vec::new();
        for line in &confirmed.clients {
            match &line.verdict {
                Verdict::Create(client) => prepared.push(Prepared::client(None, client)?),
                Verdict::Change { after, .. } => {
                    prepared.push(Prepared::client(txn.client(&line.key)?.as_ref(), after)?);
                }
                _ => {}
            }
        }
        for line in &confirmed.services {
            match &line.verdict {
                Verdict::Create(service) => prepared.push(Prepared::service(None, service)?),
                Verdict::Change { after, .. } => {
                    prepared.push(Prepared::service(txn.service(&line.key)?.as_ref(), after)?);
                }
                _ => {}
            }
        }
        Ok(prepared)
    })
}

fn summary(preview: &Preview) -> AuditEvent {
    let (clients, services) = (preview.client_counts(), preview.service_counts());
    AuditEvent {
        action: "update".to_owned(),
        subject: "data migration".to_owned(),
        detail: format!(
            "clients: {} new, {} changed; services: {} new, {} changed; first period: {}",
            clients.created,
            clients.changed,
            services.created,
            services.changed,
            preview.customer_order_sums()
        ),
    }
}
