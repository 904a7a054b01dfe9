//! Writing what is under management. Each write names the revision that it read, and notes itself in the audit chain.

use serde::Serialize;
use serde::de::DeserializeOwned;

use jiff::Timestamp;

use super::audit::AuditEvent;
use super::codec::{self, Head, Rows};
use super::conflict::{Conflict, FieldChange};
use super::diff;
use super::error::StoreError;
use super::reads::SETTINGS_KEY;
use super::tables;
use super::txn::WriteTxn;
use crate::domain::client::Client;
use crate::domain::ids::{CustomerId, PlanId, ServiceKey};
use crate::domain::offer_list::OfferLabel;
use crate::domain::plan::Plan;
use crate::domain::record::Versioned;
use crate::domain::service::Service;
use crate::domain::settings::Settings;
use crate::domain::sheet_record::SheetRecord;
use crate::domain::token::Trouble;

/// A record that is kept with a revision.
pub(super) trait Record: Serialize + DeserializeOwned {
    /// What it is called in the audit chain and in errors.
    const KIND: &'static str;
    const TABLE: &'static str;

    fn key(&self) -> Vec<u8>;

    /// Which one, for people.
    fn subject(&self) -> String;
}

impl Record for Settings {
    const KIND: &'static str = "settings";
    const TABLE: &'static str = tables::SETTINGS;

    fn key(&self) -> Vec<u8> {
        SETTINGS_KEY.to_vec()
    }

    fn subject(&self) -> String {
        "csp".to_owned()
    }
}

impl Record for Plan {
    const KIND: &'static str = "plan";
    const TABLE: &'static str = tables::PLANS;

    fn key(&self) -> Vec<u8> {
        self.id.as_str().as_bytes().to_vec()
    }

    fn subject(&self) -> String {
        self.id.to_string()
    }
}

impl Record for OfferLabel {
    const KIND: &'static str = "offer_label";
    const TABLE: &'static str = tables::OFFER_LABELS;

    fn key(&self) -> Vec<u8> {
        self.offer.to_string().into_bytes()
    }

    fn subject(&self) -> String {
        self.offer.to_string()
    }
}

impl Record for Client {
    const KIND: &'static str = "client";
    const TABLE: &'static str = tables::CLIENTS;

    fn key(&self) -> Vec<u8> {
        self.id.as_str().as_bytes().to_vec()
    }

    fn subject(&self) -> String {
        self.id.to_string()
    }
}

impl Record for Service {
    const KIND: &'static str = "service";
    const TABLE: &'static str = tables::SERVICES;

    fn key(&self) -> Vec<u8> {
        codec::service_key(&Service::key(self))
    }

    fn subject(&self) -> String {
        Service::key(self).to_string()
    }
}

impl Record for SheetRecord {
    const KIND: &'static str = "sheet";
    const TABLE: &'static str = tables::SHEETS;

    fn key(&self) -> Vec<u8> {
        self.name.as_bytes().to_vec()
    }

    fn subject(&self) -> String {
        self.name.clone()
    }
}

/// A write of one record that was worked out before the transaction, so that many of them keep the store only for a moment.
/// Many are written fastest in the order of their subjects.
#[derive(Debug, Clone)]
pub struct Prepared {
    kind: &'static str,
    table: &'static str,
    key: Vec<u8>,
    subject: String,
    expected: u64,
    value: Vec<u8>,
    detail: String,
    differences: Compare,
}

/// Finds where the stored and the prepared bytes of a record differ.
type Compare = fn(&[u8], &[u8]) -> Result<Vec<FieldChange>, String>;

impl Prepared {
    /// A client, new or over the version that was read.
    ///
    /// # Errors
    /// When it can't be encoded.
    pub fn client(before: Option<&Versioned<Client>>, after: &Client) -> Result<Self, StoreError> {
        Self::of(before, after)
    }

    /// A service, new or over the version that was read.
    ///
    /// # Errors
    /// When it can't be encoded.
    pub fn service(before: Option<&Versioned<Service>>, after: &Service) -> Result<Self, StoreError> {
        Self::of(before, after)
    }

