//! What an access token says about itself. Its signature is not checked, and an access token is not meant for the client to
//! read: this is good for display and diagnosis, never for a decision about rights.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde_json::Value;

use super::json::{Fields, text_of};
use super::scrub::cut;
use crate::domain::text::printable;

/// Longest token that is looked into, in bytes.
const TOKEN_LENGTH: usize = 64 * 1024;
/// Longest text of a claim that is kept, in characters.
const TEXT_LENGTH: usize = 200;
/// Most entries of a list that are kept.
const ENTRIES: usize = 200;

/// See the module. All of it is fit to be printed; what the token does not tell is none or empty, and an opaque token tells
/// nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Claims {
    /// The tenant that the user signed in to (`tid`).
    pub tenant: Option<String>,
    /// The user's sign-in name.
    pub user: Option<String>,
    /// The user's display name.
    pub name: Option<String>,
    /// The app's id.
    pub app_id: Option<String>,
    /// Whether the user signed in with multi-factor authentication (`amr`); none where the token does not tell how they did.
    pub mfa: Option<bool>,
    /// Whom the token is for: an address or an app's id.
    pub audience: Option<String>,
    /// What it allows on the user's behalf.
    pub scopes: Vec<String>,
    /// The user's roles in the app.
    pub roles: Vec<String>,
    /// The user's roles in the directory, by template id.
    pub wids: Vec<String>,
    /// When it was issued, UTC.
    pub issued_at: Option<Timestamp>,
    /// When it lapses, UTC.
    pub expires_at: Option<Timestamp>,
}

impl Claims {
    /// Reads what can be read.
    pub(super) fn of(access_token: &str) -> Self {
        payload(access_token).as_ref().and_then(Fields::of).map(Self::read).unwrap_or_default()
    }

    fn read(fields: Fields<'_>) -> Self {
        let text = |names: &[&str]| names.iter().find_map(|name| fields.text(name)).map(|text| shown(&text));
        let moment = |name| Timestamp::from_second(fields.text(name)?.parse().ok()?).ok();
        let methods = list(fields, "amr");
        Self {
            tenant: text(&["tid"]),
            user: text(&["upn", "unique_name", "preferred_username", "email"]),
            name: text(&["name"]),
            app_id: text(&["appid", "azp"]),
            mfa: (!methods.is_empty())
                .then(|| methods.iter().any(|method| method.eq_ignore_ascii_case("mfa"))),
            audience: text(&["aud"]),
            scopes: list(fields, "scp"),
            roles: list(fields, "roles"),
            wids: list(fields, "wids"),
            issued_at: moment("iat"),
            expires_at: moment("exp"),
        }
    }
}

/// The middle part of a JWT.
fn payload(token: &str) -> Option<Value> {
    if token.len() > TOKEN_LENGTH {
        return None;
    }
    let mut parts = token.split('.');
    let (Some(_), Some(payload), Some(_), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return None;
    };
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?).ok()
}

/// A list, or a text of several words.
fn list(fields: Fields<'_>, name: &str) -> Vec<String> {
    let words = |text: String| text.split_whitespace().take(ENTRIES).map(shown).collect();
    match fields.array(name) {
        Some(entries) => entries.iter().filter_map(text_of).take(ENTRIES).map(|text| shown(&text)).collect(),
        None => fields.text(name).map(words).unwrap_or_default(),
    }
}

fn shown(text: &str) -> String {
    cut(&printable(text), TEXT_LENGTH)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn jwt(payload: &Value) -> String {
        format!("eyJ0eXAiOiJKV1QifQ.{}.c2ln", URL_SAFE_NO_PAD.encode(payload.to_string()))
    }

    #[test]
    fn a_users_token_is_read() {
        let claims = Claims::of(&jwt(&json!({
            "aud": "https://pc.example", "tid": "t-1", "upn": "admin@acme.example", "name": "Ada Admin", "appid": "app-1",
            "amr": ["pwd", "mfa"], "scp": "user_impersonation other", "wids": ["w-1"], "roles": ["r-1", 7, {}],
            "iat": 1_767_225_600, "exp": "1767229200"
        })));
        let expected = Claims {
            tenant: Some("t-1".to_owned()),
            user: Some("admin@acme.example".to_owned()),
            name: Some("Ada Admin".to_owned()),
            app_id: Some("app-1".to_owned()),
            mfa: Some(true),
            audience: Some("https://pc.example".to_owned()),
            scopes: vec!["user_impersonation".to_owned(), "other".to_owned()],
            roles: vec!["r-1".to_owned(), "7".to_owned()],
            wids: vec!["w-1".to_owned()],
            issued_at: Some("2026-01-01T00:00:00Z".parse().unwrap()),
            expires_at: Some("2026-01-01T01:00:00Z".parse().unwrap()),
        };
        assert_eq!(claims, expected);
    }

    #[test]
    fn mfa_is_said_only_where_the_token_tells() {
        for (payload, mfa) in [
            (json!({"amr": ["pwd", "mfa"]}), Some(true)),
            (json!({"amr": ["MFA"]}), Some(true)),
            (json!({"amr": "pwd mfa"}), Some(true)),
            (json!({"amr": ["pwd"]}), Some(false)),
            (json!({"amr": ["pwd", "no-mfa"]}), Some(false)),
            (json!({"amr": []}), None),
            (json!({"amr": null}), None),
            (json!({"amr": {"mfa": true}}), None),
            (json!({}), None),
        ] {
            assert_eq!(Claims::of(&jwt(&payload)).mfa, mfa, "{payload}");
        }
    }

    #[test]
    fn the_first_name_that_the_token_has_is_the_users() {
        for (payload, user) in [
            (json!({"unique_name": "u", "email": "e"}), Some("u")),
            (json!({"upn": " ", "preferred_username": "p", "email": "e"}), Some("p")),
            (json!({"email": "e"}), Some("e")),
            (json!({"sub": "s"}), None),
        ] {
            assert_eq!(Claims::of(&jwt(&payload)).user.as_deref(), user, "{payload}");
        }
    }

    #[test]
    fn hostile_claims_are_cut_and_cleaned() {
        let claims = Claims::of(&jwt(&json!({
            "name": format!("a\u{1b}[2J\u{202e}{}", "x".repeat(5000)), "amr": vec!["\u{1b}"; 1000],
            "iat": "99999999999999999999", "exp": -1e300, "tid": {"deep": [1]}
        })));
        let name = claims.name.unwrap();
        assert!(name.starts_with("a?[2Jx") && name.chars().count() == TEXT_LENGTH + 1, "{name}");
        assert_eq!(
            (claims.mfa, claims.issued_at, claims.expires_at, claims.tenant),
            (Some(false), None, None, None)
        );
    }

    #[test]
    fn an_opaque_token_tells_nothing() {
        let deep = "[".repeat(50_000);
        let long = jwt(&json!({"name": "x".repeat(TOKEN_LENGTH)}));
        for token in ["", "..", "a.b.c", "opaque", "EwB4A8l6BAAU", "a.e30.c.d", &format!("a.{deep}.c"), &long]
        {
            assert_eq!(Claims::of(token), Claims::default(), "{token}");
        }
        let nested = format!("a.{}.c", URL_SAFE_NO_PAD.encode(deep.as_bytes().split_at(40_000).0));
        assert_eq!(Claims::of(&nested), Claims::default());
    }

    proptest! {
        #[test]
        fn no_token_panics(token in "\\PC*", payload in proptest::collection::vec(any::<u8>(), 0..200)) {
            Claims::of(&token);
            Claims::of(&format!("a.{}.c", URL_SAFE_NO_PAD.encode(&payload)));
        }
    }
}
