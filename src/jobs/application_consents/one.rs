//! Asking one customer.

use super::Checkpoint;
use crate::domain::application_consent::ConsentOutcome;
use crate::domain::ids::CustomerId;
use crate::partner_center::{ApiError, ApplicationConsent, Given, PartnerCenter};
use crate::store::JobItem;

/// A customer that was asked.
#[derive(Clone)]
pub(super) struct Attempt {
    pub(super) item: JobItem,
    pub(super) customer: CustomerId,
    pub(super) outcome: ConsentOutcome,
    /// Every other customer would fail in the same way; this one is to be asked again.
    pub(super) fatal: Option<ApiError>,
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

    pub(super) async fn ask(&self, center: &PartnerCenter, item: JobItem, customer: CustomerId) -> Attempt {
        let mut removed = false;
        let (outcome, fatal) = match self.give(center, &customer, &mut removed).await {
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
    ) -> Result<Given, ApiError> {
        if self.replace {
            let app = self.consent.application_id;
            *removed = center.remove_application_consent(customer, app).await?;
        }
        center.give_application_consent(customer, &self.consent).await
    }
}
