//! Lenient readers. Partner Center spells properties in either case, sends numbers as text and the other way round, and leaves
//! out what is null (developer/api conventions); what can't be read is a note about the item, never the end of a list.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde_json::{Map, Value};

use super::scrub::cut;
use crate::domain::date::is_placeholder;
use crate::domain::text::printable;

/// An object, its properties found without regard to case.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a>(&'a Map<String, Value>);

impl<'a> Fields<'a> {
    pub(super) fn of(value: &'a Value) -> Option<Self> {
        value.as_object().map(Self)
    }

    /// A property; null is none.
    pub(super) fn get(&self, name: &str) -> Option<&'a Value> {
        let found = self.0.get(name).or_else(|| {
            self.0.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
        });
        found.filter(|value| !value.is_null())
    }

    pub(super) fn object(&self, name: &str) -> Option<Self> {
        self.get(name).and_then(Self::of)
    }

    pub(super) fn array(&self, name: &str) -> Option<&'a [Value]> {
        self.get(name)?.as_array().map(Vec::as_slice)
    }

    /// Text, trimmed; a number or a truth value as it is written. Nothing but white space is none.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        text_of(self.get(name)?)
    }

    pub(super) fn flag(&self, name: &str) -> Option<bool> {
        match self.text(name)?.to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" => Some(true),
            "false" | "0" | "no" => Some(false),
            _ => None,
        }
    }

    /// A moment in UTC; Microsoft's placeholder years are none. An unreadable one is a note.
    pub(super) fn moment(&self, name: &str, notes: &mut Vec<String>) -> Option<Timestamp> {
        let text = self.text(name)?;
        read_moment(&text).unwrap_or_else(|BadDate| {
            notes.push(format!("{name} {} is no date", quoted(&text)));
            None
        })
    }

    /// A count of 0 to [`u32::MAX`]; what lies outside, or between two numbers, is brought inside with a note.
    pub(super) fn count(&self, name: &str, notes: &mut Vec<String>) -> Option<u32> {
        let text = text_of(self.get(name)?).unwrap_or_default();
        let (count, exact) = read_count(&text);
        if !exact {
            notes.push(format!("{name} {} is taken as {count}", quoted(&text)));
        }
        Some(count)
    }
}

/// Text of a plain value.
pub(super) fn text_of(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        Value::Null | Value::Array(_) | Value::Object(_) => return None,
    };
    (!text.is_empty()).then_some(text)
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", cut(&printable(text), 60))
}

/// A count as it is written, and whether it is exactly that.
pub(super) fn read_count(text: &str) -> (u32, bool) {
    let text = text.trim();
    if let Ok(count) = text.parse::<u32>() {
        return (count, true);
    }
    let Some(number) = text.parse::<Decimal>().or_else(|_| Decimal::from_scientific(text)).ok() else {
        let digits = text.strip_prefix('+').unwrap_or(text);
        let huge = digits.len() > 1 && digits.bytes().all(|b| b.is_ascii_digit());
        return (if huge { u32::MAX } else { 0 }, false);
    };
    let whole = number.trunc();
    let count = if whole.is_sign_negative() { 0 } else { whole.to_u32().unwrap_or(u32::MAX) };
    (count, Decimal::from(count) == number)
}

/// A text that is no date.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct BadDate;

/// Reads ISO 8601 with any number of fraction digits, with any offset or none (then UTC).
pub(super) fn read_moment(text: &str) -> Result<Option<Timestamp>, BadDate> {
    let text = at_most_nine_fraction_digits(text.trim());
    let year = text.split('-').next().unwrap_or_default();
    if matches!(year, "0000" | "0001" | "1753" | "9999") {
        return Ok(None);
    }
    let moment = match text.parse::<Timestamp>() {
        Ok(moment) => moment,
        Err(_) if has_offset(&text) => return Err(BadDate),
        Err(_) => {
            let local = text.parse::<DateTime>().map_err(|_| BadDate)?;
            local.to_zoned(TimeZone::UTC).map_err(|_| BadDate)?.timestamp()
        }
    };
    Ok((!is_placeholder(moment.to_zoned(TimeZone::UTC).date())).then_some(moment))
}

/// Whether an offset stands behind the time.
fn has_offset(text: &str) -> bool {
    text.find(':').is_some_and(|time| text[time..].contains(['+', '-', 'Z', 'z']))
}

