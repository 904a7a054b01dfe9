//! How a verb ends: its exit code, and what is said when it failed.

use std::process::ExitCode;

use crate::config::ConfigError;
use crate::demo::DemoError;
use crate::jobs::JobError;
use crate::jobs::consent::ConsentError;
use crate::jobs::sheets::SheetJobError;
use crate::partner_center::{ErrorKind, VaultError};
use crate::sheets::read::Fault;
use crate::simulator::SimulatorError;
use crate::store::StoreError;
use crate::ui::RunError;
use crate::ui::terminal::GuardError;

/// The exit codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// 0: done.
    Done,
    /// 1: failed.
    Failed,
    /// 2: arguments, settings or configuration are wrong.
    WrongUse,
    /// 3: done, and there is something to look at.
    Findings,
    /// 4: done in part.
    InPart,
    /// 75: the same may succeed later.
    Later,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Failed => 1,
            Exit::WrongUse => 2,
            Exit::Findings => 3,
            Exit::InPart => 4,
            Exit::Later => 75,
        })
    }
}

/// Why a verb failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// How the process ends.
    pub exit: Exit,
    /// A name for programs, such as `store_in_use`.
    pub kind: String,
    /// What happened, to what, and what to do. It may hold text from outside.
    pub message: String,
}

impl Failure {
    /// A failure of one's own words.
    #[must_use]
    pub fn new(exit: Exit, kind: &str, message: impl Into<String>) -> Self {
        Self { exit, kind: kind.to_owned(), message: message.into() }
    }

    /// Arguments that can't be taken.
    #[must_use]
    pub fn wrong_use(message: impl Into<String>) -> Self {
        Self::new(Exit::WrongUse, "wrong_use", message)
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::new(Exit::WrongUse, "configuration", error.to_string())
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let exit = match &error {
            StoreError::InUse { .. } | StoreError::LeaseLost { .. } => Exit::Later,
            _ => Exit::Failed,
        };
        Self::new(exit, store_kind(&error), error.to_string())
    }
}

fn store_kind(error: &StoreError) -> &'static str {
    match error {
        StoreError::InUse { .. } => "store_in_use",
        StoreError::ReadOnly { .. } => "store_read_only",
        StoreError::Permissions { .. } => "store_permissions",
        StoreError::DiskFull { .. } => "disk_full",
        StoreError::Damaged { .. } => "store_damaged",
        StoreError::Dangling { .. } => "store_missing",
        StoreError::Newer { .. } => "store_newer",
        StoreError::Conflict(_) => "conflict",
        StoreError::StillUsed { .. } => "still_used",
        StoreError::Identity(_) => "identity",
        StoreError::LeaseLost { .. } => "lease_lost",
        StoreError::NoStaging { .. } => "no_staging",
        StoreError::NoSnapshot => "no_snapshot",
        StoreError::Fault(_) => "fault",
        StoreError::Io { .. } => "store_io",
    }
}

fn vault_kind(error: &VaultError) -> String {
    let name = match error {
        VaultError::BadOption { .. }
        | VaultError::BadName(_)
        | VaultError::BadVersion(_)
        | VaultError::TooLarge { .. } => "vault_option",
        VaultError::NoSecret { .. } => "vault_no_secret",
        VaultError::Deleted { .. } => "vault_secret_deleted",
        VaultError::Disabled { .. } => "vault_secret_disabled",
        VaultError::NotYetValid { .. } | VaultError::Expired { .. } => "vault_secret_expired",
        VaultError::Conflict { .. } => "vault_conflict",
        VaultError::Denied { .. } => "vault_forbidden",
        VaultError::Firewall { .. } => "vault_firewall",
        VaultError::NotSignedIn { .. } => "vault_not_signed_in",
        VaultError::Throttled { .. } => "vault_throttled",
        VaultError::UnknownVault { .. } => "vault_unknown",
        VaultError::ForeignChallenge { .. } => "vault_foreign_challenge",
        VaultError::NoManagedIdentity { .. } | VaultError::NotThisIdentity { .. } => "no_managed_identity",
        VaultError::AppRefused { .. } => "vault_app_refused",
        VaultError::ForeignLink { .. } | VaultError::EndlessList { .. } => "vault_list",
        VaultError::Exchange(error) => return name_of(error.kind()),
    };
    name.to_owned()
}

