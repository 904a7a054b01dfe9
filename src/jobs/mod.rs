//! Long operations, one file each, with progress, cancel, journal and resume. The dashboard and the headless verbs run the same.

pub mod application_consents;
pub mod check;
pub mod connect;
pub mod consent;
pub mod error;
pub mod kind;
pub mod outcome;
pub mod overview;
pub mod plans;
pub mod portfolio;
pub mod progress;
pub mod pull;
pub mod run;
pub mod runner;
pub mod secrets;
pub mod settings;
pub mod sheets;
pub mod standing;
pub mod token;
pub mod update;
mod work;

pub use error::JobError;
pub use kind::Kind;
pub use outcome::{Failure, Outcome};
pub use progress::Progress;
/// What the dashboard's jobs work with beside the store.
#[derive(Debug, Clone)]
pub struct Services {
    /// How Partner Center is reached.
    pub reach: connect::Reach,
    /// The way back of a consent.
    pub consent: consent::ConsentSetup,
    /// The mail server.
    pub mail: check::MailSetup,
}

pub use runner::{JobEvent, Runner};
pub use standing::{JobStatus, JobSummary};
