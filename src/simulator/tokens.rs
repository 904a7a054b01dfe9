//! What the login has issued: codes, device codes and tokens.

use super::{APP_ID, PARTNER_DOMAIN, PARTNER_TENANT, REFRESH_TOKEN};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// How long access tokens say they last, in seconds.
pub(super) const EXPIRES_IN: u64 = 3599;
/// How long a sign-in may take, in seconds.
pub(super) const DEVICE_CODE_LIFE: u64 = 900;
const CODE_LIFE: Duration = Duration::from_secs(600);
// So many polls find the user still signing in.
const PENDING_POLLS: u32 = 2;

/// Who an access token stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Caller {
    /// A user of the partner, signed in through the app with MFA.
    User,
    /// The app on its own.
    App,
}

/// What an access token is good for.
#[derive(Clone)]
pub(super) struct Access {
    pub audience: String,
    pub caller: Caller,
    pub expires: Instant,
}

/// What an authorization code was issued for.
#[derive(Clone)]
pub(super) struct Code {
    pub redirect_uri: String,
    /// The PKCE challenge (S256); the older endpoint goes without.
    pub challenge: Option<String>,
    pub scope: String,
}

/// What became of a code that was handed in.
pub(super) enum Redeemed<T> {
    Unknown,
    Used,
    Expired,
    Pending,
    Granted(T),
}

struct IssuedCode {
    code: Code,
    issued: Instant,
    used: bool,
}

struct Device {
    scope: String,
    issued: Instant,
    polls: u32,
}

/// All that this simulator has issued, but refresh tokens: those are known by their own check digits, so that
/// one that a client kept outlives the simulator.
#[derive(Default)]
pub(super) struct Tokens {
    access: HashMap<String, Access>,
    codes: HashMap<String, IssuedCode>,
    devices: HashMap<String, Device>,
}

impl Tokens {
    /// A new access token that the API accepts for `life`.
    pub(super) fn issue_access(&mut self, audience: &str, caller: Caller, life: Option<Duration>) -> String {
        let now = Instant::now();
        let forgotten = Duration::from_secs(EXPIRES_IN);
        self.access.retain(|_, access| access.expires + forgotten > now);
        let claims = claims(audience, caller);
        let token = jwt(&claims);
        let access = Access {
            audience: audience.to_owned(),
            caller,
            expires: now + life.unwrap_or(Duration::from_secs(EXPIRES_IN)),
        };
        self.access.insert(token.clone(), access);
        token
    }

    /// What `token` is good for, if it was issued here.
    pub(super) fn access(&self, token: &str) -> Option<Access> {
        self.access.get(token).cloned()
    }

    /// A new authorization code.
    pub(super) fn issue_code(&mut self, code: Code) -> String {
        self.codes.retain(|_, issued| issued.issued.elapsed() < 2 * CODE_LIFE);
        let text = format!("1.AXoA{}", opaque());
        let issued = IssuedCode { code, issued: Instant::now(), used: false };
        self.codes.insert(text.clone(), issued);
        text
    }

    /// Takes an authorization code in, once.
    pub(super) fn redeem_code(&mut self, text: &str) -> Redeemed<Code> {
        let Some(issued) = self.codes.get_mut(text) else {
            return Redeemed::Unknown;
        };
        if std::mem::replace(&mut issued.used, true) {
            Redeemed::Used
        } else if issued.issued.elapsed() > CODE_LIFE {
            Redeemed::Expired
        } else {
            Redeemed::Granted(issued.code.clone())
        }
    }

    /// A new device code.
    pub(super) fn issue_device_code(&mut self, scope: String) -> String {
        let life = Duration::from_secs(DEVICE_CODE_LIFE);
        self.devices.retain(|_, device| device.issued.elapsed() < 2 * life);
        let code = format!("D{}", opaque());
        let device = Device { scope, issued: Instant::now(), polls: 0 };
        self.devices.insert(code.clone(), device);
        code
    }

    /// Asks whether the user has signed in: not at the first polls, then once. Grants the scope asked for.
    pub(super) fn poll_device_code(&mut self, code: &str) -> Redeemed<String> {
        let Some(device) = self.devices.get_mut(code) else {
            return Redeemed::Unknown;
        };
        device.polls += 1;
        if device.issued.elapsed() > Duration::from_secs(DEVICE_CODE_LIFE) {
            Redeemed::Expired
        } else if device.polls <= PENDING_POLLS {
            Redeemed::Pending
        } else if device.polls == PENDING_POLLS + 1 {
            Redeemed::Granted(device.scope.clone())
        } else {
            Redeemed::Used
        }
    }
}

/// A new refresh token; the ones before it stay valid.
pub(super) fn new_refresh_token() -> String {
    let nonce = Uuid::new_v4().simple().to_string();
    let check = check_digits(&nonce);
    format!("1.AXoA{nonce}.{check}")
}

/// Whether a simulator, this one or an earlier one, has issued this refresh token.
pub(super) fn is_refresh_token(token: &str) -> bool {
    let parts = token.strip_prefix("1.AXoA").and_then(|rest| rest.split_once('.'));
    token == REFRESH_TOKEN || parts.is_some_and(|(nonce, check)| check == check_digits(nonce))
}

fn check_digits(nonce: &str) -> String {
    let digest = Sha256::digest(format!("cspdeck simulator {nonce}"));
    URL_SAFE_NO_PAD.encode(&digest[..12])
}

/// An id token for the signed-in user.
pub(super) fn id_token() -> String {
    jwt(&claims(APP_ID, Caller::User))
}

fn claims(audience: &str, caller: Caller) -> Value {
    let now = jiff::Timestamp::now().as_second();
    let mut claims = json!({
        "aud": audience,
        "iss": format!("https://sts.windows.net/{PARTNER_TENANT}/"),
        "iat": now,
        "nbf": now,
        "exp": now + EXPIRES_IN.cast_signed(),
        "appid": APP_ID,
        "appidacr": "1",
        "tid": PARTNER_TENANT,
        "ver": "1.0",
    });
    match caller {
        Caller::User => {
            claims["amr"] = json!(["pwd", "mfa"]);
            claims["scp"] = json!("user_impersonation");
            claims["upn"] = json!(format!("admin@{PARTNER_DOMAIN}"));
            claims["name"] = json!("Fabrikam Admin");
        }
        Caller::App => claims["idtyp"] = json!("app"),
    }
    claims
}

fn jwt(claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let header = json!({ "typ": "JWT", "alg": "RS256", "kid": "simulator" });
    format!("{}.{}.{}", part(&header), part(claims), opaque())
}

fn opaque() -> String {
    let bytes = [Uuid::new_v4().into_bytes(), Uuid::new_v4().into_bytes()].concat();
    URL_SAFE_NO_PAD.encode(bytes)
}
