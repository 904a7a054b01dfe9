//! What came of asking customers for the app consent.

use super::super::failure::Failure;
use crate::domain::application_consent::{ConsentOutcome, ConsentTerms};
use crate::domain::ids::CustomerId;
use crate::domain::text::counted;
use crate::store::{ItemState, JobItem, JobState};

/// What fails, where one fails.
const STAGE: &str = "consent";

/// A customer that was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant {
    /// Which one.
    pub customer: CustomerId,
    /// Its name, as it came.
    pub name: String,
    /// What came of it.
    pub outcome: ConsentOutcome,
}

impl Tenant {
    /// The customer of an item, which stands so; none where it was not asked yet.
    pub(super) fn of(state: ItemState, item: JobItem) -> Option<Self> {
        let outcome = match state {
            ItemState::Open => return None,
            ItemState::Failed => ConsentOutcome::Failed { reason: item.note, removed: false },
            ItemState::Done => [ConsentOutcome::Given, ConsentOutcome::Replaced]
                .into_iter()
                .find(|outcome| outcome.name() == item.note)
                .unwrap_or(ConsentOutcome::Already),
        };
        let customer = CustomerId::parse(&item.key).ok()?;
        Some(Self { customer, name: item.name, outcome })
    }

    /// What failed, where it did.
    #[must_use]
    pub fn failure(&self) -> Option<Failure> {
        Some(Failure {
            customer: self.customer.clone(),
            name: self.name.clone(),
            stage: STAGE.to_owned(),
            reason: self.outcome.failure()?.to_owned(),
        })
    }
}

/// How a job ended that has asked all its customers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// What was asked for.
    pub terms: ConsentTerms,
    /// The customers, those that failed last.
    pub tenants: Vec<Tenant>,
}

impl Asked {
    /// How many ended so.
    #[must_use]
    pub fn count(&self, outcome: &str) -> usize {
        self.tenants.iter().filter(|tenant| tenant.outcome.name() == outcome).count()
    }

    /// Those for whom it failed.
    #[must_use]
    pub fn failures(&self) -> Vec<Failure> {
        self.tenants.iter().filter_map(Tenant::failure).collect()
    }

    /// How the journal notes it.
    #[must_use]
    pub fn state(&self) -> JobState {
        if self.count("failed") == 0 { JobState::Done } else { JobState::DoneInPart }
    }

    /// All of it in one line.
    #[must_use]
    pub fn summary(&self) -> String {
        let parts = [
            (self.count("given"), "given"),
            (self.count("replaced"), "given anew"),
            (self.count("already"), "had it already"),
            (self.count("failed"), "failed"),
        ];
        let parts: Vec<String> =
            parts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
        let all = counted(self.tenants.len(), "customer");
        if parts.is_empty() { format!("{all} asked") } else { format!("{all}: {}", parts.join(", ")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(key: &str, note: &str) -> JobItem {
        JobItem { key: key.to_owned(), name: key.to_uppercase(), note: note.to_owned() }
    }

    #[test]
    fn the_outcome_is_told_with_its_counts() {
        let terms = ConsentTerms { app_id: "app".into(), display_name: "cspdeck".into(), grants: Vec::new() };
        let asked = |items: Vec<(ItemState, JobItem)>| Asked {
            terms: terms.clone(),
            tenants: items.into_iter().filter_map(|(state, item)| Tenant::of(state, item)).collect(),
        };
        let done = asked(vec![
            (ItemState::Done, item("a", "given")),
            (ItemState::Done, item("b", "already")),
            (ItemState::Done, item("c", "replaced")),
            (ItemState::Open, item("d", "")),
        ]);
        assert_eq!(done.summary(), "3 customers: 1 given, 1 given anew, 1 had it already");
        assert_eq!((done.state(), done.failures()), (JobState::Done, vec![]));
        let failed = asked(vec![(ItemState::Failed, item("a", "HTTP 403"))]);
        assert_eq!(
            (failed.state(), failed.summary().as_str()),
            (JobState::DoneInPart, "1 customer: 1 failed")
        );
        assert_eq!(
            (failed.failures()[0].name.as_str(), failed.failures()[0].reason.as_str()),
            ("A", "HTTP 403")
        );
        assert_eq!(asked(Vec::new()).summary(), "0 customers asked");
    }
}
