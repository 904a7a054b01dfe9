//! Dates as they are typed, and dates that are none.

use jiff::civil::Date;
use jiff::{Span, ToSpan};

/// A typed date that can't be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no date: today, +30d, -1m, +1y or 2026-11-01 are understood")]
pub struct DateError(String);

/// Reads a date as an operator types it: `today`, an offset such as `+30d`, `+2w`, `-1m` or `+1y` from today, or an ISO date.
/// Offsets of months keep to the month's end (31 January + 1 month is 28 February).
///
/// # Errors
/// When it is none of these, or falls outside the years 2000 to 2200.
pub fn parse_typed(text: &str, today: Date) -> Result<Date, DateError> {
    let typed = text.trim().to_ascii_lowercase();
    let fail = || DateError(super::text::printable(text.trim()).into_owned());
    let date = if typed == "today" {
        today
    } else if let Some(rest) = typed.strip_prefix(['+', '-']) {
        let span = offset(rest).ok_or_else(fail)?;
        let span = if typed.starts_with('-') { -span } else { span };
        today.checked_add(span).map_err(|_| fail())?
    } else {
        typed.parse::<Date>().map_err(|_| fail())?
    };
    if (2000..=2200).contains(&date.year()) { Ok(date) } else { Err(fail()) }
}

fn offset(text: &str) -> Option<Span> {
    let split = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, unit) = text.split_at(split);
    let number = digits.parse::<i32>().ok().filter(|n| *n <= 100_000)?;
    match unit {
        "" | "d" => Some(number.days()),
        "w" => number.checked_mul(7).map(|days| days.days()),
        "m" => Span::new().try_months(number).ok(),
        "y" => Span::new().try_years(number).ok(),
        _ => None,
    }
}

/// Microsoft's placeholder years (0001, 1753, 9999) stand for "no date".
#[must_use]
pub fn is_placeholder(date: Date) -> bool {
    matches!(date.year(), i16::MIN..=1 | 1753 | 9999)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn typed_dates() {
        let today = date(2026, 1, 31);
        for (typed, read) in [
            ("today", today),
            (" TODAY ", today),
            ("+30d", date(2026, 3, 2)),
            ("+30", date(2026, 3, 2)),
            ("+1m", date(2026, 2, 28)),
            ("-1m", date(2025, 12, 31)),
            ("+1y", date(2027, 1, 31)),
            ("-2w", date(2026, 1, 17)),
            ("2026-11-01", date(2026, 11, 1)),
        ] {
            assert_eq!(parse_typed(typed, today), Ok(read), "{typed}");
        }
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for bad in [
            "",
            "tomorrow",
            "+",
            "+1x",
            "2026-02-30",
            "01.11.2026",
            "9999-12-31",
            "+99999999999d",
            "+100000y",
            "-90000d",
        ] {
            assert!(parse_typed(bad, date(2026, 1, 31)).is_err(), "{bad}");
        }
    }
}
