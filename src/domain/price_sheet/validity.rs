//! Which of several rows for one and the same thing is the valid one.

use jiff::Timestamp;

use super::field::Field;
use super::keys::Groups;
use super::row::Row;
use super::sheet::PriceSheet;

/// The row that is valid at an instant. Sheets repeat a key with other dates, and the dates may overlap: of several valid rows
/// the one that ends first stands, for it is the exception within the rule; of those that end together the one that began
/// last, and of equal ones the last in the file
/// (<https://learn.microsoft.com/partner-center/pricing/pricing-and-offers>, duplicate prices).
#[must_use]
pub fn valid_at<'a>(rows: impl IntoIterator<Item = Row<'a>>, at: Timestamp) -> Option<Row<'a>> {
    rows.into_iter().filter(|row| row.is_valid_at(at)).min_by_key(|row| {
        let start = row.effective_start().unwrap_or(Timestamp::MIN);
        let end = row.effective_end().unwrap_or(Timestamp::MAX);
        (end, std::cmp::Reverse(start), std::cmp::Reverse(row.index()))
    })
}

impl Row<'_> {
    /// Whether it is valid at an instant: from its start on, and before its end.
    #[must_use]
    pub fn is_valid_at(self, at: Timestamp) -> bool {
        self.effective_start().is_none_or(|start| start <= at)
            && self.effective_end().is_none_or(|end| at < end)
    }
}

impl PriceSheet {
    /// The rows that are valid at an instant: of each thing the list has, the one that stands then. Rows that the list marks as
    /// deleted are not among them.
    #[must_use]
    pub fn valid_rows(&self, at: Timestamp) -> Vec<usize> {
        let groups = Groups::of(self, self.layout().key_fields());
        let mut valid: Vec<usize> = groups
            .firsts
            .iter()
            .filter_map(|first| {
                let rows = groups.rows(*first).filter_map(|row| self.row(row as usize));
                valid_at(rows.filter(|row| !row.is_deleted()), at).map(Row::index)
            })
            .collect();
        valid.sort_unstable();
        valid
    }
}

impl Row<'_> {
    /// Whether the list says that it is sold no more.
    #[must_use]
    pub fn is_deleted(self) -> bool {
        let change = self.text(Field::Change);
        ["del", "delete", "deleted", "d"].iter().any(|word| change.eq_ignore_ascii_case(word))
    }
}
