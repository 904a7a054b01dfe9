//! The pages on which a person signs in. They need no script.

use super::answers;
use super::users::SignIn;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;

const TITLE: &str = "Sign in to your account (simulated)";
const STYLE: &str = "body{font-family:sans-serif;max-width:34em;margin:3em auto;padding:0 1em}\
    button,input{display:block;margin:.6em 0;padding:.6em;font-size:1em;width:100%;box-sizing:border-box}";

/// Asks how the sign-in shall end. The buttons send `sign_in_as` and the `hidden` fields to the page's own address.
pub(super) fn choices(app: &str, method: &str, hidden: &[(&str, &str)]) -> Response {
    let mut form = format!(
        "<p>The app <b>{}</b> wants to access Partner Center as you. How shall the sign-in end?</p>\r\n<form method=\"{method}\">\r\n",
        escaped(app)
    );
    for (name, value) in hidden {
        let (name, value) = (escaped(name), escaped(value));
        form.push_str(&format!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">\r\n"));
    }
    for sign_in in SignIn::ALL {
        let (name, label) = (sign_in.name(), label(sign_in));
        form.push_str(&format!("<button name=\"sign_in_as\" value=\"{name}\">{label}</button>\r\n"));
    }
    form.push_str("</form>");
    page(StatusCode::OK, &form)
}

fn label(sign_in: SignIn) -> &'static str {
    match sign_in {
        SignIn::Admin => "Sign in as the admin agent (with MFA)",
        SignIn::NoMfa => "Sign in without MFA",
        SignIn::NoRole => "Sign in as a user without a role",
        SignIn::OtherTenant => "Sign in to another tenant",
        SignIn::Declined => "Decline the consent",
        SignIn::ExpiredCode => "Let the code expire",
    }
}

/// Asks for the code that another device shows, and says what was wrong with the last one.
pub(super) fn ask_for_code(wrong: Option<&str>) -> Response {
    let status = if wrong.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let wrong = wrong.map(|text| format!("<p><b>{}</b></p>\r\n", escaped(text))).unwrap_or_default();
    let form = format!(
        "{wrong}<form method=\"get\">\r\n\
         <label>Enter the code that your other device shows:\r\n\
         <input name=\"user_code\" autocomplete=\"off\" autofocus required></label>\r\n\
         <button>Next</button>\r\n</form>"
    );
    page(status, &form)
}

/// Says that all is done.
pub(super) fn done(text: &str) -> Response {
    page(StatusCode::OK, &format!("<p>{}</p>", escaped(text)))
}

fn page(status: StatusCode, content: &str) -> Response {
    let page = format!(
        "<!DOCTYPE html>\r\n<html lang=\"en\"><head><title>{TITLE}</title><style>{STYLE}</style></head>\r\n\
         <body><h2>{TITLE}</h2>\r\n{content}\r\n</body></html>\r\n"
    );
    let mut response = answers::html_page(status, page);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(letter),
        }
    }
    escaped
}
