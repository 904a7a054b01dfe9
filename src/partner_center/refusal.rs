//! What a server said when it refused. Partner Center has several forms for that, its gateways have others, and some send
//! nothing or a page of HTML (developer/error-codes).

use std::fmt;

use reqwest::StatusCode;
use serde_json::Value;

use super::body;
use super::json::Fields;
use super::scrub::{cut, excerpt};

/// An answer other than success.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// Partner Center's own code, where it gives one.
    pub code: Option<String>,
    /// What the server says, cleaned and cut.
    pub description: Option<String>,
}

impl Refusal {
    /// Reads an error's body. Never fails: what can't be read is described. `secrets` are left out of any text.
    pub(super) fn read(status: StatusCode, raw: &[u8], secrets: &[&str]) -> Self {
        let mut refusal = Self { status: status.as_u16(), code: None, description: None };
        let shown = |text: Option<String>| text.map(|t| excerpt(&t, secrets)).filter(|t| !t.is_empty());
        match body::parse(raw) {
            Ok(value) => {
                let (code, description) = code_and_description(&value);
                refusal.code = shown(code).map(|code| cut(&code, 40));
                refusal.description = shown(description);
            }
            Err(_) => refusal.description = shown(Some(body::describe(raw))),
        }
        refusal
    }

    /// Whether it is for want of multi-factor authentication. There is a code for that, but not every service sends it
    /// (<https://learn.microsoft.com/partner-center/security/partner-security-requirements-mandating-mfa>).
    pub(super) fn is_about_mfa(&self) -> bool {
        let is_word = |word: &str| word.eq_ignore_ascii_case("MFA");
        let says = |text: &str| text.split(|c: char| !c.is_ascii_alphanumeric()).any(is_word);
        self.has_mfa_code() || self.description.as_deref().is_some_and(says)
    }

    /// Whether it is for want of multi-factor authentication by its code, and not only by its words.
    pub(super) fn has_mfa_code(&self) -> bool {
        self.number() == Some(900_421)
    }

    /// The code as a number.
    pub(super) fn number(&self) -> Option<u32> {
        self.code.as_deref()?.parse().ok()
    }
}

fn code_and_description(value: &Value) -> (Option<String>, Option<String>) {
    let Some(fields) = Fields::of(value) else { return (None, value.as_str().map(str::to_owned)) };
    if let Some(inner) = fields.object("error") {
        return (inner.text("code"), inner.text("message"));
    }
    let code = fields.text("code").or_else(|| fields.text("error"));
    let description =
        ["description", "message", "error_description", "title"].iter().find_map(|name| fields.text(name));
    (code, description)
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HTTP {}", self.status)?;
        if let Some(reason) = StatusCode::from_u16(self.status).ok().and_then(|s| s.canonical_reason()) {
            write!(f, " {reason}")?;
        }
        if let Some(code) = &self.code {
            write!(f, ", code {code}")?;
        }
        if let Some(description) = &self.description {
            write!(f, ", \"{}\"", description.trim_end_matches('.'))?;
        }
        Ok(())
    }
}

/// What to do about a 403, by its code where that tells (developer/error-codes).
pub(super) fn advice_on_forbidden(refusal: &Refusal) -> &'static str {
    advice_by_code(refusal).unwrap_or(
        "Give the signed-in user the Admin Agent role (and GDAP for that customer), or redo the consent with \
         multi-factor authentication",
    )
}

/// What to do about a 403 whose code tells.
pub(super) fn advice_by_code(refusal: &Refusal) -> Option<&'static str> {
    Some(match refusal.number()? {
        20002 => "There is no commerce relationship with this customer (any more)",
        2030 | 2006 => "The partner's programme does not allow this for that customer's region or offer",
        900_309 => "Conditional Access blocks the token: change the policy, the network or the device",
        900_329 => "This needs a signed-in user, not the app alone: redo the consent",
        800_039 | 900_149 | 900_124 | 900_123 => {
            "The programme is not active or the Microsoft Partner Agreement is not signed: see to that in Partner Center"
        }
        800_073..=800_075 | 900_416 => {
            "Microsoft has this customer under review or locked: ask Partner Center support"
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_read() {
        let long_html = format!("<html><head><title>502 Bad Gateway</title></head>{}", "x".repeat(500));
        for (body, expected) in [
            (
                r#"{"code":20002,"description":"No relationship.","data":[]}"#,
                "HTTP 403 Forbidden, code 20002, \"No relationship\"",
            ),
            (r#"{"Code":"2032","Description":"no right"}"#, "HTTP 403 Forbidden, code 2032, \"no right\""),
            (r#"{"statusCode":403,"message":"denied"}"#, "HTTP 403 Forbidden, \"denied\""),
            (r#"{"error":{"code":"Denied","message":"no"}}"#, "HTTP 403 Forbidden, code Denied, \"no\""),
            (r#"{"error":"nope","error_description":"why"}"#, "HTTP 403 Forbidden, code nope, \"why\""),
            (r#""just text""#, "HTTP 403 Forbidden, \"just text\""),
            ("[1,2]", "HTTP 403 Forbidden"),
            ("{}", "HTTP 403 Forbidden"),
            ("", "HTTP 403 Forbidden, \"an empty body\""),
            ("plain words", "HTTP 403 Forbidden, \"not JSON: plain words\""),
            (&long_html, "HTTP 403 Forbidden, \"a page of HTML: 502 Bad Gateway\""),
        ] {
            assert_eq!(
                Refusal::read(StatusCode::FORBIDDEN, body.as_bytes(), &[]).to_string(),
                expected,
                "{body}"
            );
        }
    }

    #[test]
    fn nothing_secret_or_steering_is_shown() {
        let body = r#"{"code":"a\u001b[2J","description":"token hunter2 \u202e refused"}"#;
        let shown = Refusal::read(StatusCode::FORBIDDEN, body.as_bytes(), &["hunter2"]).to_string();
        assert_eq!(shown, "HTTP 403 Forbidden, code a?[2J, \"token …  refused\"");
    }

    #[test]
    fn want_of_mfa_is_known_by_code_or_word() {
        for (body, expected) in [
            (r#"{"code":900421,"description":"no"}"#, true),
            (r#"{"code":"900421"}"#, true),
            (r#"{"code":1,"description":"MFA required."}"#, true),
            (r#"{"error":{"code":"Unauthorized","message":"needs (mfa)"}}"#, true),
            (r#"{"code":900420,"description":"wrong audience"}"#, false),
            (r#"{"code":1,"description":"see manufacturer xmfay"}"#, false),
            ("", false),
        ] {
            let refusal = Refusal::read(StatusCode::UNAUTHORIZED, body.as_bytes(), &[]);
            assert_eq!(refusal.is_about_mfa(), expected, "{body}");
        }
    }

    #[test]
    fn advice_follows_the_code() {
        let forbidden =
            |body: &str| advice_on_forbidden(&Refusal::read(StatusCode::FORBIDDEN, body.as_bytes(), &[]));
        assert!(forbidden(r#"{"code":20002}"#).contains("relationship"));
        assert!(forbidden(r#"{"code":"20002"}"#).contains("relationship"));
        assert!(forbidden("<html>").contains("Admin Agent"));
    }
}
