//! Asking one customer.

use jiff::Timestamp;

use super::Checkpoint;
use crate::domain::application_consent::{ApplicationConsent as Noted, ConsentOutcome};
use crate::domain::ids::CustomerId;
use crate::jobs::error::blocking;
use crate::partner_center::{ApiError, ApplicationConsent, Given, PartnerCenter};
use crate::store::{JobItem, Store};

/// A customer that was asked.
#[derive(Clone)]
pub(super) struct Attempt {
    pub(super) item: JobItem,
    pub(super) customer: CustomerId,
    pub(super) outcome: ConsentOutcome,
    /// Every other customer would fail in the same way; this one is to be asked again.
    pub(super) fatal: Option<ApiError>,
}

/// Keeps that consents were taken away before new ones are given: whoever is killed in between has said so.
pub(super) struct Removals {
    pub(super) store: Store,
    pub(super) app_id: String,
    /// The operator's name.
    pub(super) by: String,
}

impl Removals {
    /// Where it can't be written, giving the consent goes on.
    async fn note(&self, customer: CustomerId) {
        let reason = "it was taken away to be given anew".to_owned();
        let consent = Noted {
            customer,
            app_id: self.app_id.clone(),
            at: Timestamp::now(),
            by: self.by.clone(),
            outcome: ConsentOutcome::Failed { reason, removed: true },
            grants: None,
        };
        let store = self.store.clone();
        if let Err(error) = blocking(move || store.write(|txn| txn.put_application_consent(&consent))).await {
            tracing::warn!("that the app consent of a customer is taken away could not be noted: {error}");
        }
    }
}

/// What is asked for, as Partner Center takes it.
pub(super) struct Question {
    pub(super) consent: ApplicationConsent,
    pub(super) replace: bool,
}

impl Question {
    /// None where the app's id is none.
    pub(super) fn of(checkpoint: &Checkpoint) -> Option<Self> {
        let terms = &checkpoint.terms;
        let consent = ApplicationConsent {
            application_id: terms.app_id.parse().ok()?,
            display_name: terms.display_name.clone(),
            grants: terms.grants.clone(),
        };
        Some(Self { consent, replace: checkpoint.replace })
    }

    pub(super) async fn ask(
        &self,
        center: &PartnerCenter,
        item: JobItem,
        customer: CustomerId,
        removals: &Removals,
    ) -> Attempt {
        let mut removed = false;
        let (outcome, fatal) = match self.give(center, &customer, &mut removed, removals).await {
            Ok(Given::New) if removed => (ConsentOutcome::Replaced, None),
            Ok(Given::New) => (ConsentOutcome::Given, None),
            Ok(Given::Already) => (ConsentOutcome::Already, None),
            Err(error) => {
                let reason = match removed {
                    true => {
                        format!(
                            "the one that was there is taken away, but no new one could be given: {error}"
                        )
                    }
                    false => error.to_string(),
                };
                (
                    ConsentOutcome::Failed { reason, removed },
                    Some(error).filter(ApiError::concerns_everything),
                )
            }
        };
        Attempt { item, customer, outcome, fatal }
    }

    async fn give(
        &self,
        center: &PartnerCenter,
        customer: &CustomerId,
        removed: &mut bool,
        removals: &Removals,
    ) -> Result<Given, ApiError> {
        if self.replace {
            let app = self.consent.application_id;
            *removed = center.remove_application_consent(customer, app).await?;
            if *removed {
                removals.note(customer.clone()).await;
            }
        }
        center.give_application_consent(customer, &self.consent).await
    }
}
