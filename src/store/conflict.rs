//! Two versions of a record that don't go together, and where they differ.

use std::fmt;

use jiff::Timestamp;

use crate::domain::text::printable;

/// One field of a record, before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldChange {
    /// Its path, such as `invoice.start` or `prices.2.price`.
    pub field: String,
    /// At most 80 characters, fit to be printed; `none` where there was nothing.
    pub before: String,
    /// The same, after.
    pub after: String,
}

impl fmt::Display for FieldChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} -> {}", self.field, self.before, self.after)
    }
}

/// A write that was based on something older than what is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// Which record, such as `client 1f2e…`.
    pub what: String,
    /// The revision that the write was based on; 0 where it was thought to be new.
    pub expected: u64,
    /// The revision that is stored; 0 where it was removed.
    pub found: u64,
    /// Who wrote the stored one; empty where it was removed.
    pub by: String,
    /// When, UTC.
    pub at: Option<Timestamp>,
    /// Where the two differ: `before` is what is stored, `after` what was to be written.
    pub differences: Vec<FieldChange>,
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} was ", self.what)?;
        match (self.found, self.at) {
            (0, _) => write!(f, "removed by another operator (you changed revision {})", self.expected)?,
            (found, at) => {
                write!(f, "changed by {}", printable(&self.by))?;
                if let Some(at) = at {
                    write!(f, " at {at:.0}")?;
                }
                write!(f, " (you changed revision {}, stored is {found})", self.expected)?;
            }
        }
        for (i, difference) in self.differences.iter().take(5).enumerate() {
            let lead = if i == 0 { ":" } else { "," };
            write!(
                f,
                "{lead} {} is {} and you have {}",
                difference.field, difference.before, difference.after
            )?;
        }
        f.write_str("; nothing was overwritten: look at it again, then repeat your change")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conflict_says_who_was_first_and_shows_both() {
        let conflict = Conflict {
            what: "client t1".into(),
            expected: 3,
            found: 4,
            by: "ann\u{1b}a".into(),
            at: Some("2026-11-01T10:00:00.123Z".parse().unwrap()),
            differences: vec![FieldChange {
                field: "status".into(),
                before: "suspended".into(),
                after: "active".into(),
            }],
        };
        assert_eq!(
            conflict.to_string(),
            "client t1 was changed by ann?a at 2026-11-01T10:00:00Z (you changed revision 3, stored is 4): status is \
             suspended and you have active; nothing was overwritten: look at it again, then repeat your change"
        );
    }
}
