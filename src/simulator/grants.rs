//! The token endpoint: who the client is, which grant it hands in, and the tokens it gets.

use super::aadsts::LoginError;
use super::caller::Caller;
use super::claims::EXPIRES_IN;
use super::devices::{Polled, Rules};
use super::form::Fields;
use super::tokens::Redeemed;
use super::users::User;
use super::{APP_ID, APP_SECRET, Shared, audiences, claims, refresh_tokens};
use axum::http::{HeaderMap, header};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";
// So many polls find the user still signing in.
const PENDING_POLLS: u32 = 2;

/// Which form of the login is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    V1,
    V2,
}

/// What a grant allows.
struct Granted {
    caller: Caller,
    scope: String,
}

/// Answers a request for a token.
///
/// # Errors
/// As Microsoft's login: unknown tenant, app, secret or grant, and whatever the faults `reject_token` and `deny_graph_consent` say.
pub(super) fn token(
    shared: &Shared,
    tenant: &str,
    version: Version,
    headers: &HeaderMap,
    form: &Fields,
) -> Result<Value, LoginError> {
    audiences::check_tenant(tenant)?;
    if let Some(code) = shared.faults().reject_token {
        return Err(LoginError::new(code));
    }
    let grant_type = form.need("grant_type")?;
    check_client(headers, form, grant_type == DEVICE_CODE)?;
    let granted = match grant_type {
        "authorization_code" => authorization_code(shared, version, form),
        "refresh_token" => refresh_token(shared, version, form),
        "client_credentials" => client_credentials(version, form),
        DEVICE_CODE => device_code(shared, version, form),
        _ => Err(LoginError::new(70_003)),
    }?;
    let audience = match version {
        Version::V1 => granted.scope.trim_end_matches('/').to_owned(),
        Version::V2 => audiences::audience_of(&granted.scope)?,
    };
    audiences::check_audience(&audience, &shared.base_url)?;
    if shared.faults().deny_graph_consent && audiences::is_graph_alone(&audience, &shared.base_url) {
        return Err(LoginError::new(65_001));
    }
    Ok(answer(shared, version, &granted, &audience))
}

fn answer(shared: &Shared, version: Version, granted: &Granted, audience: &str) -> Value {
    let faults = shared.faults();
    let access_token = shared.tokens().issue_access(audience, granted.caller, faults.token_life);
    let mut body = json!({ "token_type": "Bearer", "access_token": access_token });
    match version {
        // The older endpoint writes numbers as text.
        Version::V1 => {
            let now = jiff::Timestamp::now().as_second();
            body["expires_in"] = json!(EXPIRES_IN.to_string());
            body["ext_expires_in"] = json!(EXPIRES_IN.to_string());
            body["expires_on"] = json!((now + EXPIRES_IN.cast_signed()).to_string());
            body["not_before"] = json!((now - 300).to_string());
            body["resource"] = json!(audience);
        }
        Version::V2 => {
            body["expires_in"] = json!(EXPIRES_IN);
            body["ext_expires_in"] = json!(EXPIRES_IN);
        }
    }
    let Caller::User(user) = granted.caller else {
        return body;
    };
    let has = |wanted: &str| granted.scope.split(' ').any(|scope| scope == wanted);
    if version == Version::V1 {
        body["scope"] = json!("user_impersonation");
    } else {
        body["scope"] = json!(format!("{audience}/user_impersonation"));
    }
    if (version == Version::V1 || has("offline_access")) && !faults.no_refresh_token {
        body["refresh_token"] = json!(refresh_tokens::issue(user));
    }
    if version == Version::V1 || has("openid") {
        body["id_token"] = json!(claims::token(APP_ID, granted.caller));
    }
    body
}

// The id and secret come in the form or, percent-encoded, in a Basic header. A device has no secret to give.
fn check_client(headers: &HeaderMap, form: &Fields, is_device: bool) -> Result<(), LoginError> {
    let basic = basic_credentials(headers);
    let (id, secret) = match &basic {
        Some((id, secret)) => (id.as_str(), Some(secret.as_str())),
        None => (form.need("client_id")?, form.get("client_secret")),
    };
    if !id.eq_ignore_ascii_case(APP_ID) {
        return Err(LoginError::new(700_016));
    }
    match secret {
        Some(APP_SECRET) => Ok(()),
        Some(_) => Err(LoginError::new(7_000_215)),
        None if is_device => Ok(()),
        None => Err(LoginError::new(7_000_218)),
    }
}