fn at_most_nine_fraction_digits(text: &str) -> String {
    let Some(point) = text.find(['.', ',']) else { return text.to_owned() };
    let (before, fraction) = text.split_at(point + 1);
    let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
    match digits {
        0 => text.replacen(['.', ','], "", 1),
        _ => format!("{before}{}{}", &fraction[..digits.min(9)], &fraction[digits..]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn dates_as_they_come() {
        for (text, expected) in [
            ("2030-02-11T10:03:07Z", "2030-02-11T10:03:07Z"),
            ("2030-02-11T10:03:07z", "2030-02-11T10:03:07Z"),
            ("2030-02-11T10:03:07.1Z", "2030-02-11T10:03:07.1Z"),
            ("2030-02-11T10:03:07.1234567Z", "2030-02-11T10:03:07.1234567Z"),
            ("2030-02-11T10:03:07.123456789012Z", "2030-02-11T10:03:07.123456789Z"),
            ("2030-02-11T10:03:07.Z", "2030-02-11T10:03:07Z"),
            ("2018-03-16T00:00:00", "2018-03-16T00:00:00Z"),
            ("2018-03-16T00:00:00.1234567", "2018-03-16T00:00:00.1234567Z"),
            ("2018-03-16T00:00", "2018-03-16T00:00:00Z"),
            ("2018-03-16", "2018-03-16T00:00:00Z"),
            (" 2018-03-16 08:30:00 ", "2018-03-16T08:30:00Z"),
            ("2018-03-16T00:00:00+00:00", "2018-03-16T00:00:00Z"),
            ("2018-03-16T00:00:00-00:00", "2018-03-16T00:00:00Z"),
            ("2018-03-16T00:00:00+05:30", "2018-03-15T18:30:00Z"),
            ("2018-03-16T00:00:00+0530", "2018-03-15T18:30:00Z"),
            ("2018-03-16T00:00:00-08", "2018-03-16T08:00:00Z"),
            ("2018-03-16T23:59:60Z", "2018-03-16T23:59:59Z"),
        ] {
            let read = read_moment(text).unwrap().map(|t| t.to_string());
            assert_eq!(read.as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn placeholders_are_none() {
        for text in [
            "0001-01-01T00:00:00",
            "0001-01-01T00:00:00Z",
            "0001-01-01T00:00:00+14:00",
            "1753-01-01T00:00:00",
            "9999-12-31T23:59:59.9999999Z",
            "9999-12-31T00:00:00",
            "9999-14-14",
        ] {
            assert_eq!(read_moment(text), Ok(None), "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_a_note() {
        for text in [
            "soon",
            "2030-02-30T00:00:00Z",
            "2030-13-01",
            "2030-01-01T00:00:00+99:00",
            "12/31/2030",
            "é-1",
            ".",
        ] {
            assert_eq!(read_moment(text), Err(BadDate), "{text}");
        }
        let value = json!({"End": "so\u{1b}on", "none": null, "nested": {}});
        let (fields, mut notes) = (Fields::of(&value).unwrap(), Vec::new());
        assert_eq!(fields.moment("end", &mut notes), None);
        assert_eq!(fields.moment("none", &mut notes), None);
        assert_eq!(fields.moment("nested", &mut notes), None);
        assert_eq!(notes, ["end \"so?on\" is no date"]);
    }

    #[test]
    fn counts_as_they_come() {
        for (text, expected) in [
            ("25", (25, true)),
            ("25.0", (25, true)),
            ("2.5e1", (25, true)),
            ("+7", (7, true)),
            ("-0", (0, true)),
            ("4294967295", (u32::MAX, true)),
            ("4294967296", (u32::MAX, false)),
            ("18446744073709551616", (u32::MAX, false)),
            ("999999999999999999999999999999999999999", (u32::MAX, false)),
            ("-1", (0, false)),
            ("2.5", (2, false)),
            ("many", (0, false)),
            ("", (0, false)),
        ] {
            assert_eq!(read_count(text), expected, "{text}");
        }
    }

    #[test]
    fn properties_are_found_in_any_case_and_form() {
        let value = json!({"ID": " x ", "id2": 7, "Flag": "True", "odd": [], "blank": "  ", "n": 12.5});
        let fields = Fields::of(&value).unwrap();
        assert_eq!(fields.text("id").as_deref(), Some("x"));
        assert_eq!(fields.text("Id2").as_deref(), Some("7"));
        assert_eq!(fields.text("n").as_deref(), Some("12.5"));
        assert_eq!(fields.flag("flag"), Some(true));
        assert_eq!(fields.text("odd"), None);
        assert_eq!(fields.text("blank"), None);
        let both = json!({"ID": "upper", "id": "exact"});
        assert_eq!(Fields::of(&both).unwrap().text("id").as_deref(), Some("exact"));
    }
}
