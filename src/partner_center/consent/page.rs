//! The page that the browser ends on. It is told what happened and what to do, and holds neither script nor anything foreign.

use super::RedirectError;
use crate::domain::text::printable;

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    status: &'static str,
    title: String,
    text: Vec<String>,
}

const OK: &str = "200 OK";
const BAD_REQUEST: &str = "400 Bad Request";

const HEADERS: &str = "Content-Type: text/html; charset=utf-8\r\n\
    Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'\r\n\
    X-Content-Type-Options: nosniff\r\n\
    Referrer-Policy: no-referrer\r\n\
    Cache-Control: no-store\r\n\
    Connection: close\r\n";

const STYLE: &str = ":root{color-scheme:light dark}\
    body{font:1.1rem/1.5 system-ui,sans-serif;max-width:36rem;margin:12vh auto;padding:0 1.5rem}h1{font-size:1.5rem}";

impl Page {
    /// The consent is given.
    #[must_use]
    pub fn done(user: Option<&str>) -> Self {
        let who = match user {
            Some(user) => format!("You signed in as {user}, and cspdeck now has the consent."),
            None => "You signed in, and cspdeck now has the consent.".to_owned(),
        };
        let close = "Close this window and go on in the terminal. If this is not your own browser, sign out of that account first.";
        Self::new(OK, "Consent given", [who, close.to_owned()])
    }

    /// The redirect brought no code for this attempt.
    #[must_use]
    pub fn refused(error: &RedirectError) -> Self {
        if error.is_final() {
            Self::failed(&error.to_string())
        } else {
            let wait = "The terminal still waits for the sign-in that is under way.";
            Self::new(
                BAD_REQUEST,
                "This does not belong here",
                [sentence(&error.to_string()), wait.to_owned()],
            )
        }
    }

    /// There is no consent. `why` says what happened and what to do, as errors do.
    #[must_use]
    pub fn failed(why: &str) -> Self {
        let close = "You can close this window; the terminal says the same.";
        Self::new(OK, "No consent", [sentence(why), close.to_owned()])
    }

    /// Somebody else will tell.
    pub(super) fn elsewhere() -> Self {
        let look = "Look at the terminal: it says what came of the sign-in. You can close this window.";
        Self::new(OK, "Sign-in received", [look.to_owned()])
    }

    /// An answer to what is no redirect.
    pub(super) fn not_here(status: &'static str) -> Self {
        let only = "cspdeck waits here for the end of a sign-in, and for nothing else.";
        Self::new(status, "Nothing here", [only.to_owned()])
    }

    fn new<const N: usize>(status: &'static str, title: &str, text: [String; N]) -> Self {
        Self { status, title: title.to_owned(), text: text.into() }
    }

    /// The whole answer, as it is sent.
    pub(super) fn answer(&self) -> Vec<u8> {
        let html = self.html();
        let (status, length) = (self.status, html.len());
        format!("HTTP/1.1 {status}\r\n{HEADERS}Content-Length: {length}\r\n\r\n{html}").into_bytes()
    }

    fn html(&self) -> String {
        let title = escaped(&self.title);
        let text: String = self.text.iter().map(|text| format!("<p>{}</p>\n", escaped(text))).collect();
        format!(
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width\"><title>cspdeck: {title}</title>\
             <style>{STYLE}</style></head>\n<body><h1>{title}</h1>\n{text}</body></html>\n"
        )
    }
}

/// An error's text as a sentence of its own.
fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let Some(first) = chars.next() else { return String::new() };
    format!("{}{}.", first.to_uppercase(), chars.as_str().trim_end_matches('.'))
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in printable(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(page: &Page) -> String {
        String::from_utf8(page.answer()).unwrap()
    }

    #[test]
    fn it_is_whole_and_closed_to_everything_foreign() {
        let refusal = RedirectError::Refused {
            code: "access_denied, AADSTS65004".to_owned(),
            meaning: "the user declined".to_owned(),
            advice: "Start again",
        };
        for (page, status) in [
            (Page::done(Some("admin@acme.example")), "200"),
            (Page::failed("it failed. Do this"), "200"),
            (Page::refused(&refusal), "200"),
            (Page::refused(&RedirectError::WrongState), "400"),
            (Page::elsewhere(), "200"),
            (Page::not_here("404 Not Found"), "404"),
        ] {
            let answer = text(&page);
            let (head, html) = answer.split_once("\r\n\r\n").unwrap();
            assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{head}");
            for header in [
                "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'",
                "Referrer-Policy: no-referrer",
                "Cache-Control: no-store",
                "Connection: close",
                &format!("Content-Length: {}", html.len()),
            ] {
                assert!(head.lines().any(|line| line == header), "{header} in {head}");
            }
            for foreign in ["<script", "http:", "https:", "src=", "href=", "url(", "onload"] {
                assert!(!html.contains(foreign), "{foreign} in {html}");
            }
            assert!(html.len() < 2048);
        }
    }

    #[test]
    fn names_are_escaped_and_cleaned() {
        let answer = text(&Page::done(Some("<b onload='x'>&\"\r\n\u{202e}\u{1b}")));
        assert!(answer.contains("as &lt;b onload=&#39;x&#39;&gt;&amp;&quot;  ?, and"), "{answer}");
    }

    #[test]
    fn an_error_becomes_a_sentence() {
        assert_eq!(sentence("the code expired. Start again"), "The code expired. Start again.");
        assert_eq!(sentence("ends."), "Ends.");
        assert_eq!(sentence(""), "");
    }
}
