//! Dates as price lists write them, and the one form in which they are stored: ISO 8601, in UTC.

use std::borrow::Cow;

use jiff::civil::{Date, DateTime, Time, date};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan};

use crate::domain::date::is_placeholder;

/// Which of day and month comes first in `2/1/2030`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DateOrder {
    /// As Microsoft's files have it.
    #[default]
    MonthFirst,
    /// As a spreadsheet program of another country wrote it.
    DayFirst,
}

impl DateOrder {
    /// The order of a column: a first number above 12 anywhere can only be a day.
    pub fn of_column<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut order = Self::MonthFirst;
        for text in texts {
            let mut numbers = text.split(|c: char| !c.is_ascii_digit()).map(str::parse::<u32>);
            match (numbers.next(), numbers.next()) {
                (Some(_), Some(Ok(13..=31))) => return Self::MonthFirst,
                (Some(Ok(13..=31)), _) => order = Self::DayFirst,
                _ => {}
            }
        }
        order
    }
}

/// How a column's dates are to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DateRules {
    /// Day or month first.
    pub order: DateOrder,
    /// Serial numbers count from 1904, as in some workbooks, not from 1900.
    pub from_1904: bool,
    /// A midnight that comes from a spreadsheet's serial number stands for the whole day.
    pub whole_days: bool,
}

/// A date's text in the form that is stored: `2030-02-01T00:00:00Z`, or `2030-02-01` where the file has no time of day;
/// empty for the placeholder years (1753, 9999), which mean no date. None for what is no date.
#[must_use]
pub fn normal(text: &str, rules: DateRules) -> Option<String> {
    let plain = plain(text);
    let text = plain.trim();
    if text.is_empty() {
        return Some(String::new());
    }
    if text.len() > 64 || !text.is_ascii() {
        return None;
    }
    if text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit()) {
        return compact(text).map(|day| stored(day.to_datetime(Time::midnight()), false));
    }
    if is_number(text) {
        return of_serial(text.parse().ok()?, rules.from_1904, rules.whole_days);
    }
    let (moment, has_time) = parse(text, rules.order)?;
    Some(stored(moment, has_time))
}

/// Without what programs put around a date for the eye: narrow spaces before AM and PM, marks of direction.
fn plain(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let seen = text.chars().filter(|c| !matches!(c, '\u{200e}' | '\u{200f}' | '\u{feff}'));
    Cow::Owned(seen.map(|c| if c.is_whitespace() { ' ' } else { c }).collect())
}

/// A spreadsheet's own date in the stored form: days since 1900 or 1904, the time of day as a fraction. None where the number
/// is no date.
#[must_use]
pub fn of_serial(days: f64, from_1904: bool, whole_days: bool) -> Option<String> {
    let moment = moment_of_serial(days, from_1904)?;
    Some(stored(moment, !(whole_days && moment.time() == Time::midnight())))
}

fn stored(moment: DateTime, has_time: bool) -> String {
    if is_placeholder(moment.date()) {
        return String::new();
    }
    if has_time { format!("{moment:.0}Z") } else { moment.date().to_string() }
}

/// The instant from which on a stored date is valid.
#[must_use]
pub fn start(stored: &str) -> Option<Timestamp> {
    instant(stored, Time::midnight())
}

/// The instant after which a stored date is no longer valid: the end of the day where no time of day is stored.
#[must_use]
pub fn end(stored: &str) -> Option<Timestamp> {
    instant(stored, Time::constant(23, 59, 59, 999_999_999))
}

fn instant(stored: &str, time: Time) -> Option<Timestamp> {
    if stored.len() == 10 {
        let day: Date = stored.parse().ok()?;
        return day.to_datetime(time).to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp());
    }
    stored.parse().ok()
}

