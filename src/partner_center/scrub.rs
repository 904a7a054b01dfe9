//! Text of a server, made fit for an error: no secrets, no control characters, short.

use url::form_urlencoded::byte_serialize;

use crate::domain::text::printable;

/// Characters without a break from which on a word is taken for a token or a key. A GUID has 36.
const TOKEN_LENGTH: usize = 40;

/// Longest excerpt, in characters.
const EXCERPT_LENGTH: usize = 300;

/// Longest sentence of the program's own, in characters: what is to be done stands at its end.
const SENTENCE_LENGTH: usize = 1000;

/// The text without the secrets given, without anything that looks like a token, printable and cut.
pub(super) fn excerpt(text: &str, secrets: &[&str]) -> String {
    scrubbed(text, secrets, EXCERPT_LENGTH)
}

/// The same of what another part of the program says.
pub(super) fn sentence(text: &str, secrets: &[&str]) -> String {
    scrubbed(text, secrets, SENTENCE_LENGTH)
}

fn scrubbed(text: &str, secrets: &[&str], length: usize) -> String {
    let mut text = text.to_owned();
    for secret in secrets.iter().filter(|s| !s.is_empty()) {
        let encoded: String = byte_serialize(secret.as_bytes()).collect();
        text = text.replace(secret, "…").replace(&encoded, "…");
    }
    let mut words = Vec::new();
    for word in text.split_whitespace() {
        words.push(mask_tokens(word));
        if words.len() > length {
            break;
        }
    }
    cut(&printable(&words.join(" ")), length)
}

/// Each run of a token's characters that is too long for a word or an id becomes an ellipsis.
fn mask_tokens(word: &str) -> String {
    let in_token =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '~' | '+' | '/' | '=' | '%');
    let mut out = String::with_capacity(word.len().min(4 * EXCERPT_LENGTH));
    let mut rest = word;
    while !rest.is_empty() {
        let end = rest.find(|c| !in_token(c)).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        out.push_str(if run.len() >= TOKEN_LENGTH { "…" } else { run });
        let plain = after.find(in_token).unwrap_or(after.len());
        out.push_str(&after[..plain]);
        rest = &after[plain..];
    }
    out
}

/// The first characters of a text, with an ellipsis where some are missing.
pub(super) fn cut(text: &str, length: usize) -> String {
    match text.char_indices().nth(length) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_do_not_survive() {
        let secret = "p~8Q/ü+x y";
        let echoed =
            format!("secret={secret}&encoded={}", byte_serialize(secret.as_bytes()).collect::<String>());
        assert_eq!(excerpt(&echoed, &[secret]), "secret=…&encoded=…");

        let jwt = format!("Authorization:Bearer eyJ{}.{}", "a".repeat(30), "b".repeat(30));
        assert_eq!(excerpt(&jwt, &[]), "Authorization:Bearer …");
        assert_eq!(excerpt(&format!("<b>{}</b>", "k".repeat(40)), &[]), "<b>…</b>");
    }

    #[test]
    fn ids_and_words_survive() {
        let text = "AADSTS700082: tenant 7c1d3a52-11aa-4d0e-9a55-3f6f0a1b2c3d has expired.";
        assert_eq!(excerpt(text, &["", "other"]), text);
    }

    #[test]
    fn long_and_hostile_text_is_cut_and_cleaned() {
        assert_eq!(excerpt("a\u{1b}[2J\r\n b\u{202e}c", &[]), "a?[2J bc");
        let long = excerpt(&"word ".repeat(10_000), &[]);
        assert_eq!(long.chars().count(), EXCERPT_LENGTH + 1);
        assert_eq!(cut("héé", 2), "hé…");
        assert_eq!(cut("hé", 2), "hé");
    }
}
