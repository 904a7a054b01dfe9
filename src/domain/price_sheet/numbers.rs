//! Numbers as a person reads them in a cell.

use std::borrow::Cow;

use rust_decimal::Decimal;

use crate::domain::money::Currency;

/// Digits that spreadsheet programs show of a number.
const DIGITS: usize = 15;
/// Longest text that is read as a number.
const LONGEST: usize = 64;

/// A cell's number as it is seen: 15 significant digits, no exponent, no trailing zeros. None for what is no number.
#[must_use]
pub fn seen(number: f64) -> Option<String> {
    if !number.is_finite() {
        return None;
    }
    if number.fract() == 0.0 && number.abs() < 1e15 {
        return Some((number as i64).to_string());
    }
    // Most prices: the number next to a decimal of four places is seen as that decimal.
    let ten_thousandths = (number * 1e4).round();
    if number.abs() < 1e9 && ten_thousandths / 1e4 == number {
        return Some(Decimal::new(ten_thousandths as i64, 4).normalize().to_string());
    }
    let scientific = format!("{:.*e}", DIGITS - 1, number);
    let (mantissa, exponent) = scientific.split_once('e')?;
    let exponent: i32 = exponent.parse().ok()?;
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |rest| ("-", rest));
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let digits = digits.trim_end_matches('0');
    let mut out = String::from(sign);
    if exponent < 0 {
        out.push_str("0.");
        out.extend(std::iter::repeat_n('0', exponent.unsigned_abs() as usize - 1));
        out.push_str(digits);
    } else {
        let whole = exponent as usize + 1;
        let (before, after) = digits.split_at_checked(whole).unwrap_or((digits, ""));
        out.push_str(before);
        out.extend(std::iter::repeat_n('0', whole - before.len()));
        if !after.is_empty() {
            out.push('.');
            out.push_str(after);
        }
    }
    Some(out)
}

/// Why a text is no price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PriceFault {
    /// Text, NaN, or more digits than a price has.
    #[error("is no price")]
    NotANumber,
    /// Below zero.
    #[error("is a negative price")]
    Negative,
}

/// A price's text in the form that is stored: digits with a point, as many of them as the file has. `1,234.50 USD` becomes
/// `1234.50`; what is in that form already stays as it is. `comma` says that the file's decimal mark is the comma.
///
/// # Errors
/// See [`PriceFault`].
pub fn price(text: &str, comma: bool) -> Result<Cow<'_, str>, PriceFault> {
    let text = text.trim();
    let points = text.bytes().filter(|b| *b == b'.').count();
    let plain = text.bytes().all(|b| b.is_ascii_digit() || b == b'.')
        && text.len() <= 28
        && text.starts_with(|c: char| c.is_ascii_digit())
        && !text.ends_with('.');
    if plain && (points == 0 || (points == 1 && !comma)) {
        return Ok(Cow::Borrowed(text));
    }
    if text.len() > LONGEST {
        return Err(PriceFault::NotANumber);
    }
    let (negative, bare) = unsigned(without_currency(text));
    let bare = without_currency(bare);
    let number =
        if bare.contains(['e', 'E']) { from_scientific(bare, comma) } else { from_grouped(bare, comma) };
    let number = number.ok_or(PriceFault::NotANumber)?;
    if negative && number.bytes().any(|b| (b'1'..=b'9').contains(&b)) {
        return Err(PriceFault::Negative);
    }
    Ok(Cow::Owned(number))
}

/// Reads a stored price.
#[must_use]
pub fn decimal(text: &str) -> Option<Decimal> {
    text.starts_with(|c: char| c.is_ascii_digit()).then(|| text.parse().ok())?
}

fn unsigned(text: &str) -> (bool, &str) {
    if let Some(inside) = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        return (true, inside.trim());
    }
    if let Some(rest) = text.strip_prefix(['-', '\u{2212}']).or_else(|| text.strip_suffix('-')) {
        return (true, rest.trim());
    }
    (false, text.strip_prefix('+').unwrap_or(text).trim())
}

/// What currencies are written as beside ISO codes and signs of one character.
const SIGNS: [char; 14] = ['$', '€', '£', '¥', '₹', '₩', '₪', '₽', '₺', '₫', '฿', '₱', '₴', '₸'];
const WORDS: [&str; 14] =
    ["kr.", "kr", "zł", "Kč", "Ft", "lei", "лв.", "лв", "SFr.", "Fr.", "Fr", "RM", "Rp", "R"];

