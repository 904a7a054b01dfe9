//! Bodies of answers: parsed where they are JSON, described where they are not.

use serde_json::Value;

use super::scrub::cut;

/// Why a body is no JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NotJson {
    /// It ends before the document does.
    Incomplete,
    /// It is something else.
    Other,
}

/// Parses JSON, with or without a byte order mark before it.
pub(super) fn parse(raw: &[u8]) -> Result<Value, NotJson> {
    let text = raw.strip_prefix(b"\xef\xbb\xbf").unwrap_or(raw);
    serde_json::from_slice(text).map_err(|error| match error.is_eof() && !text.trim_ascii().is_empty() {
        true => NotJson::Incomplete,
        false => NotJson::Other,
    })
}

/// What a body is that is no JSON, with the title of a page or the first words of a text. Must still be cleaned.
pub(super) fn describe(raw: &[u8]) -> String {
    let text = String::from_utf8_lossy(&raw[..raw.len().min(16 * 1024)]);
    let text = text.trim().trim_start_matches('\u{feff}').trim_start();
    if text.is_empty() {
        return "an empty body".to_owned();
    }
    if matches!(text.as_bytes().first(), Some(b'{' | b'[')) {
        return "broken JSON".to_owned();
    }
    if !text.starts_with('<') {
        return format!("not JSON: {}", cut(text, 1000));
    }
    let lower = text.to_ascii_lowercase();
    let title = lower.find("<title").and_then(|at| {
        let start = at + lower[at..].find('>')? + 1;
        let end = start + lower[start..].find("</title")?;
        Some(text[start..end].trim())
    });
    match title.filter(|title| !title.is_empty()) {
        Some(title) => format!("a page of HTML: {title}"),
        None => "a page of HTML".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_order_mark_does_not_matter() {
        assert_eq!(parse(b"\xef\xbb\xbf{\"a\":1}"), Ok(serde_json::json!({"a": 1})));
    }

    #[test]
    fn what_is_cut_is_told_from_what_is_wrong() {
        assert_eq!(parse(b"{\"items\":[{\"id\":\"a"), Err(NotJson::Incomplete));
        for other in
            [&b""[..], b"  ", b"<html>", b"{\"a\":}", b"{} trailing", b"\xff\xfe", &b"[".repeat(10_000)]
        {
            assert_eq!(parse(other), Err(NotJson::Other));
        }
    }

    #[test]
    fn a_page_is_described_by_its_title() {
        assert_eq!(describe(b"<HTML><Title >\n Sign in </TITLE>"), "a page of HTML: Sign in");
        assert_eq!(describe(b"<html>"), "a page of HTML");
        assert_eq!(describe(b"<title>no end"), "a page of HTML");
        assert_eq!(describe(b"{\"access_token\":\"x\""), "broken JSON");
        assert_eq!(describe("\u{feff} ".as_bytes()), "an empty body");
    }
}
