//! Which of several rows for one and the same thing is the valid one.

use jiff::Timestamp;

use super::row::Row;

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