fn without_currency(text: &str) -> &str {
    // `US$`, `A$`, `R$`: letters before a dollar are a part of the sign.
    let letters = text.trim().trim_start_matches(|c: char| c.is_ascii_uppercase());
    let text = if letters.starts_with(['$', '¥']) { letters } else { text.trim() };
    let text = text.trim_start_matches(SIGNS).trim_end_matches(SIGNS).trim();
    let is_code = |code: &str| code.bytes().all(|b| b.is_ascii_uppercase()) && Currency::parse(code).is_ok();
    if let Some((code, rest)) = text.split_at_checked(3)
        && is_code(code)
    {
        return rest.trim();
    }
    if let Some((rest, code)) = text.len().checked_sub(3).and_then(|at| text.split_at_checked(at))
        && is_code(code)
    {
        return rest.trim();
    }
    WORDS
        .iter()
        .find_map(|word| text.strip_prefix(word).or_else(|| text.strip_suffix(word)))
        .map_or(text, str::trim)
}

fn from_scientific(text: &str, comma: bool) -> Option<String> {
    let text = if comma { Cow::Owned(text.replace(',', ".")) } else { Cow::Borrowed(text) };
    if !text.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    Decimal::from_scientific(&text).ok().map(|number| number.to_string())
}

fn from_grouped(text: &str, comma: bool) -> Option<String> {
    let (mark, group) = if comma { (',', '.') } else { ('.', ',') };
    let (whole, fraction) = text.split_once(mark).unwrap_or((text, ""));
    let is_group = |c: char| c == group || matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '\'' | '\u{2019}');
    let mut parts = whole.split(is_group);
    let first = parts.next()?;
    let mut out = String::with_capacity(text.len());
    out.push_str(first);
    let mut grouped = false;
    for part in parts {
        if part.len() != 3 {
            return None;
        }
        out.push_str(part);
        grouped = true;
    }
    if grouped && (!(1..=3).contains(&first.len()) || first.starts_with('0')) {
        return None;
    }
    if out.is_empty() && !fraction.is_empty() {
        out.push('0');
    }
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if out.is_empty() || out.len() + fraction.len() > 28 || !digits(&out) || !digits(fraction) {
        return None;
    }
    if !fraction.is_empty() {
        out.push('.');
        out.push_str(fraction);
    }
    Some(out)
}

/// What parts the decimals in a column of prices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DecimalMark<'a> {
    /// The comma does, else the point.
    pub comma: bool,
    /// A price whose mark was taken to part thousands although no price of the column tells; somebody should look at it.
    pub guessed: Option<&'a str>,
}

