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
}
