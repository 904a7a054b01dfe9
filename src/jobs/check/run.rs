//! Going through the steps. A step that fails blocks only those that can't be told without it.

use std::time::Duration;

use jiff::Timestamp;

use super::{Outcome, Step, StepResult};
use crate::domain::settings::{Settings, is_guid};
use crate::domain::text::printable;
use crate::jobs::connect::{self, App, Connected};
use crate::jobs::error::{JobError, blocking};
use crate::jobs::reach::Reach;
use crate::jobs::secrets::{Secrets, is_in_vault, no_token};
use crate::jobs::token::not_renewed;
use crate::mail::{MailServer, Security};
use crate::partner_center::{ApiError, Claims, Organization, PartnerCenter};
use crate::store::{LastCheck, SecretName, Store};

/// The mail server of the configuration; its password is a secret.
#[derive(Debug, Clone)]
pub struct MailSetup {
    /// Its name; none where none is configured.
    pub host: Option<String>,
    /// Its port.
    pub port: u16,
    /// How the connection is secured.
    pub security: Security,
    /// Who signs in.
    pub user: Option<String>,
    /// Longest time for each command.
    pub timeout: Duration,
}

/// See the module above.
pub struct Check {
    /// Whose settings.
    pub store: Store,
    /// How Microsoft is reached.
    pub reach: Reach,
    /// The mail server.
    pub mail: MailSetup,
    /// Hears of each step as it ends.
    pub tell: Box<dyn Fn(&StepResult) + Send + Sync>,
}

/// What a step found.
type Found = Result<String, String>;

impl Check {
    /// Goes through all steps; what fails is told in their results.
    ///
    /// # Errors
    /// When the store can't be read.
    pub async fn run(self) -> Result<Vec<StepResult>, JobError> {
        let store = self.store.clone();
        let settings = blocking(move || store.read(|txn| txn.settings())).await?.value;
        let mut report = Report { tell: &self.tell, results: Vec::new() };
        let secrets = match Secrets::of(&self.store, &self.reach, settings.clone()).await {
            Ok(secrets) => Some(secrets),
            Err(error) => {
                report.end(Step::Settings, Err(error.to_string()));
                None
            }
        };
        match &secrets {
            Some(secrets) => self.secrets(secrets, &mut report).await,
            None => report.blocked(&[Step::KeyVault]),
        }
        if report.has_failed() {
            report.blocked(&[Step::Token]);
        } else {
            let center = self.token(&mut report).await;
            if let Some(center) = center {
                self.services(&center, &settings, &mut report).await;
            }
        }
        report.blocked(&[Step::Mfa, Step::Organization, Step::Customers, Step::Pricing, Step::GraphBilling]);
        self.smtp(secrets.as_ref(), &mut report).await;
        let Report { mut results, .. } = report;
        results.sort_by_key(|result| Step::ALL.iter().position(|step| *step == result.step));
        if let Err(error) = self.note(&results).await {
            // What was found is told all the same.
            tracing::warn!("how the check ended could not be noted: {error}");
        }
        Ok(results)
    }

    /// Notes how it ended, for the list of a new user.
    async fn note(&self, results: &[StepResult]) -> Result<(), JobError> {
        let failed = results.iter().filter(|result| result.outcome == Outcome::Failed);
        let check = LastCheck {
            at: Timestamp::now(),
            by: self.store.operator().name.clone(),
            failed: failed.map(|result| result.step.title().to_owned()).collect(),
        };
        let store = self.store.clone();
        blocking(move || store.write(|txn| txn.put_last_check(&check))).await
    }

    /// What a sign-in needs is there, and where it is can be read.
    async fn secrets(&self, secrets: &Secrets, report: &mut Report<'_>) {
        let settings = secrets.settings();
        let in_vault = is_in_vault(settings, SecretName::RefreshToken);
        let token = secrets.get(SecretName::RefreshToken).await;
        if in_vault {
            let vault = settings.key_vault_url.as_deref().unwrap_or_default();
            let can_be_read = token.as_ref().map(|_| format!("{vault} can be read"));
            report.end(Step::KeyVault, can_be_read.map_err(ToString::to_string));
        } else {
            report.skip(Step::KeyVault, "the secrets are in the store, encrypted");
        }
        let found = match (App::of(secrets).await, token) {
            // That is told of the vault, and whether the rest is set can't be known.
            (Err(JobError::Vault(_)), Err(_)) | (Ok(_), Err(JobError::Vault(_))) => {
                return report.blocked(&[Step::Settings]);
            }
            (Err(error), _) | (_, Err(error)) => Err(error.to_string()),
            (Ok(_), Ok(None)) => {
                let no_token = no_token(settings);
                Err(format!("{no_token}. Give the consent (c on the tab Settings, or cspdeck consent)"))
            }
            (Ok(app), Ok(Some(_))) => match settings.problems().first() {
                Some((setting, why)) => Err(format!("{}: {why}", setting.label())),
                None => Ok(format!("app {} in the tenant {}", app.id, app.tenant)),
            },
        };
        report.end(Step::Settings, found);
    }