/// The decimal mark of a column of prices. `1.234,50` and `12,5` say that it is the comma, `1,234.50` and `12.5` deny it; where
/// no price tells, `likely` stands (a file that is separated by semicolons most often has commas in numbers).
pub fn decimal_mark<'a>(prices: impl IntoIterator<Item = &'a str>, likely: bool) -> DecimalMark<'a> {
    let mut comma = false;
    let (mut lone_comma, mut lone_point) = (None, None);
    for text in prices {
        let digits_after = |at: usize| {
            text.get(at + 1..).map_or(0, |rest| rest.bytes().take_while(u8::is_ascii_digit).count())
        };
        // A lone mark may part thousands if three digits follow and one to three stand before it, the first no zero.
        let is_decimal = |mark: char, at: usize| {
            let before = text.get(..at).unwrap_or_default().trim_start_matches(|c: char| !c.is_ascii_digit());
            text.matches(mark).count() == 1
                && (digits_after(at) != 3 || before.len() > 3 || before.starts_with('0'))
        };
        let says_comma = match (text.rfind(','), text.rfind('.')) {
            (None, None) => continue,
            (Some(c), Some(p)) => c > p,
            (Some(c), None) if is_decimal(',', c) => true,
            (None, Some(p)) if is_decimal('.', p) => false,
            (Some(_), None) => {
                lone_comma = lone_comma.or(Some(text));
                continue;
            }
            (None, Some(_)) => {
                lone_point = lone_point.or(Some(text));
                continue;
            }
        };
        if !says_comma {
            return DecimalMark { comma: false, guessed: None };
        }
        comma = true;
    }
    match (comma, likely) {
        (true, _) => DecimalMark { comma: true, guessed: None },
        (false, true) => DecimalMark { comma: true, guessed: lone_point },
        (false, false) => DecimalMark { comma: false, guessed: lone_comma },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_as_seen() {
        for (number, text) in [
            (0.1 + 0.2, "0.3"),
            (12.0, "12"),
            (-0.0, "0"),
            (8.25, "8.25"),
            (1e-5, "0.00001"),
            (1.15e-10, "0.000000000115"),
            (123_456_789.123_456_78, "123456789.123457"),
            (18_446_744_073_709_551_615.0, "18446744073709600000"),
            (1e15, "1000000000000000"),
            (-1234.5, "-1234.5"),
            (0.999_999_999_999_999_9, "1"),
        ] {
            assert_eq!(seen(number).as_deref(), Some(text), "{number:e}");
        }
        assert_eq!(seen(f64::MAX).unwrap().len(), 309);
        assert_eq!(seen(f64::NAN), None);
        assert_eq!(seen(f64::NEG_INFINITY), None);
    }

    #[test]
    fn prices_as_files_write_them() {
        for (text, comma, stored) in [
            ("12.00", false, "12.00"),
            ("0", false, "0"),
            (" 144.50 ", false, "144.50"),
            ("1,234.50", false, "1234.50"),
            ("1.234,50", true, "1234.50"),
            ("1,5", true, "1.5"),
            ("1 234.5", false, "1234.5"),
            ("1\u{a0}234,5", true, "1234.5"),
            ("1'234.5", false, "1234.5"),
            ("$12.5", false, "12.5"),
            ("12.5 USD", false, "12.5"),
            ("EUR 1.234,5", true, "1234.5"),
            ("12,50 €", true, "12.50"),
            ("US$1,234.50", false, "1234.50"),
            ("R$ 1.234,50", true, "1234.50"),
            ("1 234,50 kr", true, "1234.50"),
            ("kr. 5,10", true, "5.10"),
            ("12,50 zł", true, "12.50"),
            (".5", false, "0.5"),
            ("5.", false, "5"),
            ("+5.10", false, "5.10"),
            ("-0.00", false, "0.00"),
            ("1E-05", false, "0.00001"),
            ("1.5E+3", false, "1500"),
            ("1.234", false, "1.234"),
            ("1.234", true, "1234"),
        ] {
            assert_eq!(price(text, comma).as_deref(), Ok(stored), "{text}");
            assert!(decimal(stored).is_some());
        }
        for text in ["-1", "(5.00)", "-$3", "5-", "\u{2212}4", "-1E2", "EUR -4", "-A$3", "-3 kr"] {
            assert_eq!(price(text, false), Err(PriceFault::Negative), "{text}");
        }
        for text in [
            "", "NaN", "abc", "12abc", "1,23", "1.2.3", "12,3456", "#N/A", "1_000", "1e999", "e5", "12 34",
            "--1", "INF", "0,125", "X$", "kr", "5 k", "12%",
        ] {
            assert_eq!(price(text, false), Err(PriceFault::NotANumber), "{text}");
        }
        assert_eq!(price(&"9".repeat(70), false), Err(PriceFault::NotANumber));
    }

    #[test]
    fn the_decimal_mark_is_told_by_the_column() {
        for (prices, likely, comma) in [
            (&["12.5", "1,234"][..], false, false),
            (&["1,234", "1,5"], false, true),
            (&["1.234,50"], false, true),
            (&["1,234.50", "1,5"], true, false),
            (&["1,234"], false, false),
            (&["1,234"], true, true),
            (&["12"], true, true),
            (&["1.5", "1,5"], false, false),
            (&["0.125"], true, false),
            (&["€ 0,125"], false, true),
            (&["1234.567"], true, false),
        ] {
            assert_eq!(decimal_mark(prices.iter().copied(), likely).comma, comma, "{prices:?}");
        }
        let guessed = |prices: &[&'static str], likely| decimal_mark(prices.iter().copied(), likely).guessed;
        assert_eq!(guessed(&["12", "1.234"], true), Some("1.234"), "a thousand, or a little more than one");
        assert_eq!(guessed(&["1,234"], false), Some("1,234"));
        assert_eq!(guessed(&["1.234"], false), None, "a point is read as it stands");
        assert_eq!(guessed(&["1.234", "1,5"], true), None, "another price tells");
    }

    proptest! {
        #[test]
        fn what_is_seen_reads_back(cents in 0i64..1_000_000_000_000, scale in 0u32..6) {
            let exact = Decimal::new(cents, scale);
            let number: f64 = exact.to_string().parse().unwrap();
            let text = seen(number).unwrap();
            prop_assert_eq!(decimal(&price(&text, false).unwrap()), Some(exact));
        }

        #[test]
        fn no_text_breaks_a_price(text in ".{0,70}", comma: bool) {
            if let Ok(stored) = price(&text, comma) {
                prop_assert!(decimal(&stored).is_some_and(|p| p >= Decimal::ZERO), "{}", stored);
                prop_assert_eq!(&price(&stored, false).unwrap(), &stored);
            }
        }
    }
}
