//! Months of price sheets, and the three ways in which sheets write a date.

use jiff::ToSpan;
use jiff::civil::Date;

/// A month, counted from the year 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Month(i16);

/// The month in which the simulated world stands still.
pub(super) const CURRENT: Month = Month::new(2026, 11);
/// The first month that history reaches back to.
pub(super) const FIRST: Month = Month::new(2019, 9);
/// The first month that can be had compressed.
pub(super) const FIRST_COMPRESSED: Month = Month::new(2020, 4);
/// The first month whose software sheet says what has changed.
pub(super) const FIRST_INDICATED: Month = Month::new(2026, 1);

impl Month {
    pub(super) const fn new(year: i16, month: i16) -> Month {
        Month(year * 12 + month - 1)
    }

    /// Reads `YYYYMM`.
    pub(super) fn parse(text: &str) -> Option<Month> {
        if text.len() != 6 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let (year, month) = text.split_at(4);
        let month: i16 = month.parse().ok().filter(|month| (1..=12).contains(month))?;
        Some(Month::new(year.parse().ok()?, month))
    }

    pub(super) fn next(self) -> Month {
        Month(self.0 + 1)
    }

    pub(super) fn back(self, months: i16) -> Month {
        Month(self.0 - months)
    }

    /// A number that no other month has.
    pub(super) fn number(self) -> u32 {
        u32::try_from(self.0).unwrap_or_default()
    }

    /// The months after this one up to and with `last`.
    pub(super) fn until(self, last: Month) -> impl Iterator<Item = Month> {
        (self.0 + 1..=last.0).map(Month)
    }

    pub(super) fn first_day(self) -> Date {
        let month = i8::try_from(self.0 % 12).unwrap_or_default() + 1;
        Date::new(self.0 / 12, month, 1).unwrap_or(Date::ZERO)
    }

    pub(super) fn last_day(self) -> Date {
        self.next().first_day() - 1.day()
    }
}

impl std::fmt::Display for Month {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}{:02}", self.0 / 12, self.0 % 12 + 1)
    }
}

/// How a sheet writes its dates: real ones have been seen in each of these ways, one for the whole file.
#[derive(Clone, Copy)]
pub(super) enum DateStyle {
    /// `2/1/2030 0:00`
    Short,
    /// `2030-02-01T00:00:00.0000000Z`
    Iso,
    /// `2/1/2030 12:00:00 AM`
    Long,
}

impl DateStyle {
    pub(super) fn of(month: Month) -> DateStyle {
        match month.0 % 3 {
            0 => DateStyle::Short,
            1 => DateStyle::Iso,
            _ => DateStyle::Long,
        }
    }

    /// The begin of a day; the placeholder of the year 1753 where there is none.
    pub(super) fn start(self, date: Option<Date>) -> String {
        let date = date.unwrap_or(jiff::civil::date(1753, 1, 1));
        match self {
            DateStyle::Short => format!("{} 0:00", us(date)),
            DateStyle::Iso => format!("{date}T00:00:00.0000000Z"),
            DateStyle::Long => format!("{} 12:00:00 AM", us(date)),
        }
    }

    /// The end of a day; a day in the year 9999 where there is none, and not the same one in each style.
    pub(super) fn end(self, date: Option<Date>) -> String {
        match self {
            DateStyle::Short => format!("{} 23:59", us(date.unwrap_or(jiff::civil::date(9999, 12, 31)))),
            DateStyle::Iso => {
                format!("{}T23:59:59.9999999Z", date.unwrap_or(jiff::civil::date(9999, 12, 31)))
            }
            DateStyle::Long => {
                format!("{} 11:59:59 PM", us(date.unwrap_or(jiff::civil::date(9999, 11, 30))))
            }
        }
    }
}

fn us(date: Date) -> String {
    format!("{}/{}/{}", date.month(), date.day(), date.year())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_read_and_written() {
        for (text, first, last) in
            [("202602", "2026-02-01", "2026-02-28"), ("201912", "2019-12-01", "2019-12-31")]
        {
            let month = Month::parse(text).unwrap();
            assert_eq!(month.to_string(), text);
            assert_eq!(month.first_day().to_string(), first);
            assert_eq!(month.last_day().to_string(), last);
        }
        assert_eq!(Month::parse("202612").unwrap().next(), Month::parse("202701").unwrap());
        assert_eq!(FIRST.until(Month::new(2019, 11)).count(), 2);
        for bad in ["", "2026", "202600", "202613", "2026-1", "+20261", "20261１"] {
            assert_eq!(Month::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn each_style_writes_the_same_day() {
        let day = Some(jiff::civil::date(2030, 2, 1));
        let starts = [DateStyle::Short, DateStyle::Iso, DateStyle::Long].map(|style| style.start(day));
        assert_eq!(starts, ["2/1/2030 0:00", "2030-02-01T00:00:00.0000000Z", "2/1/2030 12:00:00 AM"]);
        assert_eq!(DateStyle::Long.end(None), "11/30/9999 11:59:59 PM");
        assert_eq!(DateStyle::Iso.start(None), "1753-01-01T00:00:00.0000000Z");
    }
}
