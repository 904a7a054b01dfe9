//! The consent to a CPV app in a customer's tenant: what is asked for, and what came of it.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::application_grant::ApplicationGrant;
use super::ids::CustomerId;

/// What an app is to be allowed in customers' tenants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentTerms {
    /// The app, a GUID.
    pub app_id: String,
    /// The name under which customers see it.
    pub display_name: String,
    /// What it may do there.
    pub grants: Vec<ApplicationGrant>,
}

/// What came of asking for it in one tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsentOutcome {
    /// It was given.
    Given,
    /// The one that was there was taken away, and it was given anew.
    Replaced,
    /// There was one before, which stays as it is, be it for the same permissions or for others.
    Already,
    /// It was not given.
    Failed {
        /// Why.
        reason: String,
        /// Whether one that was there is taken away, so that the app has none now.
        #[serde(default)]
        removed: bool,
    },
}

impl ConsentOutcome {
    /// Its name for programs.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Given => "given",
            Self::Replaced => "replaced",
            Self::Already => "already",
            Self::Failed { .. } => "failed",
        }
    }

    /// Why it was not given.
    #[must_use]
    pub fn failure(&self) -> Option<&str> {
        match self {
            Self::Failed { reason, .. } => Some(reason),
            Self::Given | Self::Replaced | Self::Already => None,
        }
    }
}

/// What is known of an app's consent in one tenant: what came of asking for it the last time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApplicationConsent {
    /// The tenant.
    pub customer: CustomerId,
    /// The app.
    pub app_id: String,
    /// When, UTC.
    pub at: Timestamp,
    /// Who asked.
    pub by: String,
    /// What came of it.
    pub outcome: ConsentOutcome,
    /// What the app may do there, as [`ApplicationGrant::list`] tells; none where that is not known.
    #[serde(default)]
    pub grants: Option<String>,
}

impl ApplicationConsent {
    /// The day (UTC) since which the tenant is known to have it; none where it was not given.
    #[must_use]
    pub fn since(&self) -> Option<Date> {
        let has = self.outcome.failure().is_none();
        has.then(|| self.at.to_zoned(TimeZone::UTC).date())
    }
}
