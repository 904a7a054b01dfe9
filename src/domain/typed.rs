//! What an operator typed over a row: how two dashboards' typing comes together, field by field.

/// The typed fields of a row.
pub trait Typed: Clone + PartialEq {
    /// Whether nothing is typed.
    fn is_empty(&self) -> bool;

    /// Says that it was typed in the knowledge of this revision.
    fn rebase(&mut self, revision: u64);

    /// `theirs`, with the fields in which `mine` differs from `before`.
    #[must_use]
    fn with_changes(before: &Self, mine: &Self, theirs: &Self) -> Self;

    /// What stands there when `before` was changed to `mine` here and to `theirs` elsewhere: each field as it was changed, and as
    /// here where both changed it. Of two revisions that it was typed over, the older one counts, so that a conflict is not missed.
    #[must_use]
    fn merged(before: Option<&Self>, mine: Option<&Self>, theirs: Option<&Self>) -> Option<Self>
    where
        Self: Default,
    {
        if mine == before {
            return theirs.cloned();
        }
        if theirs == before {
            return mine.cloned();
        }
        let none = Self::default();
        let of = |edit: Option<&Self>| edit.cloned().unwrap_or_else(|| none.clone());
        let mut merged = Self::with_changes(&of(before), &of(mine), &of(theirs));
        let revision = match (mine.map(Self::revision), theirs.map(Self::revision)) {
            (Some(mine), Some(theirs)) => match before.map(Self::revision) {
                Some(before) if mine == before => theirs,
                Some(before) if theirs == before => mine,
                _ => mine.min(theirs),
            },
            (mine, theirs) => mine.or(theirs).unwrap_or_default(),
        };
        merged.rebase(revision);
        Some(merged).filter(|edit| !edit.is_empty())
    }

    /// The revision that it was typed over.
    fn revision(&self) -> u64;
}

/// A field of three states of a row: as it was changed here, else as it is elsewhere.
pub(super) fn field<T: Clone + PartialEq>(before: &T, mine: &T, theirs: &T) -> T {
    if mine == before { theirs.clone() } else { mine.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::client::ClientEdit;
    use crate::domain::samples::currency;
    use crate::domain::service::ServiceEdit;

    fn edit(base_revision: u64, username: Option<&str>, money: Option<&str>) -> ClientEdit {
        ClientEdit {
            base_revision,
            username: username.map(str::to_owned),
            currency: money.map(currency),
            ..ClientEdit::default()
        }
    }

    #[test]
    fn both_sides_fields_are_kept() {
        let before = edit(2, Some("old"), None);
        let mine = edit(2, Some("mine"), None);
        let theirs = edit(2, Some("old"), Some("NOK"));
        let both = edit(2, Some("mine"), Some("NOK"));
        assert_eq!(Typed::merged(Some(&before), Some(&mine), Some(&theirs)), Some(both.clone()));
        assert_eq!(Typed::merged(None, Some(&mine), Some(&edit(2, None, Some("NOK")))), Some(both));
        // Where both typed into a field, it is as here.
        let theirs = edit(2, Some("theirs"), None);
        assert_eq!(Typed::merged(Some(&before), Some(&mine), Some(&theirs)), Some(mine.clone()));
        // What is taken back here stays taken back.
        let theirs = edit(2, Some("old"), Some("NOK"));
        assert_eq!(Typed::merged(Some(&before), None, Some(&theirs)), Some(edit(2, None, Some("NOK"))));
        assert_eq!(Typed::merged(Some(&before), None, Some(&before)), None);
        assert_eq!(Typed::merged(Some(&before), Some(&before), None), None);
        assert_eq!(Typed::merged(Some(&before), Some(&mine), None), Some(edit(2, Some("mine"), None)));
    }

    #[test]
    fn the_older_revision_counts_unless_a_conflict_was_settled() {
        let revision = |before: Option<u64>, mine: u64, theirs: u64| {
            let before = before.map(|revision| edit(revision, None, Some("USD")));
            let (mine, theirs) = (edit(mine, Some("a"), Some("USD")), edit(theirs, None, Some("NOK")));
            ClientEdit::merged(before.as_ref(), Some(&mine), Some(&theirs)).unwrap().base_revision
        };
        assert_eq!(revision(None, 0, 3), 0);
        assert_eq!(revision(None, 4, 3), 3);
        assert_eq!(revision(Some(2), 3, 2), 3);
        assert_eq!(revision(Some(2), 2, 3), 3);
    }

    #[test]
    fn every_field_of_a_service_is_merged() {
        let mine = ServiceEdit {
            base_revision: 1,
            invoice_generate: Some(true),
            invoice_end: Some(None),
            plan: Some(crate::domain::samples::plan_id("p")),
            ..ServiceEdit::default()
        };
        let theirs = ServiceEdit {
            base_revision: 1,
            cycle: Some(crate::domain::samples::cycle("P1Y/Annual")),
            status: Some(crate::domain::subscription::SubscriptionStatus::Suspended),
            invoice_start: Some("2026-12-01".parse().ok()),
            ..ServiceEdit::default()
        };
        let merged = ServiceEdit::merged(None, Some(&mine), Some(&theirs)).unwrap();
        let both = ServiceEdit {
            cycle: theirs.cycle,
            status: theirs.status,
            invoice_start: theirs.invoice_start,
            ..mine
        };
        assert_eq!(merged, both);
    }
}
