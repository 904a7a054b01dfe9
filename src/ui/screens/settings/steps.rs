//! The first steps of a new user: what is done, and the key for what is next.

use crate::domain::token::{Standing, Trouble};
use crate::jobs::overview::Overview;
use crate::store::SecretName;

/// A step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FirstStep {
    pub(super) title: &'static str,
    pub(super) done: bool,
    /// The key that leads on.
    pub(super) key: &'static str,
    /// What to do, a few words.
    pub(super) what: &'static str,
}

/// All steps, in their order. `standing` is that of the refresh token now.
pub(super) fn first_steps(overview: &Overview, standing: Standing) -> [FirstStep; 6] {
    // Where Microsoft refuses the app, the token may be good.
    let is_app_refused = standing == Standing::Refused(Trouble::App);
    let has_app = overview.settings.value.cpv_app_id.is_some()
        && overview.secret(SecretName::CpvAppSecret).is_some()
        && !is_app_refused;
    let has_token =
        is_app_refused || !matches!(standing, Standing::Missing | Standing::Refused(_) | Standing::Lapsed(_));
    let step = |title, done, key, what| FirstStep { title, done, key, what };
    [
        step("app id and secret", has_app, "Enter", "fill in app id, secret, domain; ^S saves"),
        step("partner consent", has_token, "c", "give the partner consent"),
        step("check", overview.is_checked(), "t", "check every service"),
        step("price sheet", overview.has_sheets, "2", "import or fetch a price sheet"),
        step("plan", overview.has_plans, "3", "make a plan with a margin"),
        step("CSP data", overview.has_data, "4", "request customers and subscriptions"),
    ]
}
