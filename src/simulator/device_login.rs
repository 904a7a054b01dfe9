//! Signing in with a device code: where a client gets one, and the page where a person types it.

use super::aadsts::LoginError;
use super::audiences::{audience_of, check_audience, check_tenant};
use super::devices::{DEVICE_CODE_LIFE, INTERVAL};
use super::form::Fields;
use super::login;
use super::users::SignIn;
use super::{APP_ID, Shared, answers, sign_in_page};
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

const MICROSOFT_PAGE: &str = "https://microsoft.com/devicelogin";
const WRONG_CODE: &str = "That code is wrong, has expired or was used already.";

/// `POST /{tenant}/oauth2/v2.0/devicecode`
pub(super) async fn device_code(
    State(shared): State<Arc<Shared>>,
    Path(tenant): Path<String>,
    body: Bytes,
) -> Response {
    let form = Fields::parse(&body);
    match device_code_for(&shared, &tenant, &form) {
        Ok(body) => answers::json(StatusCode::OK, &body),
        Err(error) => error.response(),
    }
}

fn device_code_for(shared: &Shared, tenant: &str, form: &Fields) -> Result<Value, LoginError> {
    check_tenant(tenant)?;
    if !form.need("client_id")?.eq_ignore_ascii_case(APP_ID) {
        return Err(LoginError::new(700_016));
    }
    let scope = form.need("scope")?;
    check_audience(&audience_of(scope)?, &shared.base_url)?;
    let life = shared.faults().device_life.unwrap_or(DEVICE_CODE_LIFE);
    let (device_code, user_code) = shared.devices().issue(scope, life);
    let (page, note) = if shared.sign_in_page {
        (format!("{}/devicelogin", shared.base_url), "")
    } else {
        (MICROSOFT_PAGE.to_owned(), " (The simulator signs in by itself.)")
    };
    Ok(json!({
        "user_code": user_code,
        "device_code": device_code,
        "verification_uri": page,
        "expires_in": whole_seconds(life),
        "interval": INTERVAL.as_secs(),
        "message": format!(
            "To sign in, use a web browser to open the page {page} and enter the code {user_code} to authenticate.{note}"
        ),
    }))
}

// Rounded up: a code that lives for less than a second is none that has already expired.
fn whole_seconds(life: Duration) -> u64 {
    life.as_secs() + u64::from(life.subsec_nanos() > 0)
}

/// `GET /devicelogin`, with the code in `user_code` once it is typed.
pub(super) async fn page(State(shared): State<Arc<Shared>>, RawQuery(query): RawQuery) -> Response {
    let query = Fields::parse(query.unwrap_or_default().as_bytes());
    match query.get("user_code") {
        None => sign_in_page::ask_for_code(None),
        Some(code) if shared.devices().is_waiting(code) => {
            sign_in_page::choices(login::APP_NAME, "post", &[("user_code", code)])
        }
        Some(_) => sign_in_page::ask_for_code(Some(WRONG_CODE)),
    }
}

/// `POST /devicelogin`: what the person has chosen.
pub(super) async fn chosen(State(shared): State<Arc<Shared>>, body: Bytes) -> Response {
    let form = Fields::parse(&body);
    let Some(sign_in) = form.get("sign_in_as").and_then(SignIn::named) else {
        return sign_in_page::ask_for_code(Some("No way to sign in was chosen."));
    };
    if !shared.devices().choose(form.get("user_code").unwrap_or_default(), sign_in) {
        return sign_in_page::ask_for_code(Some(WRONG_CODE));
    }
    sign_in_page::done(match sign_in {
        SignIn::Declined => "You have declined. You may close this window.",
        SignIn::ExpiredCode => "The code has expired. You may close this window.",
        _ => "You have signed in on your other device. You may close this window.",
    })
}
