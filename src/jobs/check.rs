//! The check of the settings: every service is asked for as little as proves that it will serve.

mod run;

use serde::Serialize;

pub use run::{Check, MailSetup};

/// What is looked at, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// The settings and secrets that a sign-in needs.
    Settings,
    /// The key vault, where the secrets are in one.
    KeyVault,
    /// The exchange of the refresh token.
    Token,
    /// The claim of multi-factor authentication in the token.
    Mfa,
    /// The partner's own profile: is it the one of the settings?
    Organization,
    /// The list of customers.
    Customers,
    /// Price sheets.
    Pricing,
    /// The billing exports of Microsoft Graph.
    GraphBilling,
    /// The mail server.
    Smtp,
}

impl Step {
    /// Every step, in order.
    pub const ALL: [Self; 9] = [
        Self::Settings,
        Self::KeyVault,
        Self::Token,
        Self::Mfa,
        Self::Organization,
        Self::Customers,
        Self::Pricing,
        Self::GraphBilling,
        Self::Smtp,
    ];

    /// What it is called.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Settings => "Settings and secrets",
            Self::KeyVault => "Azure Key Vault",
            Self::Token => "Token exchange",
            Self::Mfa => "Multi-factor claim",
            Self::Organization => "Organization profile",
            Self::Customers => "Customers",
            Self::Pricing => "Price sheets",
            Self::GraphBilling => "Billing exports",
            Self::Smtp => "Mail server",
        }
    }
}

/// What came of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It works.
    Passed,
    /// It does not.
    Failed,
    /// It could not be told, because an earlier step failed.
    Blocked,
    /// There is nothing to check, or nobody tells.
    Skipped,
}

/// A step that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StepResult {
    /// Which.
    pub step: Step,
    /// What came of it.
    pub outcome: Outcome,
    /// What was found, and of a failure what to do, a sentence or two.
    pub text: String,
}

/// Whether nothing failed.
#[must_use]
pub fn is_good(results: &[StepResult]) -> bool {
    !results.iter().any(|result| matches!(result.outcome, Outcome::Failed | Outcome::Blocked))
}
