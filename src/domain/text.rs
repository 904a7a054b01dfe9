//! Text from outside, made fit to be printed. A customer's name may hold escape sequences, line breaks or overrides of the
//! writing direction; none of them may reach a terminal.

use std::borrow::Cow;

/// What a character becomes on a terminal.
fn fate(c: char) -> Fate {
    match c {
        '\t' | '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => Fate::Space,
        // Marks and overrides of direction, invisible joiners, tags and annotations: they move or hide other text, and
        // terminals disagree about their width.
        '\u{ad}'
        | '\u{61c}'
        | '\u{180e}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e0fff}' => Fate::Drop,
        c if c.is_control() => Fate::Mark,
        _ => Fate::Keep,
    }
}

#[derive(PartialEq)]
enum Fate {
    Keep,
    Space,
    Drop,
    Mark,
}

/// The text with line breaks as spaces, control characters as `?`, and invisible direction marks and joiners left out.
#[must_use]
pub fn printable(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|b| (b' '..0x7f).contains(&b)) || text.chars().all(|c| fate(c) == Fate::Keep) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(
        text.chars()
            .filter_map(|c| match fate(c) {
                Fate::Keep => Some(c),
                Fate::Space => Some(' '),
                Fate::Drop => None,
                Fate::Mark => Some('?'),
            })
            .collect(),
    )
}

/// Escapes, in a JSON document, the characters that JSON lets through but a terminal must not see. They can only stand inside
/// strings, so `\u` escapes keep the document's meaning.
#[must_use]
pub fn printable_json(document: &str) -> Cow<'_, str> {
    let harmless = |c: char| matches!(c, '\n' | '\r' | '\t') || fate(c) == Fate::Keep;
    if document.chars().all(harmless) {
        return Cow::Borrowed(document);
    }
    let mut out = String::with_capacity(document.len() + 64);
    for c in document.chars() {
        if harmless(c) {
            out.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    Cow::Owned(out)
}

/// `1 client`, `14 clients`.
#[must_use]
pub fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

/// `12,402`.
#[must_use]
pub fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_is_not_copied() {
        for plain in ["Acme Corp", "ACME 日本株式会社", "Ærø Åse", "שלום"] {
            assert!(matches!(printable(plain), Cow::Borrowed(_)), "{plain}");
        }
    }

    #[test]
    fn nothing_that_steers_a_terminal_is_left() {
        assert_eq!(printable("a\u{1b}[2Jb\u{9b}31mc\u{7f}"), "a?[2Jb?31mc?");
        assert_eq!(printable("two\r\nlines"), "two  lines");
        assert_eq!(printable("ab\u{202e}dc\u{2066}x\u{200b}"), "abdcx");
        assert_eq!(printable("\u{1f469}\u{200d}\u{1f4bb}\u{fe0f}"), "\u{1f469}\u{1f4bb}");
    }

    #[test]
    fn json_keeps_its_meaning() {
        let value = serde_json::json!({ "name": "a\u{202e}b\u{9b}c\u{e0041}d\u{1b}" });
        let raw = serde_json::to_string_pretty(&value).unwrap();
        let safe = printable_json(&raw);
        assert!(!safe.contains('\u{202e}') && !safe.contains('\u{9b}') && !safe.contains('\u{e0041}'));
        assert_eq!(serde_json::from_str::<serde_json::Value>(&safe).unwrap(), value);
    }
}
