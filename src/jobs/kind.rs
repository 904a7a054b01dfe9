//! The kinds of jobs that the journal knows, and what can be done with each of them.

use jiff::{SignedDuration, Timestamp};

use super::run::Lease;
use super::{application_consents, consent, pull, sheets};
use crate::store::JobRecord;

/// See the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Request CSP data.
    Pull,
    /// Reading again what a pull could not read.
    PullRetry,
    /// Giving the app consent in customers' tenants.
    ApplicationConsents,
    /// Importing a price sheet.
    SheetImport,
    /// The partner consent.
    Consent,
}

impl Kind {
    const ALL: [Self; 5] =
        [Self::Pull, Self::PullRetry, Self::ApplicationConsents, Self::SheetImport, Self::Consent];

    /// The kind of a job; none where another version of the program has written it.
    #[must_use]
    pub fn of(job: &JobRecord) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == job.kind)
    }

    /// Its name in the journal.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pull => pull::KIND,
            Self::PullRetry => pull::RETRY_KIND,
            Self::ApplicationConsents => application_consents::KIND,
            Self::SheetImport => sheets::KIND,
            Self::Consent => consent::KIND,
        }
    }

    /// What its jobs take, so that only one of them runs; none where nothing can be taken over.
    pub(super) fn lease(self) -> Option<Lease> {
        match self {
            Self::Pull | Self::PullRetry => Some(pull::LEASE),
            Self::ApplicationConsents => Some(application_consents::LEASE),
            Self::SheetImport | Self::Consent => None,
        }
    }

    /// Whether one that stopped can be gone on with; else what to do instead.
    ///
    /// # Errors
    /// What such a job is, and what to do instead.
    pub fn resumable(self) -> Result<(), &'static str> {
        match self {
            Self::Pull | Self::PullRetry | Self::ApplicationConsents => Ok(()),
            Self::SheetImport => Err("is an import, which can't be resumed: import the file again"),
            Self::Consent => Err("is a consent, which can't be resumed: give it again (cspdeck consent)"),
        }
    }

    /// Whether a job without a lease that another machine has begun has stopped without a word: it has noted nothing for longer
    /// than one at work ever does.
    pub(super) fn is_silent(self, job: &JobRecord) -> bool {
        let longest = match self {
            // An hour by the configuration, and most of another by a device code.
            Self::Consent => SignedDuration::from_hours(2),
            _ => SignedDuration::from_mins(2),
        };
        Timestamp::now().duration_since(job.updated_at) > longest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_found_by_its_name_and_leases_or_falls_silent() {
        for kind in Kind::ALL {
            let mut job = JobRecord::start(kind.name(), "something", "ana");
            assert_eq!(Kind::of(&job), Some(kind));
            assert_eq!(kind.lease().is_some(), kind.resumable().is_ok(), "{kind:?}");
            assert!(!kind.is_silent(&job));
            job.updated_at = Timestamp::UNIX_EPOCH;
            assert!(kind.is_silent(&job));
        }
        assert_eq!(Kind::of(&JobRecord::start("of the future", "something", "ana")), None);
        assert_ne!(Kind::Pull.lease(), Kind::ApplicationConsents.lease());
    }
}
