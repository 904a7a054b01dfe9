//! What the login's tokens say of themselves.

use super::audiences::GRAPH;
use super::caller::Caller;
use super::{APP_ID, IDENTITY_CLIENT_ID, PARTNER_TENANT};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use uuid::Uuid;

/// How long access tokens say they last, in seconds.
pub(super) const EXPIRES_IN: u64 = 3599;
// What the app may do at Graph, and at every other service.
const BILLING: &str = "PartnerBilling.Read.All";
const ALL: &str = "user_impersonation";

/// A token with the claims of `caller`, for `audience`.
pub(super) fn token(audience: &str, caller: Caller) -> String {
    jwt(&claims(audience, caller))
}

fn claims(audience: &str, caller: Caller) -> Value {
    let now = jiff::Timestamp::now().as_second();
    let tenant = match caller {
        Caller::User(user) => user.tenant(),
        Caller::App | Caller::Identity => PARTNER_TENANT,
    };
    let mut claims = json!({
        "aud": audience,
        "iss": format!("https://sts.windows.net/{tenant}/"),
        "iat": now,
        "nbf": now,
        "exp": now + EXPIRES_IN.cast_signed(),
        "appid": APP_ID,
        "appidacr": "1",
        "tid": tenant,
        "ver": "1.0",
    });
    match caller {
        Caller::User(user) => {
            claims["amr"] = json!(user.methods());
            claims["scp"] = json!(if audience == GRAPH { BILLING } else { ALL });
            claims["oid"] = json!(user.object_id());
            claims["upn"] = json!(user.principal_name());
            claims["name"] = json!(user.name());
        }
        Caller::App => {
            claims["idtyp"] = json!("app");
            if audience == GRAPH {
                claims["roles"] = json!([BILLING]);
            }
        }
        Caller::Identity => {
            claims["idtyp"] = json!("app");
            claims["appid"] = json!(IDENTITY_CLIENT_ID);
            claims["appidacr"] = json!("2");
        }
    }
    claims
}

fn jwt(claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let header = json!({ "typ": "JWT", "alg": "RS256", "kid": "simulator" });
    format!("{}.{}.{}", part(&header), part(claims), opaque())
}

/// What nobody can guess.
pub(super) fn opaque() -> String {
    let bytes = [Uuid::new_v4().into_bytes(), Uuid::new_v4().into_bytes()].concat();
    URL_SAFE_NO_PAD.encode(bytes)
}