fn basic_credentials(headers: &HeaderMap) -> Option<(String, String)> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let encoded = value.strip_prefix("Basic ")?;
    let text = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    let decoded = |text: &str| {
        // As a form's value: a name before it, and the value comes out decoded.
        Fields::parse(format!("v={text}").as_bytes()).get("v").map(str::to_owned)
    };
    Some((decoded(id)?, decoded(secret).unwrap_or_default()))
}

fn wanted(version: Version, form: &Fields) -> Option<&str> {
    match version {
        Version::V1 => form.get("resource"),
        Version::V2 => form.get("scope"),
    }
}

fn signed_in(user: User, scope: impl Into<String>) -> Granted {
    Granted { caller: Caller::User(user), scope: scope.into() }
}

fn authorization_code(shared: &Shared, version: Version, form: &Fields) -> Result<Granted, LoginError> {
    let code = match shared.tokens().redeem_code(form.need("code")?) {
        Redeemed::Granted(code) => code,
        Redeemed::Used => return Err(LoginError::new(54_005)),
        Redeemed::Expired => return Err(LoginError::new(70_008)),
        Redeemed::Unknown => return Err(LoginError::new(70_000)),
    };
    if form.need("redirect_uri")? != code.redirect_uri {
        return Err(LoginError::new(500_112));
    }
    if let Some(challenge) = &code.challenge {
        let verifier = form.get("code_verifier").unwrap_or_default();
        if URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)) != *challenge {
            return Err(LoginError::new(50_148));
        }
    }
    Ok(signed_in(code.user, wanted(version, form).unwrap_or(&code.scope)))
}

fn refresh_token(shared: &Shared, version: Version, form: &Fields) -> Result<Granted, LoginError> {
    let token = refresh_tokens::read(form.need("refresh_token")?).ok_or_else(|| LoginError::new(70_000))?;
    if shared.faults().revoke_refresh_tokens && shared.tokens().is_revoked(token) {
        return Err(LoginError::new(50_173));
    }
    let scope = wanted(version, form).unwrap_or(match version {
        Version::V1 => audiences::PARTNER_CENTER,
        Version::V2 => audiences::DEFAULT_SCOPE,
    });
    Ok(signed_in(token.user, scope))
}

fn client_credentials(version: Version, form: &Fields) -> Result<Granted, LoginError> {
    let scope = match (version, wanted(version, form)) {
        (_, None) => return Err(LoginError::missing("scope")),
        (Version::V2, Some(scope)) if !scope.ends_with("/.default") => {
            return Err(LoginError::new(1_002_012));
        }
        (_, Some(scope)) => scope.to_owned(),
    };
    Ok(Granted { caller: Caller::App, scope })
}

fn device_code(shared: &Shared, version: Version, form: &Fields) -> Result<Granted, LoginError> {
    if version == Version::V1 {
        return Err(LoginError::new(70_003));
    }
    let faults = shared.faults();
    let rules = Rules {
        pending_polls: faults.pending_polls.unwrap_or(PENDING_POLLS),
        ends_as: (!shared.sign_in_page).then_some(faults.sign_in_as),
        slows_down: faults.slow_down,
    };
    match shared.devices().poll(form.need("device_code")?, &rules) {
        Polled::Granted(user, scope) => Ok(signed_in(user, scope)),
        Polled::Pending => Err(LoginError::new(70_016)),
        // Codes of their own are not known for these two.
        Polled::TooFast => Err(LoginError::new(70_016).named("slow_down")),
        Polled::Declined => Err(LoginError::new(65_004).named("authorization_declined")),
        Polled::Expired => Err(LoginError::new(70_020)),
        Polled::Unknown | Polled::Used => Err(LoginError::new(7_000_014)),
    }
}