    async fn token(&self, report: &mut Report<'_>) -> Option<PartnerCenter> {
        let Connected { center, token, .. } = match connect::connect(&self.store, &self.reach).await {
            Ok(connected) => connected,
            Err(error) => {
                report.end(Step::Token, Err(error.to_string()));
                return None;
            }
        };
        match center.sign_in().await {
            Ok(()) => {
                let told = match not_renewed(token.kept()) {
                    None => "Microsoft gave a new token, and it is stored".to_owned(),
                    Some(remark) => format!("Microsoft takes the token; {remark}"),
                };
                report.end(Step::Token, Ok(told));
                Some(center)
            }
            Err(error) => {
                report.end(Step::Token, Err(error.to_string()));
                None
            }
        }
    }

    async fn services(&self, center: &PartnerCenter, settings: &Settings, report: &mut Report<'_>) {
        let organization = center.organization().await;
        let compliant = match &organization {
            Ok(organization) => organization.mfa_compliant,
            Err(ApiError::MfaMissing { .. }) => Some(false),
            Err(_) => None,
        };
        let (claims, untold) = match center.claims().await {
            Ok(claims) => (claims, None),
            Err(error) => (Claims::default(), Some(error.to_string())),
        };
        let who = claims.user.map(|user| format!("; {user} signed in with it")).unwrap_or_default();
        match mfa(claims.mfa, compliant, &who) {
            Some(found) => report.end(Step::Mfa, found),
            None => {
                let untold =
                    untold.unwrap_or_else(|| "neither the token nor Partner Center tells".to_owned());
                report.skip(Step::Mfa, &format!("it could not be told: {untold}{who}"));
            }
        }
        report.end(
            Step::Organization,
            match organization {
                Ok(organization) => is_ours(&organization, settings, claims.tenant.as_deref()),
                Err(error) => Err(error.to_string()),
            },
        );
        report.end(
            Step::Customers,
            match center.probe_customers().await {
                Ok(true) => Ok("the list can be read".to_owned()),
                Ok(false) => Ok("the list can be read; there is no customer yet".to_owned()),
                Err(error) => Err(error.to_string()),
            },
        );
        let works = |result: Result<(), ApiError>, text: &str| match result {
            Ok(()) => Ok(text.to_owned()),
            Err(error) => Err(error.to_string()),
        };
        report.end(Step::Pricing, works(center.probe_pricing().await, "price sheets can be fetched"));
        let graph = works(center.probe_graph_billing().await, "reconciliation exports can be asked for");
        report.end(Step::GraphBilling, graph);
    }

    /// Needs no more of the other steps than the password.
    async fn smtp(&self, secrets: Option<&Secrets>, report: &mut Report<'_>) {
        let MailSetup { host, port, security, user, timeout } = &self.mail;
        let Some(host) = host else {
            return report.skip(Step::Smtp, "no mail server is configured (smtp.host)");
        };
        let user = match (user, secrets) {
            (None, _) => None,
            (Some(_), None) => return report.blocked(&[Step::Smtp]),
            (Some(_), Some(secrets))
                if report.failed(Step::KeyVault)
                    && is_in_vault(secrets.settings(), SecretName::SmtpPassword) =>
            {
                return report.blocked(&[Step::Smtp]);
            }
            (Some(user), Some(secrets)) => match secrets.get(SecretName::SmtpPassword).await {
                Ok(Some(password)) => Some((user.clone(), password)),
                Ok(None) => {
                    let why = "smtp.user is configured, but no password is set: cspdeck settings secret smtp_password";
                    return report.end(Step::Smtp, Err(why.to_owned()));
                }
                Err(error) => return report.end(Step::Smtp, Err(error.to_string())),
            },
        };
        let server =
            MailServer { host: host.clone(), port: *port, security: *security, user, timeout: *timeout };
        report.end(
            Step::Smtp,
            match server.check().await {
                Ok(()) => Ok(format!("{}:{port} takes the sign-in", printable(host))),
                Err(error) => Err(error.to_string()),
            },
        );
    }
}

