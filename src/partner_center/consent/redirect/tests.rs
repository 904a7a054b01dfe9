//! Every way in which an answer is pasted, and what is none.

use std::sync::LazyLock;
use std::time::Duration;

use proptest::prelude::*;

use super::super::ConsentOptions;
use super::*;
use crate::partner_center::Timeouts;

fn consent(redirect: &str) -> Consent {
    Consent::begin(ConsentOptions {
        login: "https://login.example".parse().unwrap(),
        partner_center: "https://pc.example".parse().unwrap(),
        tenant: "acme.example".to_owned(),
        client_id: "app".to_owned(),
        client_secret: SecretString::from("s3cret"),
        redirect_uri: redirect.to_owned(),
        registered_uri: redirect.to_owned(),
        timeouts: Timeouts {
            connect: Duration::from_secs(1),
            read: Duration::from_secs(1),
            request: Duration::from_secs(1),
        },
        max_attempts: 1,
    })
    .unwrap()
}

fn local() -> Consent {
    consent("http://localhost:8400")
}

fn code(consent: &Consent, text: &str) -> Result<String, RedirectError> {
    consent.read_redirect(text).map(|code| code.expose().to_owned())
}

fn kind(error: &RedirectError) -> &'static str {
    match error {
        RedirectError::NotAnAddress { .. } => "no address",
        RedirectError::NotFinished => "not finished",
        RedirectError::Foreign { .. } => "foreign",
        RedirectError::Incomplete { missing } => missing,
        RedirectError::WrongState => "wrong state",
        RedirectError::Refused { .. } => "refused",
    }
}

#[test]
fn an_answer_is_read_however_it_is_pasted() {
    let consent = local();
    let state = consent.state.secret();
    let query = format!("code=1.AX%2Fo-_A&state={state}&session_state=5");
    for text in [
        format!("http://localhost:8400/?{query}"),
        format!("http://localhost:8400?{query}"),
        format!("https://localhost:8400/?{query}"),
        format!("HTTP://LOCALHOST:8400/?{query}#"),
        format!("http://127.0.0.1:9000/?{query}"),
        format!("http://[::1]:8400/?{query}"),
        format!("localhost:8400/?{query}"),
        format!("http://localhost:8400/#{query}"),
        format!("http://localhost:8400/?x=1#{query}"),
        format!("/?{query}"),
        format!("?{query}"),
        format!("#{query}"),
        query.clone(),
        format!("state={state}&code=1.AX%2Fo-_A"),
        format!("  \"http://localhost:8400/?{query}\"\r\n"),
        format!("<http://localhost:8400/?{query}>"),
        format!("'{query}'"),
        format!("\u{feff}http://localhost:8400/?{query}\u{200b}"),
        format!("http://localhost:8400/?{}", query.replace('&', "&amp;")),
        format!("http://localhost:8400/?{query}").chars().flat_map(|c| [c, '\n']).collect(),
    ] {
        assert_eq!(code(&consent, &text).as_deref(), Ok("1.AX/o-_A"), "{text}");
    }
}

#[test]
fn another_redirect_address_is_kept_to() {
    let consent = consent("https://login.example/common/oauth2/nativeclient");
    let query = format!("code=c&state={}", consent.state.secret());
    for own in
        ["https://login.example/common/oauth2/nativeclient", "login.example/common/oauth2/nativeclient/"]
    {
        assert_eq!(code(&consent, &format!("{own}?{query}")).as_deref(), Ok("c"), "{own}");
    }
    for (other, expected) in [
        ("https://login.example/acme.example/oauth2/v2.0/authorize", "not finished"),
        ("https://login.example:444/common/oauth2/nativeclient", "foreign"),
        ("http://localhost:8400/", "foreign"),
    ] {
        let error = code(&consent, &format!("{other}?{query}")).unwrap_err();
        assert_eq!(kind(&error), expected, "{other}");
    }
}