/// `20300201`.
fn compact(text: &str) -> Option<Date> {
    let number: i32 = text.parse().ok()?;
    let (year, month, day) = (number / 10_000, number / 100 % 100, number % 100);
    Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

fn is_number(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
        && text.bytes().all(|b| b.is_ascii_digit() || b == b'.')
        && text.bytes().filter(|b| *b == b'.').count() <= 1
}

/// 1900 is no leap year, but spreadsheets count a 29 February in it: day 60.
fn moment_of_serial(days: f64, from_1904: bool) -> Option<DateTime> {
    // 31 December 9999 is day 2,958,465.
    if !(0.0..2_958_466.0).contains(&days) {
        return None;
    }
    let seconds = (days.fract() * 86_400.0).round() as i64;
    let whole = days.trunc() as i64;
    let zero = match (from_1904, whole) {
        (true, _) => date(1904, 1, 1),
        (false, 0) => return Some(date(1, 1, 1).to_datetime(Time::midnight())),
        (false, 1..60) => date(1899, 12, 31),
        (false, _) => date(1899, 12, 30),
    };
    let span = Span::new().try_days(whole).ok()?.try_seconds(seconds).ok()?;
    zero.to_datetime(Time::midnight()).checked_add(span).ok()
}

fn parse(text: &str, order: DateOrder) -> Option<(DateTime, bool)> {
    let bytes = text.as_bytes();
    let split = text.find([' ', 'T', 't']).filter(|at| {
        bytes.get(*at) == Some(&b' ')
            || at.checked_sub(1).and_then(|b| bytes.get(b)).is_some_and(u8::is_ascii_digit)
    });
    // `1 Feb 2030` and `Feb 1, 2030` have spaces of their own; a time of day has a colon.
    let split = match (split, text.find(':')) {
        (_, None) if text.bytes().any(|b| b.is_ascii_alphabetic()) => text.len(),
        (Some(at), _) if bytes.get(at) != Some(&b' ') => at,
        (_, Some(colon)) => text.get(..colon)?.rfind(' ')?,
        (Some(at), None) => at,
        (None, None) => text.len(),
    };
    let (day, time) = text.split_at_checked(split)?;
    let day = parse_day(day.trim(), order)?;
    let time = time.trim_start_matches([' ', 'T', 't']).trim();
    if time.is_empty() {
        return Some((day.to_datetime(Time::midnight()), false));
    }
    let (time, minutes_east) = parse_time(time)?;
    Some((day.to_datetime(time).checked_sub(minutes_east.minutes()).ok()?, true))
}

fn parse_day(text: &str, order: DateOrder) -> Option<Date> {
    let mut parts =
        text.split(['/', '-', '.', ' ', ',']).filter(|part| !part.is_empty() && !is_weekday(part));
    let (a, b, c) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let (year, month, day) = if let Some(month) = month_named(b) {
        (c, month, a)
    } else if let Some(month) = month_named(a) {
        (c, month, b)
    } else if a.len() == 4 {
        (a, b.parse().ok()?, c)
    } else {
        let (first, second): (i8, i8) = (a.parse().ok()?, b.parse().ok()?);
        let day_first = text.contains('.') || order == DateOrder::DayFirst;
        let (month, day) = if (day_first && second <= 12) || first > 12 { (second, a) } else { (first, b) };
        (c, month, day)
    };
    let year: i16 = match (year.len(), year.parse().ok()?) {
        (4, year) => year,
        (2, year) => 2000 + year,
        _ => return None,
    };
    Date::new(year, month, day.parse().ok()?).ok()
}

/// `Friday, February 1, 2030`: the rest of such a date tells the day.
fn is_weekday(text: &str) -> bool {
    const NAMES: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let name = text.to_ascii_lowercase();
    name.len() >= 3 && NAMES.iter().any(|day| day.starts_with(&name))
}

fn month_named(text: &str) -> Option<i8> {
    const NAMES: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let name = text.to_ascii_lowercase();
    if name.len() < 3 {
        return None;
    }
    NAMES.iter().position(|month| month.starts_with(&name)).and_then(|at| i8::try_from(at + 1).ok())
}

/// A time of day, and its offset in minutes.
fn parse_time(text: &str) -> Option<(Time, i64)> {
    let text = text.to_ascii_uppercase();
    let (text, half) =
        match text.strip_suffix("AM").map(|t| (t, 0)).or(text.strip_suffix("PM").map(|t| (t, 12))) {
            Some((rest, half)) => (rest.trim_end(), Some(half)),
            None => (text.as_str(), None),
        };
    let zulu = ["Z", "UTC", "GMT"].into_iter().find_map(|zone| text.strip_suffix(zone));
    let (text, minutes_east) = match zulu {
        Some(rest) => (rest.trim_end(), 0),
        None => match text.rfind(['+', '-']) {
            Some(at) => {
                let (time, offset) = text.split_at_checked(at)?;
                let (hours, minutes) =
                    offset.get(1..)?.split_once(':').or_else(|| offset.get(1..)?.split_at_checked(2))?;
                let minutes = hours.parse::<u8>().ok()? as i64 * 60 + minutes.parse::<u8>().ok()? as i64;
                (time.trim_end(), if offset.starts_with('-') { -minutes } else { minutes })
            }
            None => (text, 0),
        },
    };
    let (clock, _) = text.split_once('.').unwrap_or((text, ""));
    let mut parts = clock.split(':').map(str::parse::<i8>);
    let hour = parts.next()?.ok()?;
    let minute = parts.next()?.ok()?;
    let second = parts.next().transpose().ok()?.unwrap_or(0);
    if parts.next().is_some() {
        return None;
    }
    let hour = match half {
        Some(half) if (1..=12).contains(&hour) => hour % 12 + half,
        Some(_) => return None,
        None => hour,
    };
    Some((Time::new(hour, minute, second, 0).ok()?, minutes_east))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Option<String> {
        normal(text, DateRules::default())
    }

    #[test]
    fn dates_as_files_write_them() {
        for (text, stored) in [
            ("2/1/2030 0:00", "2030-02-01T00:00:00Z"),
            ("3/1/2030 12:00:00 AM", "2030-03-01T00:00:00Z"),
            ("3/31/2030 11:59:59 PM", "2030-03-31T23:59:59Z"),
            ("2030-02-01T00:00:00.0000000Z", "2030-02-01T00:00:00Z"),
            ("2030-02-01T02:00:00+02:00", "2030-02-01T00:00:00Z"),
            ("2030-02-01 13:05", "2030-02-01T13:05:00Z"),
            ("2030-02-01", "2030-02-01"),
            ("2030/02/01", "2030-02-01"),
            ("20300201", "2030-02-01"),
            ("01.02.2030", "2030-02-01"),
            ("1-Feb-2030", "2030-02-01"),
            ("1 February 2030", "2030-02-01"),
            ("Feb 1, 2030", "2030-02-01"),
            ("Feb 1, 2030 14:00", "2030-02-01T14:00:00Z"),
            ("2/1/30", "2030-02-01"),
            ("31/12/2030", "2030-12-31"),
            ("\u{200e}2/1/2030\u{202f}12:00:00\u{202f}AM", "2030-02-01T00:00:00Z"),
            ("Friday, February 1, 2030", "2030-02-01"),
            ("Fri, 01 Feb 2030 00:00:00 GMT", "2030-02-01T00:00:00Z"),
            ("2030-02-01 00:00:00 UTC", "2030-02-01T00:00:00Z"),
            ("2030-02-01T02:00:00+0200", "2030-02-01T00:00:00Z"),
            ("47515", "2030-02-01T00:00:00Z"),
            ("47515.5", "2030-02-01T12:00:00Z"),
            ("", ""),
            ("9999-11-30 23:59:59", ""),
            ("9999-12-31T23:59:59.9999999Z", ""),
            ("12/31/9999 11:59:59 PM", ""),
            ("2958465", ""),
            ("1753-01-01T00:00:00Z", ""),
            ("0001-01-01T00:00:00Z", ""),
            ("0", ""),
        ] {
            assert_eq!(read(text).as_deref(), Some(stored), "{text}");
        }
        for bad in [
            "soon",
            "2030-13-01",
            "2030-02-30",
            "1/2",
            "#N/A",
            "25:00",
            "2030-02-01T25:00:00Z",
            "-5",
            "99999999",
            "NaN",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn serials_of_both_systems() {
        assert_eq!(of_serial(1.0, false, true).as_deref(), Some("1900-01-01"));
        assert_eq!(of_serial(59.0, false, true).as_deref(), Some("1900-02-28"));
        assert_eq!(of_serial(61.0, false, true).as_deref(), Some("1900-03-01"));
        assert_eq!(of_serial(47_515.0, false, true).as_deref(), Some("2030-02-01"));
        assert_eq!(of_serial(46_053.0, true, false).as_deref(), Some("2030-02-01T00:00:00Z"));
        assert_eq!(of_serial(47_515.999_988_425_92, false, true).as_deref(), Some("2030-02-01T23:59:59Z"));
        for none in [-1.0, f64::NAN, f64::INFINITY, 1e9] {
            assert_eq!(of_serial(none, false, false), None);
        }
    }

    #[test]
    fn day_or_month_first_is_told_by_the_column() {
        assert_eq!(DateOrder::of_column(["1/2/2030", "31/1/2030"]), DateOrder::DayFirst);
        assert_eq!(DateOrder::of_column(["1/2/2030", "1/31/2030 0:00"]), DateOrder::MonthFirst);
        assert_eq!(DateOrder::of_column(["2030-01-31", "1/2/2030"]), DateOrder::MonthFirst);
        let rules = DateRules { order: DateOrder::DayFirst, ..DateRules::default() };
        assert_eq!(normal("2/1/2030", rules).as_deref(), Some("2030-01-02"));
    }

    #[test]
    fn a_day_ends_at_its_end_and_an_instant_at_once() {
        assert_eq!(end("2030-02-28").unwrap().to_string(), "2030-02-28T23:59:59.999999999Z");
        assert_eq!(end("2030-03-01T00:00:00Z"), start("2030-03-01"));
        assert_eq!((start(""), end("")), (None, None));
    }

    proptest! {
        #[test]
        fn no_text_breaks_a_date_and_the_stored_form_stays(text in "[ -~]{0,24}") {
            if let Some(stored) = read(&text) {
                prop_assert_eq!(read(&stored), Some(stored.clone()));
                prop_assert_eq!(start(&stored).is_some(), !stored.is_empty());
            }
        }

        #[test]
        fn any_serial_is_a_date_or_none(days: f64) {
            let _ = of_serial(days, false, false);
        }
    }
}
