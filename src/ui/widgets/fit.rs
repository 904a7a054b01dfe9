//! Fitting a text into the cells it has.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Where a text that is too long loses its characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// The end goes: names.
    End,
    /// The middle goes: ids and domains, where both ends matter.
    Middle,
}

/// The text in at most `width` cells; `ellipsis` stands for what is left out.
#[must_use]
pub fn fit<'a>(text: &'a str, width: usize, cut: Cut, ellipsis: &str) -> Cow<'a, str> {
    if text.len() <= width && text.is_ascii() || text.width() <= width {
        return Cow::Borrowed(text);
    }
    let mark = ellipsis.width();
    if width <= mark {
        return Cow::Owned(ellipsis.chars().take(width).collect());
    }
    let room = width - mark;
    match cut {
        Cut::End => Cow::Owned(format!("{}{ellipsis}", head(text, room))),
        Cut::Middle => {
            let front = head(text, room.div_ceil(2));
            let back = tail(text, room - front.width());
            Cow::Owned(format!("{front}{ellipsis}{back}"))
        }
    }
}

/// The text in exactly `width` cells, the last of them blank.
#[must_use]
pub fn padded(text: &str, width: usize, ellipsis: &str) -> String {
    let text = fit(text, width.saturating_sub(1), Cut::End, ellipsis);
    let pad = width.saturating_sub(text.width());
    format!("{text}{}", " ".repeat(pad))
}

/// The text in lines of at most `width` cells, broken between words; a longer word has a line of its own, to be cut.
#[must_use]
pub fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let used = lines.last().map_or(0, |line| line.width());
        if used > 0 && used + 1 + word.width() > width {
            lines.push(String::new());
        }
        if let Some(last) = lines.last_mut() {
            if !last.is_empty() {
                last.push(' ');
            }
            last.push_str(word);
        }
    }
    lines
}

/// The text in pieces that fill `width` cells each, broken anywhere: what is copied from them is the text again.
#[must_use]
pub fn pieces(text: &str, width: usize) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let piece = match head(rest, width.max(1)) {
            // A glyph that is wider than the room stands alone.
            "" => rest.graphemes(true).next().unwrap_or(rest),
            piece => piece,
        };
        pieces.push(piece);
        rest = &rest[piece.len()..];
    }
    pieces
}

fn head(text: &str, width: usize) -> &str {
    let mut used = 0;
    for (at, grapheme) in text.grapheme_indices(true) {
        used += grapheme.width();
        if used > width {
            return &text[..at];
        }
    }
    text
}

fn tail(text: &str, width: usize) -> &str {
    let mut used = 0;
    let mut from = text.len();
    for (at, grapheme) in text.grapheme_indices(true).rev() {
        used += grapheme.width();
        if used > width {
            break;
        }
        from = at;
    }
    &text[from..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_is_left_alone_and_the_rest_is_cut() {
        for (text, width, cut, fitted) in [
            ("Acme", 4, Cut::End, "Acme"),
            ("Acme Corp", 6, Cut::End, "Acme …"),
            ("acme-jp.onmicrosoft.com", 12, Cut::Middle, "acme-j…t.com"),
            ("日本株式会社", 7, Cut::End, "日本株…"),
            ("日本株式会社", 6, Cut::End, "日本…"),
            ("abc", 1, Cut::End, "…"),
            ("abc", 0, Cut::Middle, ""),
        ] {
            assert_eq!(fit(text, width, cut, "…"), fitted, "{text} in {width}");
            assert!(fit(text, width, cut, "…").width() <= width);
        }
        assert_eq!(fit("abcdefgh", 5, Cut::End, "..."), "ab...");
    }

    #[test]
    fn a_padded_text_fills_its_cells() {
        for text in ["", "Acme", "Acme Corporation", "日本株式会社", "日本", "日本株"] {
            let padded = padded(text, 7, "…");
            assert_eq!(padded.width(), 7, "{padded:?}");
            assert!(padded.ends_with(' '));
        }
    }

    #[test]
    fn words_are_wrapped_by_their_cells() {
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(wrapped("日本 株式", 7), ["日本", "株式"]);
        assert_eq!(wrapped("日本 株式", 9), ["日本 株式"]);
        assert_eq!(wrapped("a toolongword b", 5), ["a", "toolongword", "b"]);
        assert_eq!(wrapped("", 5), [""]);
    }
}
