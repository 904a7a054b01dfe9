//! What a pull brought, and what it could not read.

use std::collections::HashSet;

use crate::domain::text::counted;
use crate::store::{JobState, PullFailure};

/// How a pull ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Pulled {
    /// Customers in the new snapshot.
    pub customers: u64,
    /// Subscriptions in the new snapshot.
    pub subscriptions: u64,
    /// Requests made.
    pub requests: u64,
    /// What could not be read.
    pub failures: Vec<PullFailure>,
    /// Items of lists that could not be read, so that they are missing from the snapshot. The log says which.
    pub odd: u64,
}

impl Pulled {
    /// Whether nothing is missing.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.failures.is_empty() && self.odd == 0
    }

    /// How the journal notes it.
    #[must_use]
    pub fn state(&self) -> JobState {
        if self.is_complete() { JobState::Done } else { JobState::DoneInPart }
    }

    /// What is missing, as a sentence's end; none where nothing is.
    #[must_use]
    pub fn missing(&self) -> Option<String> {
        let failed = failed_customers(&self.failures);
        let failed = (failed > 0).then(|| format!("{} failed", counted(failed, "customer")));
        let odd = (self.odd > 0).then(|| unread_items(self.odd));
        let parts: Vec<String> = [failed, odd].into_iter().flatten().collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    }

    /// All of it in one line.
    #[must_use]
    pub fn summary(&self) -> String {
        let missing = self.missing().map_or_else(String::new, |missing| format!(", {missing}"));
        format!("{} customers, {} subscriptions{missing}", self.customers, self.subscriptions)
    }
}

/// Customers with at least one failure.
#[must_use]
pub fn failed_customers(failures: &[PullFailure]) -> usize {
    failures.iter().map(|f| &f.customer).collect::<HashSet<_>>().len()
}

fn unread_items(odd: u64) -> String {
    format!("{} could not be read (the log says which)", counted(odd as usize, "list item"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_makes_it_done_in_part_and_is_told() {
        let whole = Pulled { customers: 3, subscriptions: 9, requests: 7, failures: Vec::new(), odd: 0 };
        assert_eq!(
            (whole.state(), whole.summary().as_str()),
            (JobState::Done, "3 customers, 9 subscriptions")
        );
        let odd = Pulled { odd: 2, ..whole.clone() };
        assert_eq!(odd.state(), JobState::DoneInPart);
        assert_eq!(
            odd.summary(),
            "3 customers, 9 subscriptions, 2 list items could not be read (the log says which)"
        );
        let one = Pulled { odd: 1, ..whole };
        assert_eq!(one.missing().as_deref(), Some("1 list item could not be read (the log says which)"));
    }
}
