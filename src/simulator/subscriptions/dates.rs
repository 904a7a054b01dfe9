//! Terms and charge cycles, and the several ways in which the API writes a date.

use crate::simulator::random::pick;
use fastrand::Rng;
use jiff::ToSpan;
use jiff::civil::{Date, date};

/// The day on which the simulated world stands still: what is active is in its term on this day. A fixed day
/// keeps the data the same on any day.
pub(super) const REFERENCE_DAY: Date = date(2026, 11, 15);
/// How the API writes that there is no date.
pub(super) const NO_DATE: &str = "0001-01-01T00:00:00";
/// How the API writes the end of what doesn't end.
pub(super) const NEVER: &str = "9999-12-30T00:00:00Z";

/// A subscription's current term.
pub(super) struct Term {
    /// When the subscription was bought.
    pub created: Date,
    /// The first day of the current term.
    pub start: Date,
    /// The day after the last one.
    pub end: Date,
}

impl Term {
    /// A term of so many months that the reference day is in, perhaps after renewals.
    pub(super) fn running(rng: &mut Rng, months: i32) -> Term {
        let created = days_before(rng.i32(0..1400));
        let mut terms = 0;
        while plus_months(created, months * (terms + 1)) <= REFERENCE_DAY {
            terms += 1;
        }
        Term {
            created,
            start: plus_months(created, months * terms),
            end: plus_months(created, months * (terms + 1)),
        }
    }

    /// A first term of so many months that the reference day is in.
    pub(super) fn first(rng: &mut Rng, months: i32) -> Term {
        let created = days_before(rng.i32(0..28));
        Term { created, start: created, end: plus_months(created, months) }
    }

    /// A term of so many months that was over before the reference day.
    pub(super) fn over(rng: &mut Rng, months: i32) -> Term {
        let created = plus_months(days_before(rng.i32(10..500)), -months);
        Term { created, start: created, end: plus_months(created, months).min(REFERENCE_DAY) }
    }

    /// The last day of the charge cycle of so many months that the reference day is in; of the term's last
    /// cycle, when the term is over.
    pub(super) fn cycle_end(&self, months: i32) -> Date {
        let mut cycles = 1;
        while plus_months(self.start, months * cycles) <= REFERENCE_DAY {
            cycles += 1;
        }
        last_day_before(plus_months(self.start, months * cycles).min(self.end))
    }
}

fn days_before(days: i32) -> Date {
    REFERENCE_DAY.saturating_sub(days.days())
}

/// The same day of the month so many months later, or the month's last day.
pub(super) fn plus_months(date: Date, months: i32) -> Date {
    date.saturating_add(months.months())
}

/// The day so many days later.
pub(super) fn plus_days(date: Date, days: i32) -> Date {
    date.saturating_add(days.days())
}

/// The last day of something whose end is given as the day after.
pub(super) fn last_day_before(end: Date) -> Date {
    plus_days(end, -1)
}

/// Midnight in UTC, as new commerce writes it.
pub(super) fn midnight(date: Date) -> String {
    format!("{date}T00:00:00Z")
}

/// A time of the day, the same wherever one subscription mentions it.
#[derive(Clone, Copy)]
pub(super) struct Time {
    seconds: u32,
    fraction: u32,
}

impl Time {
    pub(super) fn random(rng: &mut Rng) -> Time {
        Time { seconds: rng.u32(..86_400), fraction: rng.u32(..10_000_000) }
    }

    fn on(self, date: Date, digits: usize) -> String {
        let Time { seconds, fraction } = self;
        let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        let mut text = format!("{date}T{hour:02}:{minute:02}:{second:02}");
        if digits > 0 {
            let fraction = format!("{fraction:07}");
            text.push('.');
            text.push_str(&fraction[..digits]);
        }
        text
    }

    /// With up to seven digits of a fraction and `Z`.
    pub(super) fn with_offset(self, rng: &mut Rng, date: Date) -> String {
        let digits = pick(rng, &[0, 3, 6, 7, 7, 7]);
        format!("{}Z", self.on(date, digits))
    }

    /// As the old commerce writes it: with or without a fraction, often without any offset.
    pub(super) fn legacy(self, rng: &mut Rng, date: Date) -> String {
        let digits = rng.usize(0..=7);
        let offset = pick(rng, &["", "", "Z"]);
        format!("{}{offset}", self.on(date, digits))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::random::{Purpose, stream};

    #[test]
    fn a_running_term_holds_the_reference_day_and_one_that_is_over_does_not() {
        for index in 0..500 {
            let mut rng = stream(3, Purpose::Subscriptions, index);
            for months in [1, 12, 36] {
                let term = Term::running(&mut rng, months);
                assert!(term.start <= REFERENCE_DAY && REFERENCE_DAY < term.end);
                assert!(term.created <= term.start);
                assert!(last_day_before(term.end) >= term.cycle_end(1));
                assert!(term.cycle_end(1) >= REFERENCE_DAY);
                assert!(Term::over(&mut rng, months).end <= REFERENCE_DAY);
                let first = Term::first(&mut rng, months);
                assert!(first.start <= REFERENCE_DAY && REFERENCE_DAY < first.end);
            }
        }
    }

    #[test]
    fn times_are_written_with_as_many_digits_as_asked_for() {
        let time = Time { seconds: 3 * 3600 + 7, fraction: 1_234_567 };
        assert_eq!(time.on(REFERENCE_DAY, 0), "2026-11-15T03:00:07");
        assert_eq!(time.on(REFERENCE_DAY, 3), "2026-11-15T03:00:07.123");
        assert_eq!(time.on(REFERENCE_DAY, 7), "2026-11-15T03:00:07.1234567");
    }
}