/// The token's own claim, and what Partner Center makes of it; either may be silent, and nothing is known where both are.
fn mfa(claimed: Option<bool>, compliant: Option<bool>, who: &str) -> Option<Found> {
    Some(match (claimed, compliant) {
        (Some(false), _) | (_, Some(false)) => Err(format!(
            "the token was obtained without multi-factor authentication{who}. Register it for that user, and redo the consent"
        )),
        (Some(true), _) => Ok(format!("the token has it{who}")),
        (None, Some(true)) => Ok(format!("Partner Center takes the token for one with it{who}")),
        (None, None) => return None,
    })
}

/// Whether the profile is that of the partner of the settings. A tenant has several domains and its profile names one of them, so
/// the tenants are compared: that of the Microsoft ID, or else the one that the login found by the domain.
fn is_ours(organization: &Organization, settings: &Settings, signed_in_to: Option<&str>) -> Found {
    let tenant = printable(&organization.tenant_id).into_owned();
    let name = printable(&organization.company_name).into_owned();
    let is_other = |expected: &str| !expected.eq_ignore_ascii_case(&tenant);
    let microsoft_id = settings.microsoft_id.as_deref().filter(|id| is_guid(id));
    if let Some(expected) = microsoft_id.filter(|id| is_other(id)) {
        return Err(format!(
            "{name} has the Microsoft ID {tenant}, but the settings have {expected}: correct them, or sign in as the right partner"
        ));
    }
    let domain = organization.domain.as_deref().map(|domain| printable(domain).into_owned());
    let (Some(domain), Some(expected)) = (domain, settings.csp_domain.as_deref()) else {
        return Ok(format!("{name}, {tenant}"));
    };
    if expected.eq_ignore_ascii_case(&domain) {
        return Ok(format!("{name}, {tenant}"));
    }
    match microsoft_id.or(signed_in_to) {
        Some(known) if !is_other(known) => Ok(format!(
            "{name}, {tenant}; Partner Center knows it by the domain {domain}, the settings by {expected}"
        )),
        _ => Err(format!(
            "{name} has the domain {domain}, but the settings have {expected}: correct the CSP domain, or sign in as the right partner"
        )),
    }
}

/// Results as they come.
struct Report<'a> {
    tell: &'a (dyn Fn(&StepResult) + Send + Sync),
    results: Vec<StepResult>,
}

impl Report<'_> {
    fn add(&mut self, step: Step, outcome: Outcome, text: String) {
        let result = StepResult { step, outcome, text };
        (self.tell)(&result);
        self.results.push(result);
    }

    fn end(&mut self, step: Step, found: Found) {
        match found {
            Ok(text) => self.add(step, Outcome::Passed, text),
            Err(text) => self.add(step, Outcome::Failed, text),
        }
    }

    fn skip(&mut self, step: Step, why: &str) {
        self.add(step, Outcome::Skipped, why.to_owned());
    }

    /// Those of these steps that were not reached.
    fn blocked(&mut self, steps: &[Step]) {
        for step in steps {
            if !self.results.iter().any(|result| result.step == *step) {
                let why = "not tried: an earlier step failed".to_owned();
                self.add(*step, Outcome::Blocked, why);
            }
        }
    }

    fn has_failed(&self) -> bool {
        Step::ALL.into_iter().any(|step| self.failed(step))
    }

    fn failed(&self, step: Step) -> bool {
        self.results.iter().any(|result| result.step == step && result.outcome == Outcome::Failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_that_nobody_makes_is_not_known() {
        for (claimed, compliant, expected) in [
            (Some(true), Some(false), Some(false)),
            (Some(false), Some(true), Some(false)),
            (None, Some(false), Some(false)),
            (Some(true), None, Some(true)),
            (None, Some(true), Some(true)),
            (None, None, None),
        ] {
            let found = mfa(claimed, compliant, "").map(|found| found.is_ok());
            assert_eq!(found, expected, "{claimed:?} {compliant:?}");
        }
    }
}