    /// A plan, new or over the version that was read.
    ///
    /// # Errors
    /// When it can't be encoded.
    pub fn plan(before: Option<&Versioned<Plan>>, after: &Plan) -> Result<Self, StoreError> {
        Self::of(before, after)
    }

    /// Which record it is, such as `customer/subscription` for a service.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    fn of<T: Record>(before: Option<&Versioned<T>>, after: &T) -> Result<Self, StoreError> {
        let before = before.filter(|record| record.revision > 0);
        Ok(Self {
            kind: T::KIND,
            table: T::TABLE,
            key: after.key(),
            subject: after.subject(),
            expected: before.map_or(0, |record| record.revision),
            value: codec::encode(after)?,
            detail: match before {
                Some(record) => diff::line(&diff::changes(&record.value, after)?),
                None => diff::summary(after)?,
            },
            differences: differences::<T>,
        })
    }
}

fn differences<T: Record>(stored: &[u8], ours: &[u8]) -> Result<Vec<FieldChange>, String> {
    diff::changes(&codec::decode::<T>(stored)?, &codec::decode::<T>(ours)?).map_err(|e| e.to_string())
}

impl WriteTxn {
    /// Writes the CSP settings over the revision that was read (0: never set) and returns the new revision. Writing what is stored
    /// already changes nothing, here and in what follows. What Microsoft had against the app or the tenant is forgotten where one of
    /// them is another now; what it had against the refresh token itself is not.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] where another revision is stored; so it is for all that follows. Nothing is written then, and the
    /// transaction may go on.
    pub fn put_settings(&mut self, expected: u64, settings: &Settings) -> Result<u64, StoreError> {
        let before = self.settings()?;
        let is_another =
            before.value.cpv_app_id != settings.cpv_app_id || before.value.tenant() != settings.tenant();
        let revision = self.put_over(expected, Some(before), settings)?;
        if is_another {
            self.forgive_token(|refused| matches!(refused.trouble(), Trouble::App | Trouble::Tenant))?;
        }
        Ok(revision)
    }

    /// Writes a plan over the revision that was read (0: new) and returns the new revision.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] where another revision is stored.
    pub fn put_plan(&mut self, expected: u64, plan: &Plan) -> Result<u64, StoreError> {
        let before = self.plan(&plan.id)?;
        self.put_over(expected, before, plan)
    }

    /// Writes a client over the revision that was read (0: new) and returns the new revision.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] where another revision is stored.
    pub fn put_client(&mut self, expected: u64, client: &Client) -> Result<u64, StoreError> {
        let before = self.client(&client.id)?;
        self.put_over(expected, before, client)
    }

    /// Writes a service over the revision that was read (0: new) and returns the new revision.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] where another revision is stored.
    pub fn put_service(&mut self, expected: u64, service: &Service) -> Result<u64, StoreError> {
        let before = self.service(&service.key())?;
        self.put_over(expected, before, service)
    }

    pub(super) fn put_over<T: Record>(
        &mut self,
        expected: u64,
        before: Option<Versioned<T>>,
        after: &T,
    ) -> Result<u64, StoreError> {
        let mut prepared = Prepared::of(before.as_ref(), after)?;
        prepared.expected = expected;
        self.put_prepared(&prepared)
    }

    /// Writes a prepared record and returns its new revision.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] where another revision is stored than the one it was prepared over.
    pub fn put_prepared(&mut self, prepared: &Prepared) -> Result<u64, StoreError> {
        let Prepared { kind, table, key, subject, expected, value, detail, differences } = prepared;
        let stored = self.look(table, key, |bytes| {
            let (head, stored) = codec::split(bytes)?;
            if head.revision == *expected {
                return Ok((head, stored == value, Vec::new()));
            }
            Ok((head, false, differences(stored, value)?))
        })?;
        let found = stored.as_ref().map_or(0, |(head, _, _)| head.revision);
        if found != *expected {
            let (by, at, differences) = stored.map_or_else(
                || (String::new(), None, Vec::new()),
                |(head, _, differences)| (head.updated_by, Some(head.updated_at), differences),
            );
            let what = format!("{kind} {subject}");
            let conflict = Conflict { what, expected: *expected, found, by, at, differences };
            return Err(StoreError::Conflict(Box::new(conflict)));
        }
        if stored.is_some_and(|(_, same, _)| same) {
            return Ok(found);
        }
        let last = if found == 0 { self.removed_revision(table, key)? } else { found };
        let head = Head {
            revision: last + 1,
            updated_by: self.operator().name.clone(),
            updated_at: Timestamp::now(),
        };
        self.put_bytes(table, key, &codec::join(&head, value)?)?;
        self.touch_data();
        let verb = if found == 0 { "create" } else { "change" };
        self.audit(AuditEvent {
            action: format!("{kind}.{verb}"),
            subject: subject.clone(),
            detail: detail.clone(),
        })?;
        Ok(head.revision)
    }