#[test]
fn what_is_no_answer_is_told_apart() {
    let consent = local();
    let state = consent.state.secret();
    let long = format!("http://localhost:8400/?code={}&state={state}", "c".repeat(TEXT_LENGTH));
    for (text, expected) in [
        (String::new(), "no address"),
        ("\"  \"".to_owned(), "no address"),
        ("1.AXoAcode".to_owned(), "no address"),
        ("http://[".to_owned(), "no address"),
        (long, "no address"),
        (format!("code=a&code=b&state={state}"), "no address"),
        (format!("code=a&state={state}&state={state}"), "no address"),
        (consent.address().to_owned(), "not finished"),
        ("https://login.example/kmsi".to_owned(), "not finished"),
        (format!("https://evil.example/?code=c&state={state}"), "foreign"),
        (format!("http://localhost:8400/other?code=c&state={state}"), "foreign"),
        (format!("http://localhost.evil.example:8400/?code=c&state={state}"), "foreign"),
        (format!("//evil.example/?code=c&state={state}"), "foreign"),
        (format!("javascript://localhost:8400/?code=c&state={state}"), "foreign"),
        ("http://localhost:8400/".to_owned(), "code"),
        (format!("http://localhost:8400/?state={state}"), "code"),
        (format!("code=&state={state}"), "code"),
        ("code=c".to_owned(), "state"),
        ("error=access_denied".to_owned(), "state"),
        ("code=c&state=other".to_owned(), "wrong state"),
        (format!("code=c&state={state}x"), "wrong state"),
        (format!("code=c&state={}", &state[1..]), "wrong state"),
        ("error=access_denied&state=other".to_owned(), "wrong state"),
        (format!("code=c&error=access_denied&state={state}"), "refused"),
    ] {
        let error = code(&consent, &text).unwrap_err();
        assert_eq!(kind(&error), expected, "{text}: {error}");
        assert_eq!(error.is_final(), expected == "refused");
        assert!(!format!("{error} {error:?}").contains(state.as_str()), "{error:?}");
    }
    assert_eq!(kind(&code(&local(), &format!("code=c&state={state}")).unwrap_err()), "wrong state");
}

#[test]
fn a_refusal_is_explained() {
    let consent = local();
    for (error, description, parts) in [
        ("access_denied", "AADSTS65004: User declined to consent.", ["AADSTS65004", "declined", "accept"]),
        ("access_denied", "AADSTS90094: needs admin.", ["AADSTS90094", "administrator", "admin consent"]),
        (
            "invalid_request",
            "AADSTS50011: mismatch",
            ["not registered", "http://localhost:8400", "Register exactly"],
        ),
        ("access_denied", "", ["access_denied", "declined", "accept"]),
        ("server_error", "AADSTS90033: try\u{1b}[2J later", ["server_error", "try?[2J later", "minutes"]),
        ("odd\u{1b}[31m", "told in words", ["odd?[31m", "told in words", "Start the consent again"]),
    ] {
        let text = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs([
                ("error", error),
                ("error_description", description),
                ("state", consent.state.secret()),
            ])
            .finish();
        let refusal = code(&consent, &text).unwrap_err();
        assert!(refusal.is_final());
        for part in parts {
            let text = refusal.to_string().to_lowercase();
            assert!(text.contains(&part.to_lowercase()), "{part} in {text}");
        }
    }
}

// One is enough for all cases: each would load the machine's certificates anew.
static SHARED: LazyLock<Consent> = LazyLock::new(local);

proptest! {
    #[test]
    fn no_text_panics_and_none_is_taken(text in "\\PC{0,200}", query in "(code|state|error)=\\PC{0,20}&\\PC{0,20}") {
        let consent = &*SHARED;
        prop_assert!(code(consent, &text).is_err());
        prop_assert!(code(consent, &query).is_err());
        let address = format!("http://localhost:8400/?{query}");
        prop_assert!(code(consent, &address).is_err());
    }
}
