//! What is known of the app's consent in customers' tenants.

use super::audit::AuditEvent;
use super::codec::{self, Rows};
use super::error::StoreError;
use super::tables;
use super::txn::{ReadTxn, WriteTxn};
use crate::domain::application_consent::{ApplicationConsent, ConsentOutcome};
use crate::domain::ids::CustomerId;

impl ReadTxn {
    /// What came of asking for it the last time, by customer.
    ///
    /// # Errors
    /// When the store can't be read; so it is for all that follows.
    pub fn application_consents(&self) -> Result<Vec<ApplicationConsent>, StoreError> {
        self.collect(tables::APPLICATION_CONSENTS, Rows::all(), codec::decode)
    }

    /// The same of one customer.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn application_consent(
        &self,
        customer: &CustomerId,
    ) -> Result<Option<ApplicationConsent>, StoreError> {
        self.get(tables::APPLICATION_CONSENTS, customer.as_str().as_bytes())
    }
}

impl WriteTxn {
    /// Keeps what came of asking one customer, and notes in the audit chain what was changed in its tenant. Dashboards read it
    /// once [`WriteTxn::close_application_consents`] tells them to: reading all for each of thousands would be their only work.
    ///
    /// # Errors
    /// When the store can't be written.
    pub fn put_application_consent(&mut self, consent: &ApplicationConsent) -> Result<(), StoreError> {
        let customer = consent.customer.as_str();
        self.put(tables::APPLICATION_CONSENTS, customer.as_bytes(), consent)?;
        let action = match &consent.outcome {
            ConsentOutcome::Given => "application_consent.give",
            ConsentOutcome::Replaced => "application_consent.replace",
            ConsentOutcome::Failed { removed: true, .. } => "application_consent.remove",
            ConsentOutcome::Already | ConsentOutcome::Failed { removed: false, .. } => return Ok(()),
        };
        let grants = consent.grants.as_ref().map(|grants| format!("; grants: {grants}")).unwrap_or_default();
        self.audit(AuditEvent {
            action: action.to_owned(),
            subject: customer.to_owned(),
            detail: format!("app: {}{grants}", consent.app_id),
        })
    }

    /// Notes that no more customers are asked, with what came of it.
    ///
    /// # Errors
    /// When the store can't be written.
    pub fn close_application_consents(&mut self, app_id: &str, summary: &str) -> Result<(), StoreError> {
        self.touch_data();
        self.audit(AuditEvent {
            action: "application_consent.batch".to_owned(),
            subject: app_id.to_owned(),
            detail: summary.to_owned(),
        })
    }
}