    /// Removes a plan.
    ///
    /// # Errors
    /// [`StoreError::StillUsed`] while services are sold under it, [`StoreError::Conflict`] where another revision is stored.
    pub fn remove_plan(&mut self, expected: u64, id: &PlanId) -> Result<(), StoreError> {
        let mut count = 0;
        self.visit(tables::SERVICES, Rows::all(), |key, bytes| {
            #[derive(serde::Deserialize)]
            struct SoldUnder {
                plan: PlanId,
            }
            let sold = codec::decode_versioned::<SoldUnder>(bytes)
                .map_err(|why| self.unreadable(tables::SERVICES, key, &why))?;
            count += u64::from(sold.value.plan == *id);
            Ok(true)
        })?;
        self.refuse_while_used(count, || format!("plan {id}"), "services")?;
        let before = self.plan(id)?;
        self.remove_over(expected, before, id.as_str())
    }

    /// Removes a client.
    ///
    /// # Errors
    /// [`StoreError::StillUsed`] while it has services, [`StoreError::Conflict`] where another revision is stored.
    pub fn remove_client(&mut self, expected: u64, id: &CustomerId) -> Result<(), StoreError> {
        let mut count = 0;
        self.visit(tables::SERVICES, Rows::of_customer(id), |_, _| {
            count += 1;
            Ok(true)
        })?;
        self.refuse_while_used(count, || format!("client {id}"), "services")?;
        let before = self.client(id)?;
        self.remove_over(expected, before, id.as_str())
    }

    /// Removes a service.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] where another revision is stored.
    pub fn remove_service(&mut self, expected: u64, key: &ServiceKey) -> Result<(), StoreError> {
        let before = self.service(key)?;
        self.remove_over(expected, before, &key.to_string())
    }

    fn refuse_while_used(
        &self,
        count: u64,
        what: impl FnOnce() -> String,
        by: &'static str,
    ) -> Result<(), StoreError> {
        if count == 0 { Ok(()) } else { Err(StoreError::StillUsed { what: what(), count, by }) }
    }

    pub(super) fn remove_over<T: Record>(
        &mut self,
        expected: u64,
        before: Option<Versioned<T>>,
        subject: &str,
    ) -> Result<(), StoreError> {
        let found = before.as_ref().map_or(0, |record| record.revision);
        let before = match before {
            Some(before) if found == expected => before,
            other => {
                let (by, at) = other.map_or((String::new(), None), |b| (b.updated_by, Some(b.updated_at)));
                let what = format!("{} {subject}", T::KIND);
                let conflict = Conflict { what, expected, found, by, at, differences: Vec::new() };
                return Err(StoreError::Conflict(Box::new(conflict)));
            }
        };
        let key = before.value.key();
        self.remove(T::TABLE, &key)?;
        self.put(tables::REMOVED, &removed_key(T::TABLE, &key), &found)?;
        self.touch_data();
        self.audit(AuditEvent {
            action: format!("{}.remove", T::KIND),
            subject: subject.to_owned(),
            detail: diff::summary(&before.value)?,
        })
    }

    fn removed_revision(&self, table: &str, key: &[u8]) -> Result<u64, StoreError> {
        Ok(self.get(tables::REMOVED, &removed_key(table, key))?.unwrap_or(0))
    }
}

fn removed_key(table: &str, key: &[u8]) -> Vec<u8> {
    [table.as_bytes(), b"\0", key].concat()
}