impl From<JobError> for Failure {
    fn from(error: JobError) -> Self {
        let exit = match &error {
            JobError::Consent(
                ConsentError::Domain(_) | ConsentError::BadRedirect { .. } | ConsentError::OtherPort { .. },
            ) => Exit::WrongUse,
            error if error.is_worth_retrying_later() => Exit::Later,
            _ => Exit::Failed,
        };
        let message = error.to_string();
        let kind = match error {
            JobError::Store(error) => return error.into(),
            JobError::NotSetUp { .. } => "not_set_up".to_owned(),
            JobError::HeldBy { .. } => "held_by".to_owned(),
            JobError::WrongJob(_) => "wrong_job".to_owned(),
            JobError::Cancelled => "cancelled".to_owned(),
            JobError::Api(error) => name_of(error.kind()),
            JobError::Vault(error) => vault_kind(&error),
            JobError::Consent(error) => error.kind().to_owned(),
            JobError::Settings(_) => "settings".to_owned(),
            JobError::NewerInVault { .. } => "newer_in_vault".to_owned(),
            JobError::NotGiven { error, .. }
            | JobError::NotOpened { error, .. }
            | JobError::OnlyInVault { error, .. } => {
                let Self { exit, kind, .. } = (*error).into();
                return Self { exit, kind, message };
            }
            JobError::Fault(_) => "fault".to_owned(),
        };
        Self { exit, kind, message }
    }
}

impl From<SheetJobError> for Failure {
    fn from(error: SheetJobError) -> Self {
        let message = error.to_string();
        let (exit, kind) = match error {
            SheetJobError::Store(error) => return error.into(),
            SheetJobError::Job(error) => return error.into(),
            SheetJobError::Read(error) if matches!(error.fault, Fault::UnknownTable(_)) => {
                (Exit::Failed, "unknown_table")
            }
            SheetJobError::Read(_) => (Exit::Failed, "file"),
            SheetJobError::Name(_) | SheetJobError::Mapping(_) => (Exit::WrongUse, "wrong_use"),
            SheetJobError::NameTaken(_) => (Exit::Failed, "name_taken"),
            SheetJobError::NoSheet(_) => (Exit::Failed, "no_sheet"),
            SheetJobError::Used { .. } => (Exit::Failed, "still_used"),
            SheetJobError::NoMapping(_) => (Exit::Failed, "no_mapping"),
            SheetJobError::Cancelled => (Exit::Failed, "cancelled"),
            SheetJobError::Fault(_) => (Exit::Failed, "fault"),
        };
        Self::new(exit, kind, message)
    }
}

fn name_of(kind: ErrorKind) -> String {
    match serde_json::to_value(kind) {
        Ok(serde_json::Value::String(name)) => name,
        _ => "partner_center".to_owned(),
    }
}

impl From<SimulatorError> for Failure {
    fn from(error: SimulatorError) -> Self {
        let (exit, kind) = match &error {
            SimulatorError::Customers(_) => (Exit::WrongUse, "wrong_use"),
            SimulatorError::Listen { .. } => (Exit::Failed, "port"),
        };
        Self::new(exit, kind, error.to_string())
    }
}

impl From<DemoError> for Failure {
    fn from(error: DemoError) -> Self {
        match error {
            DemoError::Store(error) => error.into(),
            DemoError::Simulator(error) => error.into(),
            other => Self::new(Exit::Failed, "demo", other.to_string()),
        }
    }
}

impl From<RunError> for Failure {
    fn from(error: RunError) -> Self {
        let (exit, kind) = match &error {
            RunError::Guard(GuardError::NotATerminal(_) | GuardError::Dumb) => {
                (Exit::WrongUse, "no_terminal")
            }
            _ => (Exit::Failed, "dashboard"),
        };
        Self::new(exit, kind, error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_passes_by_itself_is_to_be_tried_later() {
        let in_use = || StoreError::InUse { path: "s".into(), holder: None };
        let held = JobError::HeldBy {
            operator: "ann".into(),
            pid: 1,
            host: "h".into(),
            doing: "giving app consents",
            since: "10:42".into(),
        };
        for (failure, exit, kind) in [
            (Failure::from(in_use()), Exit::Later, "store_in_use"),
            (Failure::from(JobError::Store(in_use())), Exit::Later, "store_in_use"),
            (Failure::from(held), Exit::Later, "held_by"),
            (Failure::from(StoreError::NoSnapshot), Exit::Failed, "no_snapshot"),
            (Failure::from(JobError::Cancelled), Exit::Failed, "cancelled"),
            (Failure::from(ConfigError::Invalid(Vec::new())), Exit::WrongUse, "configuration"),
        ] {
            assert_eq!((failure.exit, failure.kind.as_str()), (exit, kind));
        }
        assert_eq!(name_of(ErrorKind::TokenRejected), "token_rejected");
    }
}
