//! Long operations, one file each, with progress, cancel, journal and resume. The dashboard and the headless verbs run the same.

pub mod application_consents;
pub mod check;
pub mod connect;
pub mod consent;
pub mod error;
pub mod failure;
pub mod kind;
pub mod outcome;
pub mod overview;
pub mod plans;
pub mod portfolio;
pub mod progress;
pub mod pull;
pub mod reach;
pub mod run;
pub mod runner;
pub mod secrets;
pub mod services;
pub mod settings;
pub mod sheets;
pub mod standing;
pub mod token;
pub mod update;
mod work;

pub use error::JobError;
pub use failure::Failure;
pub use kind::Kind;
pub use outcome::Outcome;
pub use progress::Progress;
pub use runner::{JobEvent, Runner};
pub use services::Services;
pub use standing::{JobStatus, JobSummary};
